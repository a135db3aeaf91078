"""When changes to stored events reach the tables: together, in order, and before any answer."""

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from llm_analytics_hub.model.event import REVISION_SCHEMA
from llm_analytics_hub.model.query import EventFilter
from llm_analytics_hub.storage.clickhouse import applier
from llm_analytics_hub.storage.clickhouse.applier import ApplyLimits
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.interface import Table

from .rows import events

pytestmark = pytest.mark.slow

SOON = timedelta(0)


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Callable[..., ClickHouseStore]]:
    opened: list[ClickHouseStore] = []

    def open_it(limits: ApplyLimits) -> ClickHouseStore:
        opened.append(ClickHouseStore(tmp_path, limits=limits))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


class Spy:
    """Counts what goes to the tables, and when."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[int] = []
        self.called = threading.Semaphore(0)
        self._apply = applier.apply_revisions
        monkeypatch.setattr(applier, "apply_revisions", self)

    def __call__(self, engine: Any, batches: Sequence[pa.RecordBatch], token: str) -> None:
        self._apply(engine, batches, token)
        self.calls.append(sum(batch.num_rows for batch in batches))
        self.called.release()


def change(rows: pa.RecordBatch, row: int, revision: int = 0, **values: Any) -> pa.RecordBatch:
    names = ("tenant", "event_key", "occurred_at", "event_type")
    known = {name: rows[name][row].as_py() for name in names}
    told = known | {"revision": revision, "notes": "{}"} | values
    return pa.RecordBatch.from_pylist([told], REVISION_SCHEMA)


def users(store: ClickHouseStore) -> list[str]:
    found = store.events(EventFilter("t", limit=100)).to_pylist()
    return sorted(row["user_id"] or "" for row in found)


Open = Callable[..., ClickHouseStore]


def test_a_revision_does_not_wait_for_ever(
    open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(monkeypatch)
    store = open_store(ApplyLimits(after=SOON, revisions_wait=3))
    rows = events(1)
    store.write({Table.EVENTS: rows, Table.REVISIONS: change(rows, 0, user_id="ann")})
    assert spy.called.acquire(timeout=60)
    assert spy.calls == [1]


def test_revisions_go_to_the_tables_together(
    open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(monkeypatch)
    limits = ApplyLimits(block_rows=1, after=SOON, revisions_wait=10**9, revisions_at_once=3)
    store = open_store(limits)
    rows = events(3)
    store.write({Table.EVENTS: rows})
    for row in range(3):
        store.write({Table.REVISIONS: change(rows, row, user_id="ann")})
    assert spy.called.acquire(timeout=60)
    assert spy.calls == [3]


def test_a_read_sees_the_revisions_that_were_written_before(open_store: Open) -> None:
    store = open_store(ApplyLimits(after=SOON, revisions_wait=10**9))
    rows = events(3)
    store.write({Table.EVENTS: rows})
    for row, name in enumerate(("ann", "bob", "cid")):
        store.write({Table.REVISIONS: change(rows, row, user_id=name)})
    assert users(store) == ["ann", "bob", "cid"]


def test_a_revision_behind_the_one_that_follows_it_is_still_the_earlier(open_store: Open) -> None:
    store = open_store(ApplyLimits(after=timedelta(hours=1)))
    rows = events(1)
    later, earlier = (change(rows, 0, number, user_id=str(number)) for number in (1, 0))
    store.write({Table.EVENTS: rows, Table.REVISIONS: later})
    store.write({Table.REVISIONS: earlier})
    assert users(store) == ["1"]


def test_postponed_revisions_survive_the_end_of_the_process(
    open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(ApplyLimits(after=SOON, revisions_wait=10**9))
    rows = events(1)
    store.write({Table.EVENTS: rows, Table.REVISIONS: change(rows, 0, user_id="ann")})
    store.close()
    spy = Spy(monkeypatch)
    assert users(open_store(ApplyLimits())) == ["ann"]
    assert spy.calls == []
