import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.normalize.attributes import (
    MAX_ATTRIBUTES_BYTES,
    MAX_DEPTH,
    to_attributes,
)

VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=9,
)
OBJECT = st.dictionaries(st.text(max_size=5), VALUE, max_size=4)


def nested(depth: int) -> dict[str, Any]:
    inner: object = 1
    for _ in range(depth - 1):
        inner = [inner]
    return {"a": inner}


@given(st.lists(st.none() | OBJECT))
def test_attributes_come_back_as_they_were(given: list[dict[str, Any] | None]) -> None:
    column, faults = to_attributes(given, None)
    assert faults == []
    assert [text and json.loads(text) for text in column.to_pylist()] == [
        one or None for one in given
    ]


@given(st.lists(st.tuples(OBJECT, OBJECT), min_size=1))
def test_others_join_and_never_replace(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    given, others = [list(side) for side in zip(*pairs, strict=True)]
    column, faults = to_attributes(given, others)
    assert faults == []
    for text, one, other in zip(column.to_pylist(), given, others, strict=True):
        assert (text and json.loads(text)) == ((other | one) or None)


def test_attributes_may_be_the_text_of_an_object() -> None:
    assert to_attributes(['{"a": 1}'], None)[0].to_pylist() == ['{"a":1}']


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ([1], "invalid_attributes"),
        (5, "invalid_attributes"),
        ("no JSON", "invalid_attributes"),
        ("[]", "invalid_attributes"),
        ("\ud800", "invalid_attributes"),
        ({"a": "\ud800"}, "invalid_attributes"),
        ({"\udfff": 1}, "invalid_attributes"),
        (nested(5_000), "invalid_attributes"),
        (nested(MAX_DEPTH + 1), "attributes_too_deep"),
        ({"a": "x" * MAX_ATTRIBUTES_BYTES}, "attributes_too_large"),
    ],
)
def test_what_cannot_be_kept_is_refused_alone(bad: object, code: str) -> None:
    column, faults = to_attributes([{"b": 1}, bad, None, {"c": 2}], None)
    assert column.to_pylist() == ['{"b":1}', None, None, '{"c":2}']
    assert [(fault.row, fault.code) for fault in faults] == [(1, code)]


def test_the_limits_themselves_are_inside() -> None:
    largest = {"a": "x" * (MAX_ATTRIBUTES_BYTES - len('{"a":""}'))}
    wide = {"a": [[] for _ in range(MAX_DEPTH * 2)]}
    column, faults = to_attributes([nested(MAX_DEPTH), largest, wide], None)
    assert (column.null_count, faults) == (0, [])
