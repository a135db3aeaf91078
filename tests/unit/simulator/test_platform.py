from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.simulator.platform import Platform, history, live

MODULES = {
    "registry", "policy-engine", "marketplace", "observatory", "sentinel", "costops",
    "governance-dashboard",
}  # fmt: skip


def test_the_same_seed_and_time_give_the_same_bytes(monday):
    first = list(history(Platform(7), monday, monday + timedelta(hours=5), 2_000))
    again = list(history(Platform(7), monday, monday + timedelta(hours=5), 2_000))
    assert first == again


def test_another_seed_gives_another_platform(hub, monday):
    end = monday + timedelta(hours=2)
    hub.take(history(Platform(7), monday, end, 1_000))
    ids = set(hub.events)
    hub.take(history(Platform(8), monday, end, 1_000))
    assert len(hub.events) > 1.8 * len(ids)


def test_a_history_repeated_a_little_later_sends_the_same_and_some_more(hub, monday):
    end = monday + timedelta(hours=10, minutes=20)
    hub.take(history(Platform(7), monday, end, 3_000))
    earlier = dict(hub.events)
    hub.take(history(Platform(7), monday, end + timedelta(minutes=30), 3_000))
    new = [row for key, row in hub.events.items() if key not in earlier]
    assert hub.events.items() >= earlier.items()
    assert new
    assert all(datetime.fromisoformat(row["occurred_at"]) >= end for row in new)


def test_nothing_lies_outside_the_time_that_was_asked_for(hub, monday):
    end = monday + timedelta(hours=10, minutes=20)
    hub.take(history(Platform(7), monday, end, 3_000))
    times = [datetime.fromisoformat(row["occurred_at"]) for row in hub.events.values()]
    assert monday <= min(times)
    assert max(times) < end
    assert max(row["end_ns"] for row in hub.spans.values()) <= end.timestamp() * 1e9


@pytest.mark.parametrize(("events", "tolerance"), [(5_000, 0.15), (30_000, 0.04)])
def test_a_history_has_about_as_many_events_as_asked_for(hub, monday, events, tolerance):
    day = history(Platform(7), monday, monday + timedelta(days=1), events)
    assert hub.take(day) == pytest.approx(events, rel=tolerance)


def test_no_time_has_no_events(monday):
    assert list(history(Platform(7), monday, monday, 1_000)) == []


def test_requests_are_of_500_events_at_most_but_for_the_last_trace(monday):
    sizes = [
        request.event_count
        for request in history(Platform(7), monday, monday + timedelta(days=1), 20_000)
    ]
    assert max(sizes) <= 505
    assert sorted(sizes)[len(sizes) // 2] >= 500


def test_every_module_speaks_in_its_share(week):
    total = len(week.events) + len(week.spans)
    counts = Counter(row["source"] for row in week.events.values())
    shares = {source: count / total for source, count in counts.items()}
    assert set(shares) == MODULES
    assert shares["observatory"] == pytest.approx(0.36, abs=0.03)
    assert len(week.spans) / total == pytest.approx(0.36, abs=0.03)
    assert shares["policy-engine"] == pytest.approx(0.12, abs=0.03)
    for source in ("costops", "marketplace"):
        assert 0.02 < shares[source] < 0.12
    for source in ("sentinel", "registry", "governance-dashboard"):
        assert 0.005 < shares[source] < 0.04


def test_every_wire_form_is_used(week):
    forms = {row["form"] for row in week.events.values()}
    assert forms == {
        "application/json", "application/x-ndjson", "cloudevents", "camel envelope",
    }  # fmt: skip


def test_a_cloudevent_has_its_attributes_flat_in_its_data(week):
    anomaly = week.of(event_type="anomaly.detected")[0]
    assert anomaly["form"] == "cloudevents"
    assert anomaly["anomaly_type"]
    assert "attributes" not in anomaly


def test_office_hours_are_busier_than_nights_and_weekends(week):
    hours = Counter(row["occurred_at"][:13] for row in week.of(event_type="inference.completed"))
    assert hours["2025-11-18T14"] > 3 * hours["2025-11-18T03"]
    assert hours["2025-11-18T14"] > 2 * hours["2025-11-22T14"]


def test_agents_are_traced_as_trees(week):
    spans = week.spans.values()
    roots = {row["span_id"]: row for row in spans if not row["parent"]}
    assert {row["gen_ai.operation.name"] for row in roots.values()} == {"invoke_agent"}
    for span in spans:
        root = roots[span["parent"] or span["span_id"]]
        assert span["trace_id"] == root["trace_id"]
        assert root["start_ns"] <= span["start_ns"] <= span["end_ns"] <= root["end_ns"]
    operations = Counter(row["gen_ai.operation.name"] for row in spans)
    assert operations["chat"] == len(spans) / 2
    assert operations["execute_tool"] == operations["chat"] - len(roots)


def test_a_call_has_tokens_unless_it_failed(week):
    for row in week.of(event_type="inference.completed"):
        if row["status"] == "error":
            assert row["error_type"]
            assert "input_tokens" not in row
            assert "ttft_ms" not in row
        else:
            assert 0 <= row["cached_tokens"] <= row["input_tokens"]
            assert row.get("reasoning_tokens", 0) <= row["output_tokens"]
            assert 0 < row["ttft_ms"] <= row["latency_ms"]
    for span in week.spans.values():
        is_success = span["gen_ai.operation.name"] == "chat" and not span["failed"]
        assert ("gen_ai.usage.input_tokens" in span) == is_success


def test_costops_records_what_the_calls_cost_by_the_list(week):
    record = week.of(event_type="cost.recorded", model="gpt-4o-mini", account_id="team-support")[0]
    tokens = record["attributes"]
    full_price = (tokens["input_tokens"] * 0.15 + tokens["output_tokens"] * 0.60) / 1e6
    assert 0.5 * full_price < record["cost_usd"] <= full_price
    assert "input_tokens" not in record


def test_live_goes_on_where_history_ended(hub, monday):
    since = monday + timedelta(hours=9, seconds=7)
    ticks = list(islice(live(Platform(7), ManualClock(since), 20, since=since), 600))
    moments = [when for when, _ in ticks]
    assert moments == sorted(moments)
    assert since < moments[0] <= since + timedelta(seconds=2)
    for when, request in ticks:
        known = set(hub.events) | set(hub.spans)
        hub.take([request])
        fresh = [row for key, row in (hub.events | hub.spans).items() if key not in known]
        assert fresh
        assert all(since <= ended_at(row) <= when for row in fresh)


def ended_at(row):
    if "occurred_at" in row:
        return datetime.fromisoformat(row["occurred_at"])
    return datetime.fromtimestamp(row["end_ns"] // 1000 / 1e6, UTC)


def test_live_has_about_the_rate_that_was_asked_for(hub, monday):
    total = 0
    for when, request in live(Platform(7), ManualClock(monday), 20):
        if when > monday + timedelta(minutes=10):
            break
        total += request.event_count
    assert total == pytest.approx(20 * 600, rel=0.1)


def test_live_is_the_same_for_the_same_seed_and_beginning(monday):
    first = list(islice(live(Platform(7), ManualClock(monday), 5), 200))
    assert first == list(islice(live(Platform(7), ManualClock(monday), 5), 200))
