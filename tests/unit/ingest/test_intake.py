import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import SaturatedError, UnavailableError
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.intake import Intake, IntakeLimits
from llm_analytics_hub.ingest.receipt import Receipt
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.model.query import EventFilter
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.interface import Table, WriteSet
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
RULES = rules_of(NormalizeSettings())
SECONDS = 20
LONG_AGO = timedelta(hours=1)


class GatedStore(MemoryStore):
    """A store whose writes wait at a gate, are noted, and fail where they are told to."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.reached = threading.Event()
        self.writes: list[list[str]] = []
        self.defect = ""

    def write(self, rows: WriteSet, /) -> None:
        self.reached.set()
        assert self.gate.wait(SECONDS)
        ids = rows[Table.EVENTS]["event_id"].to_pylist()
        if self.defect in ids:
            raise ZeroDivisionError("a defect of the hub")
        super().write(rows)
        self.writes.append(ids)


def submission(*ids: str) -> Submission:
    known = {"source": "a", "event_type": "b.c", "occurred_at": NOW.isoformat()}
    return Submission("t", "events", Decoded([known | {"event_id": one} for one in ids]))


class Hub:
    """An intake whose thread stands at the gate with the first request until it is opened."""

    def __init__(self, **limits: int) -> None:
        self.store = GatedStore()
        self.metrics = Metrics()
        committer = Committer(self.store, DedupWindow(), RULES, self.metrics)
        self.intake = Intake(committer, ManualClock(NOW), self.metrics, IntakeLimits(**limits))

    def submit(self, *ids: str) -> Any:
        return self.intake.submit(submission(*ids))

    def take(self, *ids: str) -> Any:
        return self.intake.take(lambda: submission(*ids))

    def hold(self) -> Any:
        """A request that keeps the thread busy, so that the next ones wait together."""
        first = self.submit("first")
        assert self.store.reached.wait(SECONDS)
        return first

    def open(self) -> None:
        self.store.gate.set()

    def close(self) -> None:
        self.open()
        self.intake.close()


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    yield made
    made.close()


def test_what_waits_together_is_stored_together(hub: Hub) -> None:
    receipts = [hub.hold(), hub.submit("a"), hub.submit("b", "a"), hub.submit()]
    assert not any(receipt.done() for receipt in receipts)
    hub.open()
    assert [receipt.result(SECONDS) for receipt in receipts] == [
        Receipt(1, 0),
        Receipt(1, 0),
        Receipt(1, 1),
        Receipt(0, 0),
    ]
    assert hub.store.writes == [["first"], ["a", "b"]]


def test_a_group_is_no_larger_than_it_may_be() -> None:
    hub = Hub(group_rows=2)
    waiting = [hub.hold(), *(hub.submit(one) for one in "abcde")]
    hub.open()
    assert [receipt.result(SECONDS).accepted for receipt in waiting] == [1] * 6
    assert hub.store.writes == [["first"], ["a", "b"], ["c", "d"], ["e"]]
    hub.close()


def test_a_full_hub_says_so_and_takes_again_when_there_is_room() -> None:
    hub = Hub(waiting_rows=3)
    hub.hold()
    kept = hub.submit("a", "b", "c")
    with pytest.raises(SaturatedError):
        hub.submit("d")
    labels = {"door": "events"}
    assert hub.metrics.registry.get_sample_value("hub_shed_events_total", labels) == 1
    hub.open()
    assert kept.result(SECONDS) == Receipt(3, 0)
    assert hub.submit("d").result(SECONDS) == Receipt(1, 0)
    hub.close()


def test_a_request_larger_than_the_queue_is_taken_when_nothing_waits() -> None:
    hub = Hub(waiting_rows=1)
    hub.open()
    assert hub.submit("a", "b", "c").result(SECONDS) == Receipt(3, 0)
    hub.close()


def test_a_defect_that_one_request_uncovers_fails_that_request_alone(hub: Hub) -> None:
    hub.store.defect = "b"
    receipts = [hub.hold(), hub.submit("a"), hub.submit("b"), hub.submit("c")]
    hub.open()
    assert receipts[1].result(SECONDS) == receipts[3].result(SECONDS) == Receipt(1, 0)
    with pytest.raises(UnavailableError, match="internal error: ZeroDivisionError"):
        receipts[2].result(SECONDS)
    hub.store.defect = ""
    assert hub.submit("b").result(SECONDS) == Receipt(1, 0)


def test_a_sender_that_gave_up_is_not_stored(hub: Hub) -> None:
    hub.hold()
    gone, kept = hub.submit("a"), hub.submit("b")
    assert gone.cancel()
    hub.open()
    assert kept.result(SECONDS) == Receipt(1, 0)
    assert hub.store.writes == [["first"], ["b"]]


def test_what_is_read_here_joins_the_next_commit(hub: Hub) -> None:
    first = hub.hold()
    taken = [hub.take("a"), hub.take("b")]
    beside = hub.submit("c")
    hub.open()
    assert [one.result(SECONDS)[1] for one in taken] == [Receipt(1, 0)] * 2
    assert [one.result(SECONDS) for one in (first, beside)] == [Receipt(1, 0)] * 2
    assert hub.store.writes == [["first"], ["c", "a", "b"]]


def test_who_gives_up_before_the_next_commit_is_not_stored(hub: Hub) -> None:
    hub.hold()
    gone, kept = hub.take("a"), hub.take("b")
    assert gone.cancel()
    hub.open()
    assert kept.result(SECONDS)[1] == Receipt(1, 0)
    assert hub.store.writes == [["first"], ["b"]]


def test_what_cannot_be_read_is_its_askers(hub: Hub) -> None:
    def broken() -> Submission:
        raise UnavailableError("no")

    hub.open()
    with pytest.raises(UnavailableError, match="no"):
        hub.intake.take(broken).result(SECONDS)
    hub.store.defect = "a"
    with pytest.raises(UnavailableError, match="internal error"):
        hub.take("a").result(SECONDS)


def test_closing_stores_what_was_accepted_and_takes_no_more() -> None:
    hub = Hub()
    waiting = [hub.hold(), hub.submit("a"), hub.submit("b")]
    hub.close()
    assert [receipt.result(0).accepted for receipt in waiting] == [1, 1, 1]
    with pytest.raises(UnavailableError, match="shutting down"):
        hub.submit("c")


def test_many_senders_at_once_lose_nothing_and_double_nothing() -> None:
    hub = Hub()
    hub.open()
    accepted: list[int] = []

    def send(thread: int) -> None:
        for number in range(40):
            receipt = hub.submit(f"{thread}-{number}", f"shared-{number}").result(SECONDS)
            accepted.append(receipt.accepted)

    threads = [threading.Thread(target=send, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    hub.close()
    stored = [one for write in hub.store.writes for one in write]
    assert len(stored) == len(set(stored)) == sum(accepted) == 4 * 40 + 40


def test_what_is_stored_later_was_received_later_whatever_the_clock_does() -> None:
    clock, store, metrics = ManualClock(NOW), MemoryStore(), Metrics()
    intake = Intake(Committer(store, DedupWindow(), RULES, metrics), clock, metrics, IntakeLimits())
    moments = [NOW, NOW, NOW - timedelta(seconds=30), NOW + timedelta(seconds=1), NOW - LONG_AGO]
    for number, moment in enumerate(moments):
        clock.set(moment)
        row = {"source": "a", "event_type": "b.c", "event_id": str(number)}
        at = {"occurred_at": (NOW - 2 * LONG_AGO).isoformat()}
        intake.submit(Submission("t", "events", Decoded([row | at]))).result(SECONDS)
    intake.close()
    rows = sorted(store.events(EventFilter("t")).to_pylist(), key=lambda row: row["event_id"])
    later = timedelta(microseconds=1)
    assert [row["received_at"] for row in rows] == [
        NOW, NOW + later, NOW + 2 * later, NOW + timedelta(seconds=1), NOW - LONG_AGO,
    ]  # fmt: skip
