import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.model.event import CANONICAL_FIELDS, CONTENT_SCHEMA, EVENT_SCHEMA
from llm_analytics_hub.normalize.capture import Capture, CaptureRules
from llm_analytics_hub.normalize.normalizer import Arrival, Normalized, normalize
from llm_analytics_hub.settings import NormalizeSettings

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
ARRIVAL = Arrival("default", NOW)
RULES = rules_of(NormalizeSettings())
GOOD = {
    "source": "my-app",
    "event_type": "inference.completed",
    "event_id": "e1",
    "occurred_at": "2025-11-19T09:00:00Z",
}

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**30), 2**63, 1_763_546_400_000]),
    st.floats(),
    st.text(max_size=9),
    st.sampled_from(["\ud800", "NaN", "1e999", "USD", "s", "", "high", "policy", "x" * 2000]),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)
SOUND: dict[str, st.SearchStrategy[Any]] = {
    "source": st.sampled_from(["my-app", "llm-registry", "costops"]),
    "event_type": st.sampled_from(["inference.completed", "asset.registered"]),
    "event_id": st.none() | st.sampled_from(["1", "2", 3]),
    "occurred_at": st.sampled_from(["2025-11-19T09:00:00Z", 1_763_546_400, "2001-02-03 04:05"]),
    "severity": st.none() | st.sampled_from(["high", "P1", 9]),
    "status": st.none() | st.sampled_from(["ok", "weird", "denied"]),
    "model": st.none() | st.sampled_from(["gpt-4o", "no-such-model"]),
    "provider": st.none() | st.just("openai"),
    "input_tokens": st.none() | st.integers(0, 10**6),
    "cost_amount": st.none() | st.sampled_from([0.5, "0.25", 3]),
    "cost_currency": st.none() | st.sampled_from(["USD", "eur", "CHF"]),
    "value": st.none() | st.floats(-1e9, 1e9),
    "unit": st.none() | st.sampled_from(["s", "KB", "parsecs"]),
    "attributes": st.none() | st.just({"a": [1]}) | st.just('{"b": 2}'),
    "content": st.none() | st.just({"prompt": "hello"}),
    "extra": st.none() | st.integers(0, 9),
}
REQUIRED = ("source", "event_type", "occurred_at")
SOUND_ROW = st.fixed_dictionaries(
    {name: SOUND[name] for name in REQUIRED},
    optional={name: SOUND[name] for name in SOUND if name not in REQUIRED},
)
NAME = st.sampled_from(CANONICAL_FIELDS) | st.text(max_size=3)
JUNK_ROW = st.builds(
    dict.__or__, st.fixed_dictionaries({}, optional=SOUND), st.dictionaries(NAME, JUNK, max_size=4)
)
ROWS = st.lists(st.one_of(SOUND_ROW, JUNK_ROW), max_size=6)


def codes(rows: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(fault.row, fault.code) for fault in normalize(rows, ARRIVAL, RULES).faults]


def event(**members: Any) -> dict[str, Any]:
    """The one canonical event of a good raw one with `members`, without its unknowns."""
    done = normalize([GOOD | members], ARRIVAL, RULES)
    assert done.faults == []
    (row,) = done.events.to_pylist()
    return {name: value for name, value in row.items() if value is not None}


def by_row(done: Normalized) -> dict[int, object]:
    """What became of every row: its canonical event, or why it was refused."""
    events = dict(zip(done.rows.to_pylist(), done.events.to_pylist(), strict=True))
    return events | {fault.row: fault for fault in done.faults}


def test_an_event_keeps_what_it_says_and_gets_what_it_leaves_out() -> None:
    assert event() == {
        "tenant": "default",
        "source": "my-app",
        "stream": "observatory",
        "event_id": "e1",
        "event_type": "inference.completed",
        "occurred_at": NOW - timedelta(hours=1),
        "received_at": NOW,
        "event_key": event()["event_key"],
        "key_until": NOW + timedelta(minutes=10),
        "expires_on": (NOW + timedelta(days=8)).date(),
    }


@settings(max_examples=200)
@given(ROWS)
def test_every_row_becomes_an_event_or_a_fault(rows: list[dict[str, Any]]) -> None:
    done = normalize(rows, ARRIVAL, RULES)
    assert done.events.schema == EVENT_SCHEMA
    assert done.contents.schema == CONTENT_SCHEMA
    assert sorted([*done.rows.to_pylist(), *(fault.row for fault in done.faults)]) == [
        *range(len(rows))
    ]
    assert done.events.validate(full=True) is None


@settings(max_examples=200)
@given(ROWS)
def test_many_are_normalised_as_each_alone(rows: list[dict[str, Any]]) -> None:
    together = by_row(normalize(rows, ARRIVAL, RULES))
    for number, row in enumerate(rows):
        (alone,) = by_row(normalize([row], ARRIVAL, RULES)).values()
        found = together[number]
        assert (replace(found, row=0) if not isinstance(found, dict) else found) == alone


@given(st.lists(SOUND_ROW, min_size=1, max_size=4), JUNK_ROW, st.data())
def test_a_bad_row_changes_none_of_its_neighbours(
    rows: list[dict[str, Any]], junk: dict[str, Any], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(rows)))
    beside = by_row(normalize([*rows[:place], junk, *rows[place:]], ARRIVAL, RULES))
    neighbours = [beside[n] for n in range(len(rows) + 1) if n != place]
    assert neighbours == [*by_row(normalize(rows, ARRIVAL, RULES)).values()]


@given(st.lists(SOUND_ROW, max_size=4))
def test_normalising_does_not_change_what_it_was_given(rows: list[dict[str, Any]]) -> None:
    before = repr(rows)
    normalize(rows, ARRIVAL, RULES)
    assert repr(rows) == before


@given(SOUND_ROW)
def test_normalising_an_event_again_changes_nothing(row: dict[str, Any]) -> None:
    once = normalize([row], ARRIVAL, RULES).events
    raw = [
        {name: row[name] for name in CANONICAL_FIELDS if name in row} for row in once.to_pylist()
    ]
    again = normalize(raw, ARRIVAL, RULES).events
    assert again.drop_columns("price_id") == once.drop_columns("price_id")


def test_a_missing_member_is_named() -> None:
    for name in ("source", "event_type", "occurred_at"):
        (fault,) = normalize([GOOD | {name: None}], ARRIVAL, RULES).faults
        assert (fault.code, fault.message) == ("missing_field", f"{name} is missing")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"source": "no name"}, "invalid_source"),
        ({"event_type": "Nein!"}, "invalid_event_type"),
        ({"stream": "river"}, "unknown_stream"),
        ({"occurred_at": "soon"}, "invalid_timestamp"),
        ({"occurred_at": "+57854-03-05T00:00:00Z"}, "invalid_timestamp"),
        ({"occurred_at": 1_763_546_400_000_000_000_000}, "timestamp_out_of_range"),
        ({"occurred_at": "2025-11-20T10:00:00.000001Z"}, "timestamp_in_future"),
        ({"input_tokens": -1}, "negative_tokens"),
        ({"latency_ms": -1}, "negative_value"),
        ({"latency_ms": float("nan")}, "not_finite"),
        ({"cost_usd": "much"}, "invalid_amount"),
        ({"cost_usd": 10**15}, "amount_out_of_range"),
        ({"cost_amount": 1, "cost_currency": "€"}, "unknown_currency"),
        ({"cost_currency": "€"}, "unknown_currency"),
        ({"value": 1, "unit": "x" * 64}, "invalid_unit"),
        ({"attributes": [1]}, "invalid_attributes"),
        ({"event_id": "x" * 1025}, "text_too_long"),
        ({"event_id": None, "content": "\ud800"}, "underivable_id"),
        ({"made_up": "\ud800"}, "invalid_attributes"),
    ],
)
def test_each_fault_has_its_code(members: dict[str, Any], code: str) -> None:
    assert codes([GOOD, GOOD | members, GOOD]) == [(1, code)]


def test_the_first_fault_of_a_row_counts() -> None:
    assert codes([GOOD | {"latency_ms": -1, "source": "no name"}]) == [(0, "invalid_source")]


def test_an_event_may_lie_a_day_ahead_and_no_further() -> None:
    assert event(occurred_at="2025-11-20T10:00:00Z")["occurred_at"] == NOW + timedelta(days=1)


def test_what_has_no_column_is_an_attribute() -> None:
    assert event(colour="red", attributes={"size": 1})["attributes"] == '{"size":1,"colour":"red"}'
    assert "attributes" not in event(colour=None)


def test_words_without_a_meaning_are_kept_beside_the_fallback() -> None:
    found = event(severity="P1", status="weird")
    assert (found["severity"], found["status"]) == ("unknown", "unset")
    assert found["attributes"] == '{"original_severity":"P1","original_status":"weird"}'
    assert "attributes" not in event(severity="HIGH", status="unset")


def test_severities_of_opentelemetry_are_numbers_too() -> None:
    assert event(severity=17)["severity"] == "high"


def test_units_are_converted_and_unknown_ones_keep_their_name() -> None:
    assert {"value": 1500.0, "unit": "ms"}.items() <= event(value=1.5, unit="s").items()
    assert {"value": 3.0, "unit": "parsecs"}.items() <= event(value=3, unit="parsecs").items()


def test_money_is_never_relabelled() -> None:
    assert event(cost_amount=2, cost_currency="XYZ") == event() | {
        "cost_amount": Decimal(2),
        "cost_currency": "XYZ",
    }
    assert event(cost_amount=2)["cost_amount"] == 2
    assert "cost_usd" not in event(cost_amount=2)


def test_a_cost_that_came_is_kept_and_one_that_did_not_is_computed() -> None:
    call = {"provider": "openai", "model": "gpt-4o", "input_tokens": 10**6}
    computed = event(**call)
    assert computed["cost_usd"] == Decimal("2.5")
    assert computed["price_id"].endswith(":openai/gpt-4o")
    assert "cost_usd" not in event(**call, event_type="usage.recorded")  # booked by itself
    sent = event(**call, cost_usd="0.1")
    assert (sent["cost_usd"], "price_id" in sent) == (Decimal("0.1"), False)


def test_the_parts_make_the_total_where_none_came() -> None:
    assert event(input_tokens=3, output_tokens=4)["total_tokens"] == 7
    assert event(input_tokens=3, output_tokens=4, total_tokens=9)["total_tokens"] == 9
    assert "total_tokens" not in event(input_tokens=3)


def test_a_clock_known_to_be_ahead_is_put_right() -> None:
    rules = replace(RULES, clock_skew={"my-app": timedelta(hours=2)})
    done = normalize([GOOD, GOOD | {"source": "other"}], ARRIVAL, rules)
    assert done.events["occurred_at"].to_pylist() == [
        NOW - timedelta(hours=3),
        NOW - timedelta(hours=1),
    ]
    assert done.events["sent_at"].to_pylist() == ["2025-11-19T09:00:00.000000Z", None]


def captured(rows: list[dict[str, Any]], capture: Capture) -> Normalized:
    return normalize(rows, ARRIVAL, replace(RULES, capture=CaptureRules({"default": capture})))


def test_contents_are_kept_where_the_tenant_allows_it_and_counted_where_not() -> None:
    rows: list[dict[str, Any]] = [
        GOOD | {"content": {"prompt": "hello"}},
        GOOD | {"source": "no name", "content": "a"},
        GOOD,
    ]
    for done in (normalize(rows, ARRIVAL, RULES), captured(rows, Capture.OFF)):
        assert (done.contents.num_rows, done.withheld) == (0, 2)
        assert done.events["attributes"].null_count == 2
    kept = captured(rows, Capture.FULL)
    assert (kept.contents.num_rows, kept.withheld) == (1, 0)
    assert "hello" in kept.contents["body"][0].as_py()
    assert kept.events["content_id"].to_pylist() == [*kept.contents["content_id"].to_pylist(), None]


def test_facts_of_contents_join_the_attributes_where_only_metadata_is_kept() -> None:
    rows: list[dict[str, Any]] = [
        GOOD | {"content": {"prompt": "hello"}, "attributes": {"a": 1}},
        GOOD | {"colour": "blue"},
    ]
    done = captured(rows, Capture.METADATA)
    assert [json.loads(text) for text in done.events["attributes"].to_pylist()] == [
        {"a": 1, "content_facts": {"characters": 5}},
        {"colour": "blue"},
    ]
    assert (done.contents.num_rows, done.withheld) == (0, 1)
    assert done.events["content_id"].null_count == 2


def test_an_import_is_remembered_as_long_as_its_events() -> None:
    done = normalize([GOOD], Arrival("default", NOW, remember_always=True), RULES)
    assert done.events["key_until"].to_pylist() == [NOW + timedelta(days=7)]


def test_no_rows_are_no_events() -> None:
    done = normalize([], ARRIVAL, RULES)
    assert (done.events.num_rows, done.contents.num_rows, done.faults) == (0, 0, [])
