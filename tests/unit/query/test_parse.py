from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.buckets import GRANULARITIES
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.query import All, Condition, Not, Op, Order, Query, TimeRange
from llm_analytics_hub.model.query import Any as AnyOf
from llm_analytics_hub.query.filters import MAX_CONDITIONS, to_filter
from llm_analytics_hub.query.parse import parse_question
from llm_analytics_hub.query.ranges import MAX_RANGE, to_moment, to_span

NOW = datetime(2025, 11, 19, 10, 0, 0, 250_000, UTC)
BODY: dict[str, Any] = {"measures": ["events"], "time_range": {"last": "24h"}}
EQ = Condition("model", Op.EQ, ("gpt-4o",))
MODEL = {"field": "model", "value": "gpt-4o"}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
    | st.sampled_from(["events", "model", "score", "eq", "in", "last", "24h", "\ud800", "hour", 10**400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["field", "op", "value", "and", "or", "not", "from", "to", "last", "direction"]), inner),
    max_leaves=9,
)  # fmt: skip


def query(**members: Any) -> Query:
    return parse_question(BODY | members, tenant="t", now=NOW).query


def refused(**members: Any) -> str:
    with pytest.raises(InvalidQueryError) as caught:
        query(**members)
    return caught.value.message


def test_a_question_has_defaults_and_a_tenant() -> None:
    end = NOW.replace(microsecond=0) + timedelta(seconds=1)
    assert query() == Query(
        tenant="t", measures=(MEASURES["events"],), dimensions=(), where=All(()),
        time_range=TimeRange(end - timedelta(days=1), end), granularity=None, time_zone="UTC",
        order_by=(Order("events", True),), limit=1000,
    )  # fmt: skip


def test_what_was_written_just_now_belongs_to_the_last_hour() -> None:
    assert query(time_range={"last": "1h"}).time_range.end > NOW


@given(
    st.dictionaries(
        st.sampled_from(
            [*BODY, "dimensions", "filters", "granularity", "time_zone", "order_by", "limit", "x"]
        ),
        JSON,
    )
)
def test_any_body_is_a_question_or_refused(members: dict[str, Any]) -> None:
    try:
        found = parse_question(BODY | members, tenant="t", now=NOW).query
    except InvalidQueryError as error:
        error.message.encode()
    else:
        assert found.time_range.start < found.time_range.end


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"measures": []}, "measures"),
        ({"measures": ["cost"]}, "no measure 'cost'"),
        ({"measures": ["events"] * 21}, "measures"),
        ({"dimensions": ["colour"]}, "no dimension 'colour'"),
        ({"dimensions": ["attributes."]}, "no dimension"),
        ({"dimensions": ["attributes.a'b"]}, "no dimension"),
        ({"dimensions": ["model"] * 7}, "dimensions"),
        ({"time_range": {}}, "`from` and `to`, `last`"),
        ({"time_range": {"last": "1h", "from": "2025-01-01"}}, "not several"),
        ({"time_range": {"last": "soon"}}, "no span"),
        ({"time_range": {"last": "9999d"}}, "longer than"),
        ({"time_range": {"from": "2025-01-02", "to": "2025-01-02"}}, "ends before"),
        ({"time_range": {"from": "2015-01-02", "to": "2025-01-02"}}, "longer than"),
        ({"time_range": {"from": "soon", "to": "later"}}, "no time"),
        ({"granularity": "century"}, "no granularity"),
        ({"time_zone": "Mars/Olympus"}, "no time zone"),
        ({"time_zone": "../../etc/passwd"}, "no time zone"),
        ({"time_zone": ""}, "no time zone"),
        ({"order_by": [{"field": "model"}]}, "none of events"),
        ({"order_by": [{"field": "events", "direction": "up"}]}, "direction"),
        (
            {"fill_gaps": True, "granularity": "hour", "having": [{"field": "events", "value": 1}]},
            "having",
        ),
        ({"limit": 0}, "limit"),
        ({"limit": 10_001}, "limit"),
        ({"limits": 1}, "limits"),
        ({"filters": {"and": [5]}}, "a filter is an object"),
        ({"filters": [{"field": "model", "op": "like", "value": "x"}]}, "no operator"),
        ({"filters": [{"field": "model", "value": None}]}, "a value is"),
        ({"filters": [{"field": "model", "value": "\ud800"}]}, "a value is"),
        ({"filters": [{"field": "model", "value": "x" * 4097}]}, "a value is"),
        ({"filters": [{"field": "model", "op": "in", "value": "x"}]}, "takes a list"),
        ({"filters": [{"field": "model", "op": "in", "value": []}]}, "takes a list"),
        ({"filters": [{"field": "score", "value": "high"}]}, "compared with a number"),
        ({"filters": [{"field": "score", "value": True}]}, "compared with a number"),
        ({"filters": [{"field": "score", "op": "prefix", "value": 1}]}, "is for text"),
        ({"filters": [{"field": "score", "value": 10**400}]}, "finite"),
        ({"filters": [{"field": "score", "value": float("nan")}]}, "finite"),
        ({"filters": [{"field": "model", "value": 1, "extra": 2}]}, "not ['extra']"),
    ],
    ids=lambda value: None if isinstance(value, str) else f"{value!r:.60}",
)
def test_a_refusal_says_what_to_change(members: dict[str, Any], said: str) -> None:
    assert said in refused(**members)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ([], All(())),
        ([MODEL], All((EQ,))),
        (MODEL, EQ),
        ({"and": [MODEL]}, All((EQ,))),
        ({"or": [MODEL, MODEL]}, AnyOf((EQ, EQ))),
        ({"not": MODEL}, Not(EQ)),
        ({"not": {"or": []}}, Not(AnyOf(()))),
        ({"field": "model", "op": "exists"}, Condition("model", Op.EXISTS, ())),
        ({"field": "score", "op": "in", "value": [1, 2.5]}, Condition("score", Op.IN, (1.0, 2.5))),
        ({"field": "attributes.a.b", "value": 5}, Condition("attributes.a.b", Op.EQ, (5.0,))),
    ],
)
def test_filters(body: object, where: object) -> None:
    assert to_filter(body) == where


def test_a_number_is_compared_with_a_text_as_it_is_stored() -> None:
    account = 12_345_678_901_234_567_890
    assert to_filter({"field": "account_id", "value": account}) == Condition(
        "account_id", Op.EQ, (str(account),)
    )


def test_a_filter_has_bounds_however_it_is_nested() -> None:
    deep: dict[str, Any] = MODEL
    for _ in range(MAX_CONDITIONS - 1):
        deep = {"not": deep}
    assert to_filter(deep)
    for body in ({"not": deep}, [MODEL] * MAX_CONDITIONS):
        with pytest.raises(InvalidQueryError, match="at most"):
            to_filter(body)


def test_columns_come_in_the_order_of_the_question_and_once() -> None:
    found = query(
        measures=["cost_usd", "events", "cost_usd"],
        dimensions=["model", "model"],
        granularity="hour",
    )
    assert found.columns == ("time", "model", "cost_usd", "events")
    assert found.order_by == (Order("time", False), Order("model", False))


@pytest.mark.parametrize("name", GRANULARITIES)
def test_every_granularity_of_the_catalogue_is_read(name: str) -> None:
    assert query(granularity=name).granularity == name


@pytest.mark.parametrize(
    ("text", "span"),
    [("15m", timedelta(minutes=15)), ("90min", timedelta(minutes=90)), ("4w", timedelta(weeks=4))],
)
def test_spans(text: str, span: timedelta) -> None:
    assert to_span(text) == span


@given(st.text(max_size=9))
def test_any_text_is_a_span_within_bounds_or_refused(text: str) -> None:
    with suppress(InvalidQueryError):
        assert timedelta() < to_span(text) <= MAX_RANGE


@given(st.timedeltas(timedelta(), timedelta(days=365 * 200)))
def test_a_moment_is_read_to_the_microsecond(since: timedelta) -> None:
    moment = datetime(1990, 1, 1, tzinfo=UTC) + since
    assert to_moment(moment.isoformat()) == moment


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"measures": ["x"]}, "measures"),
        ({"dimensions": ["x"]}, "dimensions"),
        ({"filters": [{"field": "x", "value": 1}]}, "filters"),
        ({"having": [{"field": "x", "value": 1}]}, "having"),
        ({"time_zone": "Mars"}, "time_zone"),
        ({"time_range": {"last": "1 fortnight"}}, "time_range"),
        ({"time_range": {"period": "ever"}}, "time_range.period"),
        ({"granularity": "second"}, "granularity"),
        ({"order_by": [{"field": "x"}]}, "order_by"),
        ({"top": {"dimension": "x"}}, "top.dimension"),
        ({"dimensions": ["model"], "top": {"dimension": "model", "by": "x"}}, "top.by"),
        ({"fill_gaps": True, "granularity": None}, "fill_gaps"),
        ({"limit": 0}, "limit"),
        ({"limits": 5}, "limits"),
    ],
)
def test_a_refusal_names_the_member(members: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidQueryError) as caught:
        query(**members)
    assert caught.value.field == field
