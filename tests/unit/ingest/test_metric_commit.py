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
    refused = [Rejection(3, "missing_time", "the point has no time")]
    made = MetricCommitter(store, POLICIES["observatory"], metrics := Metrics())
    points = [point(1, 5.0), point(1, 5.0), point(2, 6.0)]
    receipt = made.commit("t", DecodedMetrics(points, refused, 4), NOON)
    assert receipt == MetricReceipt(2, 1, refused, 4)
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
