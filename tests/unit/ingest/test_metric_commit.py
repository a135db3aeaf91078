"""Points of requests to the store: stored once, counted in the receipt, remembered over a restart."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.ingest.metric_commit import MetricCommitter
from llm_analytics_hub.ingest.metric_point import (
    DecodedMetrics,
    Instrument,
    MetricPoint,
    MetricReceipt,
    Numbers,
)
from llm_analytics_hub.ingest.receipt import Rejection
from llm_analytics_hub.ingest.submission import Refused
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.model.stream import POLICIES
from llm_analytics_hub.storage.interface import WriteSet
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

NOON = datetime(2025, 11, 19, 12, tzinfo=UTC)
DAY = TimeRange(NOON - timedelta(1), NOON + timedelta(1))
COUNTER = Instrument("m", "1", "sum", "cumulative", True, "shop", None, "s", "m")
BUCKETS = replace(COUNTER, kind="histogram", is_monotonic=False, identity="m/histogram")
OTHERS = {
    "delta": replace(COUNTER, temporality="delta", identity="m/delta"),
    "gauge": replace(COUNTER, kind="gauge", temporality="", is_monotonic=False),
    "level": replace(COUNTER, is_monotonic=False),
}

Commit = Callable[..., MetricReceipt]


def point(second: int, value: float, instrument: Instrument = COUNTER) -> MetricPoint:
    at = int(NOON.timestamp() + second) * 1_000_000
    return MetricPoint(instrument, (("model", "a"),), 1, at, Numbers(value))


def histogram(second: int, *counts: int) -> MetricPoint:
    numbers = Numbers(float(sum(counts)), sum(counts), None, None, (1.0, 2.0), counts)
    return replace(point(second, 0.0, BUCKETS), numbers=numbers)


class Outage(MemoryStore):
    """A store that can be made to fail."""

    fails = False

    def write(self, rows: WriteSet, /) -> None:
        """See `EventWriter.write`."""
        if self.fails:
            raise UnavailableError("the disk is full")
        super().write(rows)


@pytest.fixture
def store() -> Outage:
    """An empty store."""
    return Outage()


def committing(store: MemoryStore, now: datetime = NOON) -> Commit:
    made = MetricCommitter(store, POLICIES["observatory"], Metrics())
    made.recall(store.metric_state(now - made.remembered_for, 100), now)

    def commit(*points: MetricPoint, at: datetime = now) -> MetricReceipt:
        return made.commit("t", DecodedMetrics(points), at)

    return commit


def values(store: MemoryStore) -> list[float]:
    found: list[float] = store.metric_points("t", "m", DAY, 100)["value"].to_pylist()
    return found[::-1]


def test_a_row_says_what_was_sent_and_what_it_adds(store: Outage) -> None:
    committing(store)(point(1, 5.0), point(2, 7.0))
    row = store.metric_points("t", "m", DAY, 1).to_pylist()[0]
    wanted = {
        "tenant": "t", "source": "observatory", "metric": "m", "unit": "1", "kind": "sum",
        "temporality": "cumulative", "is_monotonic": True, "service": "shop", "environment": None,
        "scope": "s", "labels": [("model", "a")], "value": 2.0, "total": 7.0,
        "started_at": NOON + timedelta(seconds=1), "occurred_at": NOON + timedelta(seconds=2),
        "received_at": NOON, "expires_on": (NOON + timedelta(7)).date(),
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted


def test_the_receipt_counts_every_point(store: Outage) -> None:
    why = Rejection(3, "missing_time", "the point has no time")
    made = MetricCommitter(store, POLICIES["observatory"], metrics := Metrics())
    points = [point(1, 5.0), point(1, 5.0), point(2, 6.0)]
    receipt = made.commit("t", DecodedMetrics(points, [Refused(why, "{}")], 4), NOON)
    assert receipt == MetricReceipt(2, 1, [why], 4)
    counted = metrics.registry.get_sample_value(
        "hub_refused_events_total", {"door": "otlp_metrics", "code": "missing_time"}
    )
    assert counted == 1


@pytest.mark.parametrize("kind", OTHERS)
def test_points_of_every_kind_are_stored_once_however_late_they_come_again(
    store: Outage, kind: str
) -> None:
    commit = committing(store)
    sent = [point(second, float(second), OTHERS[kind]) for second in (1, 2)]
    assert commit(*sent).accepted == 2
    assert (commit(sent[0]).duplicates, commit(sent[1]).duplicates) == (1, 1)
    assert values(store) == [1.0, 2.0]
    assert commit(point(2, 9.0, OTHERS[kind])).accepted == 1


def test_counting_goes_on_after_a_restart(store: Outage) -> None:
    committing(store)(point(1, 5.0), point(3, 8.0), histogram(1, 1, 0, 0), histogram(2, 1, 2, 0))
    hours_later = NOON + timedelta(hours=3)
    commit = committing(store, hours_later)
    assert commit(point(3, 8.0), point(4, 8.0), histogram(2, 1, 2, 0)).duplicates == 3
    assert commit(point(5, 9.0)).accepted == 1
    assert commit(histogram(6, 2, 2, 1)).accepted == 1
    newest = store.metric_points("t", "m", DAY, 2).to_pylist()
    assert [(row["value"], row["bucket_counts"]) for row in newest] == [(2.0, [1, 0, 1]), (1.0, [])]


def test_a_delta_sent_again_after_a_restart_is_a_repeat(store: Outage) -> None:
    delta = point(1, 5.0, OTHERS["delta"])
    committing(store)(delta)
    assert committing(store)(delta).duplicates == 1


def test_what_could_not_be_stored_is_taken_when_it_comes_again(store: Outage) -> None:
    commit = committing(store)
    sent = (point(1, 5.0), point(1, 5.0, OTHERS["delta"]))
    store.fails = True
    with pytest.raises(UnavailableError):
        commit(*sent)
    store.fails = False
    assert commit(*sent).accepted == 2


def test_an_empty_request_writes_nothing(store: Outage) -> None:
    store.fails = True
    assert committing(store)() == MetricReceipt(0, 0)


def counter(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(name, labels) or 0.0


def test_a_refused_point_becomes_a_dead_letter_with_its_reason(store: Outage) -> None:
    made = MetricCommitter(store, POLICIES["observatory"], Metrics())
    why = Rejection(3, "missing_time", "the point has no time")
    made.commit("t", DecodedMetrics([], [Refused(why, '{"metric": "m"}')]), NOON)
    (letter,) = store.dead_letters("t", (), 10).to_pylist()
    wanted = {
        "tenant": "t", "source": "observatory", "door": "otlp_metrics", "code": "missing_time",
        "message": "the point has no time", "payload": '{"metric": "m"}', "received_at": NOON,
    }  # fmt: skip
    assert {name: letter[name] for name in wanted} == wanted


def test_every_outcome_is_counted_by_tenant(store: Outage) -> None:
    made = MetricCommitter(store, POLICIES["observatory"], metrics := Metrics())
    why = Rejection(3, "missing_time", "the point has no time")
    points = [point(1, 5.0), point(1, 5.0), point(2, 6.0)]
    made.commit("t", DecodedMetrics(points, [Refused(why, "{}")], 4), NOON)
    counted = {
        outcome: counter(metrics, "hub_metric_points_total", tenant="t", outcome=outcome)
        for outcome in ("accepted", "duplicate", "refused", "skipped")
    }
    assert counted == {"accepted": 2, "duplicate": 1, "refused": 1, "skipped": 4}


def test_what_was_not_stored_is_not_counted(store: Outage) -> None:
    made = MetricCommitter(store, POLICIES["observatory"], metrics := Metrics())
    store.fails = True
    with pytest.raises(UnavailableError):
        made.commit("t", DecodedMetrics([point(1, 5.0)]), NOON)
    assert counter(metrics, "hub_metric_points_total", tenant="t", outcome="accepted") == 0


def test_a_point_of_a_broken_clock_does_not_make_those_after_it_repeats(store: Outage) -> None:
    commit = committing(store)
    ahead = point(2 * 86_400, 5.0)
    receipt = commit(point(1, 1.0), ahead, point(2, 2.0))
    assert [(one.index, one.code) for one in receipt.rejected] == [(1, "timestamp_in_future")]
    assert receipt.accepted == 2
    assert commit(point(3, 3.0)).accepted == 1
    (letter,) = store.dead_letters("t", (), 10).to_pylist()
    assert '"metric": "m"' in letter["payload"]
    assert commit(ahead, at=NOON + timedelta(days=1)).accepted == 1


def test_a_change_of_type_is_told_at_its_place_and_kept_apart(store: Outage) -> None:
    commit = committing(store)
    commit(point(1, 5.0))
    gauge = replace(COUNTER, kind="gauge", temporality="", is_monotonic=False, identity="m/gauge")
    receipt = commit(point(2, 6.0), point(2, 9.0, gauge))
    (told,) = receipt.repaired
    assert (told.index, told.code) == (1, "metric_type_changed")
    assert told.message == "m was a sum before and is a gauge now: kept apart"
    rows = store.metric_points("t", "m", DAY, 10).to_pylist()
    assert sorted((row["kind"], row["value"]) for row in rows) == [
        ("gauge", 9.0), ("sum", 1.0), ("sum", 5.0),
    ]  # fmt: skip
