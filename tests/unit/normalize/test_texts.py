import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.stream import POLICIES, SOURCE_SPELLINGS, STREAM_OF_SOURCE
from llm_analytics_hub.normalize.column import Fault
from llm_analytics_hub.normalize.texts import (
    MAX_LENGTH,
    mapped,
    stream_of,
    to_event_type,
    to_source,
    to_status,
    to_stream,
    to_texts,
)

ANY = st.one_of(
    st.none(), st.text(max_size=20), st.integers(), st.booleans(), st.floats(), st.just([1])
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a b", "a b"),
        ("", None),
        (None, None),
        (7, "7"),
        (1.5, "1.5"),
        (True, "true"),
        ("é" * (MAX_LENGTH // 2), "é" * (MAX_LENGTH // 2)),
    ],
)
def test_a_value_becomes_text_or_stays_unknown(value: object, text: str | None) -> None:
    column, faults = to_texts([value, "beside"])
    assert (column.to_pylist(), faults) == ([text, "beside"], [])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([1], "invalid_text"),
        ({"a": 1}, "invalid_text"),
        ("\ud800", "invalid_text"),
        (float("nan"), "invalid_text"),
        (float("-inf"), "invalid_text"),
        pytest.param(10**5000, "invalid_text", id="huge"),
        ("é" * (MAX_LENGTH // 2) + "x", "text_too_long"),
    ],
)
def test_what_is_no_text_is_refused_alone(value: object, code: str) -> None:
    column, faults = to_texts(["before", value, "after"])
    assert column.to_pylist() == ["before", None, "after"]
    assert [(fault.row, fault.code) for fault in faults] == [(1, code)]


@given(st.lists(ANY))
def test_a_column_is_its_values_one_by_one(values: list[object]) -> None:
    column, faults = to_texts(values)
    alone = [to_texts([value]) for value in values]
    assert column.to_pylist() == [single.to_pylist()[0] for single, _ in alone]
    assert [fault.row for fault in faults] == [row for row, (_, found) in enumerate(alone) if found]


def test_a_refused_word_is_a_fault_of_every_row_that_has_it() -> None:
    def no_b(text: str) -> str:
        if text.startswith("b"):
            raise InvalidInputError(text, code="no_b")
        return text.upper()

    column, faults = mapped(pa.array(["a", "b", None, "bb", "b", "a"]), no_b)
    assert column.to_pylist() == ["A", None, None, None, None, "A"]
    assert faults == [Fault(1, "no_b", "b"), Fault(3, "no_b", "bb"), Fault(4, "no_b", "b")]


@pytest.mark.parametrize("spelling", [*SOURCE_SPELLINGS, "LLM-Registry", " sentinel "])
def test_every_spelling_of_a_module_is_a_module(spelling: str) -> None:
    assert to_source(spelling) in STREAM_OF_SOURCE


def test_names_are_lower_case_and_nothing_but_names() -> None:
    assert to_source("My.App-2") == "my.app-2"
    assert to_event_type(" Asset.Registered") == "asset.registered"
    for text in ("", "a b", "é", "-a", "a" * 129, "a\nb", "a/b"):
        with pytest.raises(InvalidInputError) as caught:
            to_source(text)
        assert caught.value.code == "invalid_source"
        with pytest.raises(InvalidInputError) as caught:
            to_event_type(text)
        assert caught.value.code == "invalid_event_type"


def test_a_stream_is_one_of_the_policies() -> None:
    assert [to_stream(name) for name in POLICIES] == list(POLICIES)
    with pytest.raises(InvalidInputError) as caught:
        to_stream("Policy")
    assert caught.value.code == "unknown_stream"


def test_a_stranger_belongs_to_the_stream_that_is_shed_first() -> None:
    assert stream_of("costops") == "cost"
    assert stream_of("my-app") == "observatory"


@given(st.text())
def test_every_status_is_one_of_four(text: str) -> None:
    assert to_status(text) in {"ok", "error", "denied", "unset"}


def test_statuses_of_the_modules_are_known() -> None:
    assert [to_status(word) for word in ("SUCCESS", "Blocked", "timeout", "?")] == [
        "ok",
        "denied",
        "error",
        "unset",
    ]
