"""What only this store has: partitions dropped under its rollups, and rows typed on the way out."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from llm_analytics_hub.clock import SystemClock
from llm_analytics_hub.errors import (
    ConflictError,
    HubError,
    InvalidQueryError,
    UnavailableError,
)
from llm_analytics_hub.model.query import EventFilter
from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore, typed
from llm_analytics_hub.storage.interface import Table

from .rows import count_of, events

pytestmark = pytest.mark.slow


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ClickHouseStore]:
    opened = ClickHouseStore(tmp_path)
    yield opened
    opened.close()


def test_rollups_outlive_the_events_they_came_from(store: ClickHouseStore) -> None:
    store.write({Table.EVENTS: events(3, expires_on=date(2025, 11, 17))})
    store.write({Table.EVENTS: events(2, expires_on=date(2025, 11, 24))})
    assert store.drop_expired(datetime(2025, 11, 24, tzinfo=UTC)) == ["events/2025-11-17"]
    assert store._engine.query("SELECT count() FROM events")[0].to_pydict() == {"count()": [2]}
    for table in ("rollup_5m", "rollup_day"):
        (row,) = store._engine.query(f"SELECT sum(events) AS n FROM {table}")[0].to_pylist()  # noqa: S608
        assert row == {"n": 5}


def test_the_newest_are_the_same_whether_they_are_of_the_last_hour_or_not(
    store: ClickHouseStore,
) -> None:
    now = SystemClock().now()
    ages = [timedelta(minutes=minutes) for minutes in (-90, 1, 2, 3, 200, 300, 10_000)]
    for number, age in enumerate(ages):
        store.write({Table.EVENTS: events(1, event_id=str(number), occurred_at=now - age)})
    store.write({Table.EVENTS: events(1, tenant="other", event_id="x", occurred_at=now)})
    for limit in (1, 3, 4, 5, 7, 20):
        found = store.events(EventFilter("t", limit=limit))
        assert found["event_id"].to_pylist() == [str(n) for n in range(len(ages))][:limit]


def test_one_folder_has_one_store(store: ClickHouseStore, tmp_path: Path) -> None:
    with pytest.raises(ConflictError) as caught:
        EmbeddedEngine(tmp_path / "other")
    assert caught.value.code == "data_folder_in_use"
    assert count_of(store) == 0


def test_a_question_over_its_budget_is_refused(store: ClickHouseStore) -> None:
    with pytest.raises(InvalidQueryError) as caught:
        store._engine.query("SELECT sum(number) FROM numbers(1000000) SETTINGS max_rows_to_read=10")
    assert caught.value.code == "budget_exceeded"


def test_rows_that_a_table_refuses_are_reported(store: ClickHouseStore) -> None:
    store._engine.command("ALTER TABLE events ADD CONSTRAINT named CHECK event_id != '0'")
    with pytest.raises(HubError):
        store._engine.insert("events", events(2, event_id="0"), "token")
    assert count_of(store) == 0


def test_a_rollup_that_cannot_be_filled_is_reported(store: ClickHouseStore) -> None:
    store._engine.command("ALTER TABLE rollup_5m ADD CONSTRAINT small CHECK input_tokens < 5")
    with pytest.raises(HubError):
        store._engine.insert("events", events(2), "token")


def test_a_disk_that_takes_no_rows_is_unavailable(store: ClickHouseStore, tmp_path: Path) -> None:
    blocked = tmp_path / "store" / "incoming.arrow"
    blocked.mkdir()
    with pytest.raises(UnavailableError):
        store._engine.insert("events", events(2), "token")
    blocked.rmdir()
    store._engine.insert("events", events(2), "token")
    assert count_of(store) == 2


def test_an_unknown_fault_of_the_engine_is_unavailable(store: ClickHouseStore) -> None:
    with pytest.raises(UnavailableError):
        store._engine.query("SELECT * FROM no_such_table")


def test_the_store_may_be_opened_again(store: ClickHouseStore, tmp_path: Path) -> None:
    store.write({Table.EVENTS: events(3)})
    store.close()
    again = ClickHouseStore(tmp_path)
    assert count_of(again) == 3
    again.close()


def test_typed_gives_the_columns_of_the_schema_and_null_for_empty_text() -> None:
    schema = pa.schema([("name", pa.string()), ("day", pa.date32()), ("size", pa.uint64())])
    found = pa.table({
        "size": pa.array([1, None], pa.uint32()),
        "extra": [1, 2],
        "day": pa.array([date(2025, 1, 1), None], pa.date32()),
        "name": pa.array([b"", b"x"]).dictionary_encode(),
    })  # fmt: skip
    result = typed(found, schema)
    assert result.schema == schema
    assert result.to_pydict() == {
        "name": [None, "x"], "day": [date(2025, 1, 1), None], "size": [1, None],
    }  # fmt: skip
