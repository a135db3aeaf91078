"""Questions in the words of the command line."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.cli.question import to_time_range
from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.query.words import to_condition, to_order


@pytest.mark.parametrize(
    ("text", "op", "value"),
    [
        ("model=gpt-4", "eq", "gpt-4"),
        ("model != gpt-4", "ne", "gpt-4"),
        ("model=a=b>c", "eq", "a=b>c"),
        ("model=", "eq", ""),
        ("model~turbo", "contains", "turbo"),
        ("model^=gpt", "prefix", "gpt"),
        ("model=007", "eq", "007"),
        ("model in a, b", "in", ["a", "b"]),
        ('model not in "a,b",c', "not_in", ["a,b", "c"]),
    ],
)
def test_text_is_compared_as_text(text: str, op: str, value: object) -> None:
    assert to_condition(text) == {"field": "model", "op": op, "value": value}


@pytest.mark.parametrize(
    ("text", "op", "value"),
    [
        ("latency_ms>=500", "ge", 500.0),
        ("latency_ms<1e3", "lt", 1000.0),
        ("latency_ms=-.5", "eq", -0.5),
        ("latency_ms > 5", "gt", 5.0),
        ("latency_ms<=x", "le", "x"),
    ],
)
def test_numbers_are_compared_as_numbers(text: str, op: str, value: object) -> None:
    assert to_condition(text) == {"field": "latency_ms", "op": op, "value": value}


def test_attributes_are_numbers_only_where_they_are_put_in_an_order() -> None:
    assert to_condition("attributes.size>10")["value"] == 10.0
    assert to_condition("attributes.size=10")["value"] == "10"


def test_a_field_that_is_there() -> None:
    assert to_condition("user_id exists") == {"field": "user_id", "op": "exists"}


@pytest.mark.parametrize("text", ["model", "=x", "", "model is x"])
def test_what_is_no_condition_is_explained(text: str) -> None:
    with pytest.raises(InvalidQueryError, match="write field=value"):
        to_condition(text)


@given(text=st.text(max_size=40))
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    try:
        found: dict[str, Any] = to_condition(text)
    except InvalidQueryError:
        return
    assert found["field"]
    assert found["op"]


@given(value=st.text())
def test_the_value_is_what_stands_behind_the_sign(value: str) -> None:
    assert to_condition(f"model={value}")["value"] == value.lstrip()


def test_orders() -> None:
    assert to_order("cost_usd:desc") == {"field": "cost_usd", "direction": "desc"}
    assert to_order("model") == {"field": "model", "direction": "asc"}


def test_time_ranges() -> None:
    assert to_time_range("7d", None, None) == {"last": "7d"}
    assert to_time_range(None, "a", "b") == {"from": "a", "to": "b"}


@pytest.mark.parametrize(
    "given",
    [(None, None, None), ("7d", "a", None), (None, "a", None), (None, None, "b"), ("7d", "a", "b")],
)
def test_a_time_range_is_said_once_and_whole(
    given: tuple[str | None, str | None, str | None],
) -> None:
    with pytest.raises(InvalidQueryError, match="--last 7d, or --from"):
        to_time_range(*given)
