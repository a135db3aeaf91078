"""The applier at work: limits, tables that are away or refuse, and reads that wait for writes."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from llm_analytics_hub.errors import SaturatedError, UnavailableError
from llm_analytics_hub.storage.clickhouse.applier import ApplyLimits
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.interface import Table

from .rows import NOON, count_of, events, letter

pytestmark = pytest.mark.slow

ONLY_WHEN_READ = ApplyLimits(block_rows=1_000_000, after=timedelta(hours=1), waiting_rows=10)


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Callable[..., ClickHouseStore]]:
    opened: list[ClickHouseStore] = []

    def open_it(limits: ApplyLimits | None = None) -> ClickHouseStore:
        opened.append(ClickHouseStore(tmp_path, limits=limits))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


Open = Callable[..., ClickHouseStore]


def test_a_full_log_is_saturated_until_it_is_applied(open_store: Open) -> None:
    store = open_store(ONLY_WHEN_READ)
    store.write({Table.EVENTS: events(10)})
    assert store.health()["waiting_rows"] == 10
    with pytest.raises(SaturatedError):
        store.write({Table.EVENTS: events(1)})
    assert count_of(store) == 10
    assert store.health()["waiting_rows"] == 0
    store.write({Table.EVENTS: events(1)})
    assert count_of(store) == 11


def test_a_block_of_rows_is_applied_without_a_read(open_store: Open, tmp_path: Path) -> None:
    store = open_store(ApplyLimits(block_rows=5, after=timedelta(hours=1)))
    for _ in range(4):
        store.write({Table.EVENTS: events(5)})
    store.close()
    assert list((tmp_path / "log").glob("*.log")) == []
    assert count_of(open_store()) == 20


def test_reads_of_every_thread_see_what_was_written_before(open_store: Open) -> None:
    store = open_store(ONLY_WHEN_READ)
    seen: list[int] = []

    def read() -> None:
        seen.append(count_of(store))

    for size in (1, 2, 3):
        store.write({Table.EVENTS: events(1)})
        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        assert seen == [size] * 4
        seen.clear()


def test_readers_and_a_writer_at_once_see_the_count_only_grow(open_store: Open) -> None:
    store = open_store(ApplyLimits(block_rows=7))
    acknowledged = 0
    done = threading.Event()
    faults: list[str] = []

    def watch() -> None:
        last = 0
        while not done.is_set():
            before = acknowledged
            found = count_of(store)
            if not max(last, before) <= found:
                faults.append(f"{found} events seen after {max(last, before)}")
            last = found

    watchers = [threading.Thread(target=watch) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    for _ in range(30):
        store.write({Table.EVENTS: events(3)})
        acknowledged += 3
    done.set()
    for watcher in watchers:
        watcher.join()
    assert faults == []
    assert count_of(store) == 90


def test_letters_can_be_purged_while_events_stream_in(open_store: Open) -> None:
    store = open_store(ApplyLimits(block_rows=1))
    batch = events(2_000)

    def write() -> None:
        for _ in range(20):
            store.write({Table.EVENTS: batch})

    writer = threading.Thread(target=write)
    writer.start()
    purged = 0
    for _ in range(10):
        store.write({Table.DEAD_LETTERS: letter()})
        purged += store.purge_dead_letters("t", ())
    writer.join()
    assert purged == 10
    assert count_of(store) == 40_000


def test_what_the_tables_refuse_is_set_aside_and_the_store_goes_on(
    open_store: Open, tmp_path: Path
) -> None:
    store = open_store()
    batch = events(2)
    place = batch.schema.get_field_index("occurred_at")
    wrong = batch.set_column(place, "occurred_at", pa.array(["no time", "at all"]))
    store.write({Table.EVENTS: wrong})
    assert count_of(store) == 0
    assert len(list((tmp_path / "log" / "refused").glob("*.log"))) == 1
    store.write({Table.EVENTS: events(3)})
    assert count_of(store) == 3
    assert store.health()["waiting_rows"] == 0


def test_a_table_that_comes_back_gets_what_was_written_meanwhile(open_store: Open) -> None:
    store = open_store()
    store._engine.command("RENAME TABLE dead_letters TO away")
    store.write({Table.DEAD_LETTERS: letter()})
    read = threading.Thread(target=store.known_keys, args=(NOON,))
    read.start()
    store._engine.command("RENAME TABLE away TO dead_letters")
    read.join()
    assert store.dead_letters("t", (), 10).num_rows == 1


def test_closing_without_a_table_keeps_the_segment_for_the_next_start(
    open_store: Open, tmp_path: Path
) -> None:
    store = open_store()
    store._engine.command("RENAME TABLE dead_letters TO away")
    store.write({Table.DEAD_LETTERS: letter()})
    store.close()
    assert len(list((tmp_path / "log").glob("*.log"))) == 1
    store = open_store()
    store._engine.command("RENAME TABLE away TO dead_letters")
    assert store.dead_letters("t", (), 10).num_rows == 1


def test_rows_are_not_refused_for_want_of_memory(open_store: Open, tmp_path: Path) -> None:
    store = open_store()
    store._engine.command("SET max_memory_usage = 1000")
    store.write({Table.EVENTS: events(2)})
    store.close()
    assert len(list((tmp_path / "log").glob("*.log"))) == 1
    assert count_of(open_store()) == 2


def test_a_reader_that_waits_while_the_store_closes_is_told(open_store: Open) -> None:
    store = open_store()
    store._engine.command("RENAME TABLE dead_letters TO away")
    store.write({Table.DEAD_LETTERS: letter()})
    told: list[type[Exception]] = []

    def read() -> None:
        try:
            count_of(store)
        except UnavailableError as error:
            told.append(type(error))

    reader = threading.Thread(target=read)
    reader.start()
    store.close()
    reader.join()
    assert told == [UnavailableError]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_nobody_waits_for_an_applier_that_died(open_store: Open, tmp_path: Path) -> None:
    store = open_store(ONLY_WHEN_READ)
    # A file where the folder for refused segments should be: setting one aside fails.
    (tmp_path / "log" / "refused").write_text("")
    batch = events(1)
    place = batch.schema.get_field_index("occurred_at")
    store.write({Table.EVENTS: batch.set_column(place, "occurred_at", pa.array(["no time"]))})
    with pytest.raises(UnavailableError):
        count_of(store)
    with pytest.raises(UnavailableError):
        store.write({Table.EVENTS: events(1)})
