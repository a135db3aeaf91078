"""JSON is repaired for one text or one depth, and for nothing else."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.errors import TooLargeError, UndecodableError
from llm_analytics_hub.ingest.codecs import limits
from llm_analytics_hub.ingest.codecs.json_repair import read_patiently, repaired
from llm_analytics_hub.ingest.codecs.notes import TOO_DEEP, TOO_DEEP_TEXT, Notes, found_in
from llm_analytics_hub.ingest.codecs.otlp import decode_otlp_traces

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


def read(body: bytes) -> Any:
    notes = Notes()
    return read_patiently(body, msgspec.json.decode, notes, 20), notes.is_suspect


@given(VALUES)
def test_sound_json_is_left_alone(value: object) -> None:
    for whole in (json.dumps(value).encode(), json.dumps(value, ensure_ascii=False).encode()):
        assert repaired(whole) == whole


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'"a\xff\xfeb"', "a\ufffd\ufffdb"),
        (rb'"cut \ud83d"', "cut \ufffd"),
        (rb'"\ude00\ud83d\ude00\ud83d"', "\ufffd\U0001f600\ufffd"),
        (rb'"\\ud83d \ud83d"', "\\ud83d \ufffd"),
    ],
)
def test_text_that_is_no_unicode_keeps_its_sound_parts(body: bytes, text: str) -> None:
    assert read(body) == (text, True)


def test_what_lies_too_deep_becomes_a_mark_and_the_rest_stays() -> None:
    deep: Any = b'{"a":' * 5_000 + rb'"}]\"{"' + b"}" * 5_000
    value, is_suspect = read(b'[{"b":"]{["},' + deep + b',{"c":[1]}]')
    assert is_suspect
    assert (value[0], value[2]) == ({"b": "]{["}, {"c": [1]})
    assert found_in(value) == TOO_DEEP
    assert TOO_DEEP_TEXT in json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("body", [b"", b"{", b'{"a":1}}', b"[" * 5_000, b'"' + b"\\" * 99])
def test_what_is_no_json_at_all_is_refused(body: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, RecursionError)):
        read(body)


@given(st.binary(max_size=60))
def test_any_bytes_can_be_looked_at(body: bytes) -> None:
    repaired(body).decode()


def test_more_objects_than_a_request_may_hold_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ITEMS", 2)
    spans = b'{"resourceSpans":[{"scopeSpans":[{"spans":[{},{},{}]}]}]}'
    with pytest.raises(TooLargeError, match="3 items in a request, at most 2 are taken"):
        decode_otlp_traces(spans, "application/json")
    with pytest.raises(TooLargeError):
        limits.check_objects(b"{" * 3, 2)
    limits.check_objects(b"{" * 2, 2)


def test_a_request_that_holds_something_else_is_refused_whole() -> None:
    with pytest.raises(UndecodableError):
        decode_otlp_traces(
            b'{"resourceSpans":[{"scopeSpans":[{"spans":[5]}]}]}', "application/json"
        )
