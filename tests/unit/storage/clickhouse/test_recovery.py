"""After a crash: what was acknowledged is in the tables, once, whatever was interrupted."""

import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.model.event import REVISION_SCHEMA
from llm_analytics_hub.storage.clickhouse.applier import ApplyLimits
from llm_analytics_hub.storage.clickhouse.commit_log import CommitLog
from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine
from llm_analytics_hub.storage.clickhouse.migrate import migrate, migrations
from llm_analytics_hub.storage.clickhouse.revisions import apply_revisions
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.interface import Table, WriteSet

from .rows import count_of, events, letter

pytestmark = pytest.mark.slow

TABLES = ("events", "rollup_5m", "rollup_hour", "rollup_day")
Crash = Callable[[WriteSet], Path]


@pytest.fixture
def crash(tmp_path: Path) -> Crash:
    """Acknowledges a write and dies before it is applied: gives the segment it leaves."""

    def written(rows: WriteSet) -> Path:
        log = CommitLog(tmp_path / "log")
        log.append(rows)
        segment = log.seal()
        assert segment is not None
        return segment.path

    return written


def sums(folder: Path) -> dict[str, tuple[int, int]]:
    """Events and input tokens that each table of a closed store adds up to."""
    engine = EmbeddedEngine(folder / "store", readers=1)
    try:
        return {table: _sums(engine, table) for table in TABLES}
    finally:
        engine.close()


def _sums(engine: EmbeddedEngine, table: str) -> tuple[int, int]:
    counted = "count()" if table == "events" else "sum(events)"
    sql = f"SELECT {counted} AS n, ifNull(sum(input_tokens), 0) AS t FROM {table}"  # noqa: S608 - TABLES
    (row,) = engine.query(sql)[0].to_pylist()
    return row["n"], row["t"]


def open_and_close(folder: Path) -> None:
    ClickHouseStore(folder).close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    opened = EmbeddedEngine(tmp_path / "store", readers=1)
    migrate(opened)
    yield opened
    opened.close()


def in_every_table(size: int) -> dict[str, tuple[int, int]]:
    return dict.fromkeys(TABLES, (size, 10 * size))


def test_what_a_crash_left_in_the_log_is_applied_once(tmp_path: Path, crash: Crash) -> None:
    crash({Table.EVENTS: events(3), Table.DEAD_LETTERS: letter()})
    crash({Table.EVENTS: events(2)})
    store = ClickHouseStore(tmp_path)
    assert count_of(store) == 5
    assert store.dead_letters("t", (), 10).num_rows == 1
    store.close()
    assert list((tmp_path / "log").glob("*.log")) == []
    open_and_close(tmp_path)
    assert sums(tmp_path) == in_every_table(5)


def test_a_store_that_is_closed_leaves_nothing_in_the_log(tmp_path: Path) -> None:
    store = ClickHouseStore(tmp_path)
    store.write({Table.EVENTS: events(4)})
    store.close()
    assert list((tmp_path / "log").glob("*.log")) == []
    assert sums(tmp_path) == in_every_table(4)


def test_a_segment_applied_but_not_removed_changes_nothing(tmp_path: Path, crash: Crash) -> None:
    segment = crash({Table.EVENTS: events(3)})
    copy = shutil.copy(segment, tmp_path / "copy")
    open_and_close(tmp_path)
    assert not segment.exists()
    shutil.copy(copy, segment)
    open_and_close(tmp_path)
    assert sums(tmp_path) == in_every_table(3)


def test_equal_rows_of_different_writes_are_all_kept(tmp_path: Path, crash: Crash) -> None:
    same = events(3)
    crash({Table.EVENTS: same})
    crash({Table.EVENTS: same})
    open_and_close(tmp_path)
    assert sums(tmp_path) == in_every_table(6)


@pytest.mark.parametrize("view", ["rollup_5m_view", "rollup_hour_view", "rollup_day_view"])
def test_a_crash_between_the_events_and_a_rollup_is_made_good(
    tmp_path: Path, crash: Crash, engine: EmbeddedEngine, view: str
) -> None:
    segment = crash({Table.EVENTS: events(3)})
    (definition,) = [m.sql for m in migrations() if m.name.endswith(view)]
    engine.command(f"DROP VIEW {view}")
    engine.insert("events", events(3), f"{segment.stem}-0")
    engine.command(definition)
    engine.close()
    open_and_close(tmp_path)
    assert sums(tmp_path) == in_every_table(3)


def test_a_crash_between_two_tables_is_made_good(
    tmp_path: Path, crash: Crash, engine: EmbeddedEngine
) -> None:
    rows = events(3)
    segment = crash({Table.EVENTS: rows, Table.DEAD_LETTERS: letter()})
    engine.insert("events", rows, f"{segment.stem}-0")
    engine.close()
    store = ClickHouseStore(tmp_path)
    assert store.dead_letters("t", (), 10).num_rows == 1
    store.close()
    assert sums(tmp_path) == in_every_table(3)


@pytest.mark.parametrize("steps", range(5))
def test_a_crash_amid_a_revision_is_made_good(
    tmp_path: Path, crash: Crash, engine: EmbeddedEngine, steps: int
) -> None:
    rows = events(3)
    engine.insert("events", rows, "earlier")
    change = revision_of(rows, 1)
    segment = crash({Table.REVISIONS: change})
    run = engine.insert_joined
    engine.insert_joined = lambda rows, all_of_them, args: run(rows, all_of_them[:steps], args)  # type: ignore[method-assign]
    apply_revisions(engine, [change], segment.stem)
    engine.close()
    open_and_close(tmp_path)
    assert sums(tmp_path) == dict.fromkeys(TABLES, (3, 20 + 7))


def test_a_revision_that_fails_halfway_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, failures = EmbeddedEngine.insert_joined, [UnavailableError("away")]
    succeeded = threading.Event()

    def fails_once(engine: EmbeddedEngine, rows: Any, all_of_them: Any, args: Any) -> None:
        run(engine, rows, all_of_them[: 1 if failures else None], args)
        if failures:
            raise failures.pop()
        succeeded.set()

    monkeypatch.setattr(EmbeddedEngine, "insert_joined", fails_once)
    store = ClickHouseStore(tmp_path, limits=ApplyLimits(after=timedelta(0), revisions_wait=1))
    rows = events(3)
    store.write({Table.EVENTS: rows, Table.REVISIONS: revision_of(rows, 1)})
    assert succeeded.wait(timeout=60)
    store.close()
    assert sums(tmp_path) == dict.fromkeys(TABLES, (3, 20 + 7))


def revision_of(rows: pa.RecordBatch, row: int) -> pa.RecordBatch:
    """One of `rows` with seven input tokens."""
    names = ("tenant", "event_key", "occurred_at", "event_type")
    known = {name: rows[name][row].as_py() for name in names}
    values = [{**known, "revision": 0, "input_tokens": 7, "notes": "{}"}]
    return pa.RecordBatch.from_pylist(values, REVISION_SCHEMA)


def test_a_large_segment_applied_again_changes_nothing(tmp_path: Path, crash: Crash) -> None:
    segment = crash(
        {Table.EVENTS: pa.concat_batches([events(1_000, attributes="x" * 3_000)] * 100)}
    )
    copy = shutil.copy(segment, tmp_path / "copy")
    open_and_close(tmp_path)
    shutil.copy(copy, segment)
    open_and_close(tmp_path)
    assert sums(tmp_path) == in_every_table(100_000)


@pytest.mark.parametrize("cut", [1, 100, 1500])
def test_a_torn_write_is_lost_alone(tmp_path: Path, cut: int) -> None:
    log = CommitLog(tmp_path / "log")
    log.append({Table.EVENTS: events(3)})
    (path,) = (tmp_path / "log").glob("*.log")
    log.append({Table.EVENTS: events(2)})
    path.write_bytes(path.read_bytes()[:-cut])
    open_and_close(tmp_path)
    assert sums(tmp_path) == in_every_table(3)
    assert not path.exists()


def test_a_damaged_segment_is_applied_up_to_the_damage_and_kept(tmp_path: Path) -> None:
    log = CommitLog(tmp_path / "log")
    log.append({Table.EVENTS: events(3)})
    (path,) = (tmp_path / "log").glob("*.log")
    begins = path.stat().st_size
    log.append({Table.EVENTS: events(2)})
    data = bytearray(path.read_bytes())
    data[begins + 100] ^= 1
    path.write_bytes(data)
    open_and_close(tmp_path)
    assert sums(tmp_path) == in_every_table(3)
    assert (tmp_path / "log" / "refused" / path.name).read_bytes() == data


def test_events_of_forty_years_fit_in_one_write(tmp_path: Path, crash: Crash) -> None:
    first = datetime(1990, 1, 1, tzinfo=UTC)
    months = [first + timedelta(days=31 * month) for month in range(430)]
    crash({Table.EVENTS: pa.concat_batches([events(1, occurred_at=month) for month in months])})
    open_and_close(tmp_path)
    assert sums(tmp_path) == in_every_table(len(months))
