import contextlib
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.errors import UndecodableError
from llm_analytics_hub.ingest.codecs.json_body import decode_json, decode_lines, objects

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=9,
)
BAD_LINES = [b"{", b"nothing", b"{}}", b'{"a":\xff}', b"[" * 5_000]


@given(JSON)
def test_json_comes_back_as_it_was(value: object) -> None:
    assert decode_json(json.dumps(value).encode()) == value


def test_what_is_no_json_but_common_is_read() -> None:
    value: Any = decode_json(b'{"a": NaN, "b": -Infinity, "c": "\\ud800", "d": 1e400}')
    assert math.isnan(value["a"])
    assert (value["b"], value["c"], value["d"]) == (-math.inf, "\ud800", math.inf)
    assert decode_json(b"\xef\xbb\xbf[1]") == [1]


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"{", b"[1,]", b"{'a': 1}", b"[1] [2]", b'"\xff"', b"\xed\xa0\x80", b"1" * 5_000],
    ids=lambda body: repr(body[:9]),
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(UndecodableError, match="no JSON"):
        decode_json(body)


@pytest.mark.parametrize("body", [b"[" * 10_000, b'{"a":' * 10_000, b"[" * 10_000 + b"]" * 10_000])
def test_a_bottomless_body_is_refused(body: bytes) -> None:
    with pytest.raises(UndecodableError):
        decode_json(body)


@given(st.binary())
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    with contextlib.suppress(UndecodableError):
        decode_json(body)
    values, places, refused = decode_lines(body)
    assert len(values) == len(places)
    assert {*places}.isdisjoint(one.rejection.index for one in refused)


@given(
    st.lists(
        st.one_of(
            st.sampled_from([b"", b"  ", b"\r", b"\t"]),
            st.sampled_from(BAD_LINES),
            st.integers(0, 99).map(lambda number: b'{"n": %d}' % number),
        )
    )
)
def test_every_filled_line_is_a_value_or_refused_at_its_place(lines: list[bytes]) -> None:
    values, places, refused = decode_lines(b"\n".join(lines))
    filled = [line for line in lines if line.strip()]
    good = [place for place, line in enumerate(filled) if line not in BAD_LINES]
    assert places == good
    assert values == [json.loads(filled[place]) for place in good]
    assert [one.rejection.index for one in refused] == [
        n for n in range(len(filled)) if n not in good
    ]


def test_a_refused_line_says_why_and_what_it_was() -> None:
    _, _, (refused,) = decode_lines(b'{"a": 1}\n\n\xff' + b"x" * 5_000)
    assert (refused.rejection.index, refused.rejection.code) == (1, "undecodable")
    assert refused.payload.startswith("\ufffdxxx")
    assert len(refused.payload) == 2_000


def test_what_is_no_object_is_refused_at_its_place() -> None:
    decoded = objects([{"a": 1}, 5, None, {"b": 2}, [1], "x"], [0, 2, 4, 6, 8, 9])
    assert list(decoded.rows) == [{"a": 1}, {"b": 2}]
    assert [decoded.place(row) for row in (0, 1)] == [0, 6]
    assert [(one.rejection.index, one.rejection.code, one.payload) for one in decoded.refused] == [
        (2, "not_an_object", "5"),
        (4, "not_an_object", "null"),
        (8, "not_an_object", "[1]"),
        (9, "not_an_object", '"x"'),
    ]


@pytest.mark.parametrize("depth", range(900, 1000, 7))
def test_a_deep_value_among_objects_is_refused_alone(depth: int) -> None:
    try:
        value: Any = decode_json(b"[" * depth + b"]" * depth)
    except UndecodableError:
        return
    decoded = objects([{"a": 1}, value])
    assert (list(decoded.rows), len(decoded.refused)) == ([{"a": 1}], 1)
