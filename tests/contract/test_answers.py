"""What questions mean, by example: the same for every event store."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from llm_analytics_hub.model.aggregate import Quantile
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.query import (
    All,
    Condition,
    Filter,
    Not,
    Op,
    Order,
    Query,
    TimeRange,
)
from llm_analytics_hub.model.query import (
    Any as AnyOf,
)
from llm_analytics_hub.storage.interface import EventStore, Table

from .strategies import NOON, RANGE, Row, event, event_batch

pytestmark = pytest.mark.slow

NewTenant = Callable[[], str]


def question(tenant: str, *measures: str, **changes: Any) -> Query:
    values: dict[str, Any] = {
        "dimensions": (), "where": All(), "time_range": RANGE, "granularity": None,
        "time_zone": "UTC", "order_by": (), "limit": 100,
    }  # fmt: skip
    wanted = tuple(MEASURES[name] for name in measures)
    return Query(tenant=tenant, measures=wanted, **(values | changes))


def ask(store: EventStore, query: Query) -> list[tuple[Any, ...]]:
    rows = store.answer(query).rows
    assert tuple(rows.column_names) == query.columns
    return [tuple(row.values()) for row in rows.to_pylist()]


def given_events(store: EventStore, tenant: str, *known: Row) -> None:
    rows = [event(tenant, str(place), **row) for place, row in enumerate(known)]
    store.write({Table.EVENTS: event_batch(rows)})


@pytest.fixture
def tenant(new_tenant: NewTenant) -> str:
    return new_tenant()


RANGE_SECONDS = 20 * 86_400
OF_A_BARE_CALL = {
    "events": 1, "requests": 1, "error_rate": 0, "priced_rate": 0,
    "events_per_s": 1 / RANGE_SECONDS, "requests_per_s": 1 / RANGE_SECONDS,
    **{f"ingest_lag_ms_{what}": 0 for what in ("p50", "p95", "p99", "avg", "max")},
}  # fmt: skip
"""What a call says of which nothing is known but that it was, and that it arrived at once."""


def test_nothing_known_sums_to_null_and_counts_zero(store: EventStore, tenant: str) -> None:
    for rows in ([], [{}]):
        given_events(store, tenant, *rows)
        for name, measure in MEASURES.items():
            (answer,) = ask(store, question(tenant, name))
            if rows and name in OF_A_BARE_CALL:
                expected: object = OF_A_BARE_CALL[name]
            else:
                expected = 0 if measure.is_additive else None
            assert answer == (expected,), name


def test_without_events_there_are_no_groups(store: EventStore, tenant: str) -> None:
    assert ask(store, question(tenant, "events", dimensions=("model",))) == []
    assert ask(store, question(tenant, "events", granularity="day")) == []


def test_sums_take_what_is_known_and_stay_exact(store: EventStore, tenant: str) -> None:
    cost = Decimal("12345678901234567890123456.000000000001")
    given_events(
        store, tenant,
        {"cost_usd": cost, "input_tokens": 2**53}, {"cost_usd": Decimal("0.2")}, {"input_tokens": 1},
    )  # fmt: skip
    (answer,) = ask(store, question(tenant, "cost_usd", "input_tokens"))
    assert answer == (Decimal("12345678901234567890123456.200000000001"), 2**53 + 1)


def test_a_request_is_a_model_call_and_an_error_rate_is_of_them(
    store: EventStore, tenant: str
) -> None:
    other = {"event_type": "asset.registered", "status": "error"}
    given_events(store, tenant, {"status": "ok"}, {"status": "error"}, {}, {"status": "ok"}, other)
    (answer,) = ask(store, question(tenant, "events", "requests", "errors", "error_rate"))
    assert answer == (5, 4, 2, 0.25)


def test_rates_of_decisions_leave_out_what_was_not_decided(store: EventStore, tenant: str) -> None:
    statuses = ("ok", "ok", "ok", "denied", "unset", None)
    decisions = [{"stream": "policy", "status": status} for status in statuses]
    given_events(store, tenant, *decisions, {"stream": "security", "status": "denied"})
    (answer,) = ask(store, question(tenant, "denied", "denial_rate", "compliance_rate"))
    assert answer == (2, 0.25, 0.75)


def test_averages_and_extremes_leave_out_the_unknown(store: EventStore, tenant: str) -> None:
    values = (4.0, None, -1.0, 0.0)
    moments = [NOON + timedelta(seconds=second) for second in (0, 9, 5, 1)]
    rows = [{"value": v, "occurred_at": at} for v, at in zip(values, moments, strict=True)]
    given_events(store, tenant, *rows)
    names = ("value_sum", "value_avg", "value_min", "value_max", "value_last")
    (answer,) = ask(store, question(tenant, *names))
    assert answer == (3.0, 1.0, -1.0, 4.0, -1.0)


def test_distinct_values_are_counted_once_and_the_unknown_not(
    store: EventStore, tenant: str
) -> None:
    given_events(store, tenant, *({"user_id": user} for user in ("a", "b", "a", None, "' OR 1=1")))
    assert ask(store, question(tenant, "users", "sessions")) == [(3, 0)]


QUANTILES = [
    measure
    for measure in MEASURES.values()
    if isinstance(measure.aggregate, Quantile) and measure.aggregate.column != "ingest_lag_ms"
]


@given(values=st.lists(st.floats(0.001, 1e6), min_size=1, max_size=60))
@example(values=[1.0])
@example(values=[10.0, 20.0])
@settings(max_examples=15)
def test_a_quantile_is_within_one_rank_or_one_percent(
    store: EventStore, new_tenant: NewTenant, values: list[float]
) -> None:
    tenant = new_tenant()
    given_events(store, tenant, *({"latency_ms": v, "ttft_ms": v} for v in values), {})
    (answer,) = ask(store, question(tenant, *(m.name for m in QUANTILES)))
    ordered = sorted(values)
    for measure, found in zip(QUANTILES, answer, strict=True):
        place = measure.aggregate.level * (len(ordered) - 1)
        lowest = ordered[max(int(place) - 1, 0)]
        highest = ordered[min(int(place) + 2, len(ordered) - 1)]
        assert lowest * 0.99 - 0.001 <= found <= highest * 1.01 + 0.001, measure.name


def test_unknown_is_a_group_of_its_own(store: EventStore, tenant: str) -> None:
    given_events(store, tenant, {"model": "m"}, {}, {"model": "m"}, {"model": "' OR 1=1 --"})
    query = question(
        tenant, "events", dimensions=("model", "tenant"), order_by=(Order("model", False),)
    )
    assert ask(store, query) == [("", tenant, 1), ("' OR 1=1 --", tenant, 1), ("m", tenant, 2)]


@pytest.mark.parametrize(
    ("attributes", "path", "text"),
    [
        ('{"a":"x"}', "a", "x"),
        ('{"a":{"b":"x"}}', "a.b", "x"),
        ('{"a":1}', "a", "1"),
        ('{"a":1234567.0}', "a", "1234567"),
        ('{"a":0.125}', "a", "0.125"),
        ('{"a":12345678901234567890}', "a", "12345678901234567890"),
        ('{"a":true}', "a", "true"),
        ('{"a":null}', "a", ""),
        ('{"a":"null"}', "a", "null"),
        ('{"a":""}', "a", ""),
        ('{"a":"\\"x\\""}', "a", '"x"'),
        ('{"a":{"b":1}}', "a", '{"b":1}'),
        ('{"a":["x",1]}', "a", '["x",1]'),
        ('{"a":1}', "a.b", ""),
        ('{"with space/é\'":"x\\n\\\\"}', "with space/é'", "x\n\\"),
        (None, "a", ""),
    ],
)
def test_an_attribute_is_a_dimension_and_a_filter_as_text(
    store: EventStore, tenant: str, attributes: str | None, path: str, text: str
) -> None:
    given_events(store, tenant, {"attributes": attributes})
    name = f"attributes.{path}"
    assert ask(store, question(tenant, "events", dimensions=(name,))) == [(text, 1)]
    same, known = Condition(name, Op.EQ, (text,)), Condition(name, Op.EXISTS, ())
    assert ask(store, question(tenant, "events", where=same)) == [(1,)]
    assert ask(store, question(tenant, "events", where=known)) == [(int(text != ""),)]


def matching(store: EventStore, tenant: str, where: Filter) -> str:
    query = question(tenant, "events", dimensions=("event_id",), where=where)
    return "".join(sorted(row[0] for row in ask(store, query)))


@pytest.mark.parametrize(
    ("op", "values", "hits"),
    [
        (Op.EQ, ("b",), "1"), (Op.NE, ("b",), "023"), (Op.IN, ("b", "bc"), "12"),
        (Op.NOT_IN, ("b", "bc"), "03"), (Op.LT, ("b",), "03"), (Op.LE, ("b",), "013"),
        (Op.GT, ("b",), "2"), (Op.GE, ("b",), "12"), (Op.PREFIX, ("b",), "12"),
        (Op.CONTAINS, ("c",), "2"), (Op.EXISTS, (), "012"), (Op.EQ, ("",), "3"),
    ],
)  # fmt: skip
def test_texts_compare_as_bytes_and_unknown_as_empty(
    store: EventStore, tenant: str, op: Op, values: tuple[str, ...], hits: str
) -> None:
    given_events(store, tenant, {"region": "a"}, {"region": "b"}, {"region": "bc"}, {})
    assert matching(store, tenant, Condition("region", op, values)) == hits


@pytest.mark.parametrize("field", ["latency_ms", "input_tokens", "cost_usd", "attributes.n"])
@pytest.mark.parametrize(
    ("op", "values", "hits"),
    [
        (Op.EQ, (10.0,), "1"), (Op.NE, (10.0,), "023"), (Op.IN, (9.0, 10.0), "01"),
        (Op.NOT_IN, (9.0, 10.0), "23"), (Op.LT, (10.0,), "0"), (Op.LE, (10.0,), "01"),
        (Op.GT, (9.5,), "12"), (Op.GE, (10.0,), "12"), (Op.EXISTS, (), "012"),
    ],
)  # fmt: skip
def test_numbers_compare_as_numbers_and_unknown_is_only_unequal(
    store: EventStore, tenant: str, field: str, op: Op, values: tuple[float, ...], hits: str
) -> None:
    numbers = (9, 10, 100)
    if field == "attributes.n":
        rows: Sequence[Row] = [{"attributes": f'{{"n":{number}}}'} for number in numbers]
    else:
        rows = [{field: number} for number in numbers]
    given_events(store, tenant, *rows, {})
    assert matching(store, tenant, Condition(field, op, values)) == hits


def test_a_number_finds_the_text_that_spells_it(store: EventStore, tenant: str) -> None:
    given_events(store, tenant, {"asset_version": "1234567"}, {"asset_version": "1.5"})
    for number, hits in ((1234567.0, "0"), (1.5, "1")):
        assert matching(store, tenant, Condition("asset_version", Op.EQ, (number,))) == hits


def test_filters_combine(store: EventStore, tenant: str) -> None:
    given_events(store, tenant, {"region": "a", "model": "m"}, {"region": "a"}, {"model": "m"}, {})
    region, model = Condition("region", Op.EQ, ("a",)), Condition("model", Op.EQ, ("m",))
    assert matching(store, tenant, All((region, model))) == "0"
    assert matching(store, tenant, AnyOf((region, model))) == "012"
    assert matching(store, tenant, Not(AnyOf((region, model)))) == "3"
    assert matching(store, tenant, All()) == "0123"
    assert matching(store, tenant, AnyOf(())) == ""
    assert matching(store, tenant, Not(Not(All((region, Not(model)))))) == "1"


def test_a_range_starts_with_its_start_and_ends_before_its_end(
    store: EventStore, tenant: str
) -> None:
    step = timedelta(microseconds=1)
    given_events(store, tenant, *({"occurred_at": NOON + n * step} for n in range(4)))
    query = question(
        tenant, "events", time_range=TimeRange(NOON + step, NOON + 3 * step),
        dimensions=("event_id",), order_by=(Order("event_id", False),),
    )  # fmt: skip
    assert ask(store, query) == [("1", 1), ("2", 1)]


@pytest.mark.parametrize(
    ("granularity", "zone", "moment", "start"),
    [
        ("minute", "UTC", "2025-11-19T10:07:59.999999", "2025-11-19T10:07"),
        ("5m", "UTC", "2025-11-19T10:07:00", "2025-11-19T10:05"),
        ("15m", "Asia/Kathmandu", "2025-11-19T10:17:00", "2025-11-19T10:15"),
        ("hour", "UTC", "2025-11-19T10:00:00", "2025-11-19T10:00"),
        ("hour", "Asia/Kathmandu", "2025-11-19T10:14:59", "2025-11-19T09:15"),
        ("day", "America/New_York", "2025-11-19T04:59:59", "2025-11-18T05:00"),
        ("day", "Europe/Berlin", "2025-03-30T12:00:00", "2025-03-29T23:00"),
        ("day", "Africa/Cairo", "2025-04-25T12:00:00", "2025-04-24T22:00"),  # has no midnight
        ("hour", "Europe/Berlin", "2025-10-26T00:30:00", "2025-10-26T00:00"),  # 02:30, first
        ("hour", "Europe/Berlin", "2025-10-26T01:30:00", "2025-10-26T01:00"),  # 02:30, again
        ("week", "UTC", "2025-11-23T23:59:59", "2025-11-17T00:00"),
        ("week", "Europe/Berlin", "2025-10-27T00:00:00", "2025-10-26T23:00"),
        ("week", "Europe/Berlin", "2025-10-26T22:59:59", "2025-10-19T22:00"),
        ("month", "America/New_York", "2025-11-01T03:59:59", "2025-10-01T04:00"),
        ("month", "UTC", "2024-02-29T12:00:00", "2024-02-01T00:00"),
    ],
)
def test_buckets_follow_the_calendar_of_the_asker(
    store: EventStore, tenant: str, granularity: str, zone: str, moment: str, start: str
) -> None:
    at, begins = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (moment, start))
    given_events(store, tenant, {"occurred_at": at})
    around = TimeRange(at - timedelta(days=1), at + timedelta(days=1))
    query = question(tenant, "events", granularity=granularity, time_zone=zone, time_range=around)
    assert ask(store, query) == [(begins, 1)]


def test_unknown_is_last_in_both_directions(store: EventStore, tenant: str) -> None:
    given_events(store, tenant, {"value": 1.0}, {}, {"value": 3.0}, {"value": 2.0})
    for descending, expected in ((False, ["0", "3", "2", "1"]), (True, ["2", "3", "0", "1"])):
        query = question(
            tenant, "value_sum", dimensions=("event_id",),
            order_by=(Order("value_sum", descending),),
        )  # fmt: skip
        assert [row[0] for row in ask(store, query)] == expected


def test_a_limit_cuts_after_sorting(store: EventStore, tenant: str) -> None:
    given_events(store, tenant, *({"model": model} for model in "abacbadb"))
    orders = (Order("events", True), Order("model", True))
    query = question(tenant, "events", dimensions=("model",), order_by=orders, limit=3)
    assert ask(store, query) == [("b", 3), ("a", 3), ("d", 1)]
