"""What a connection must not remember, and how a question is ended."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from llm_analytics_hub.errors import InvalidQueryError, UnavailableError
from llm_analytics_hub.storage.cancellation import Cancellation
from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.interface import Table
from llm_analytics_hub.storage.sql_interface import SqlQuestion

from .rows import events

ENDLESS = "SELECT sum(cityHash64(number)) AS endless FROM numbers(1000000000000)"
FAILS_HALFWAY = "SELECT number FROM numbers(100000000) SETTINGS max_result_rows=1000"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    opened = EmbeddedEngine(tmp_path / "store", readers=1)
    yield opened
    opened.close()


def one(engine: EmbeddedEngine) -> list[dict[str, int]]:
    rows: list[dict[str, int]] = engine.query("SELECT 1 AS one")[0].to_pylist()
    return rows


def wait_until_it_runs(engine: EmbeddedEngine) -> None:
    running = "SELECT count() AS n FROM system.processes WHERE query LIKE '%AS endless%'"
    with engine.apart([]) as other:
        # The question itself is among what runs.
        while other.query(running)[0]["n"][0].as_py() < 2:
            pass


def test_rows_of_a_failed_question_are_not_the_answer_to_the_next(engine: EmbeddedEngine) -> None:
    with pytest.raises(InvalidQueryError):
        engine.query(FAILS_HALFWAY)
    assert one(engine) == [{"one": 1}]


def test_a_running_question_is_ended_from_another_thread(engine: EmbeddedEngine) -> None:
    cancellation = Cancellation()
    seen: list[UnavailableError] = []

    def ask() -> None:
        with pytest.raises(UnavailableError) as told:
            engine.query(ENDLESS, cancellation=cancellation)
        seen.append(told.value)

    asking = threading.Thread(target=ask)
    asking.start()
    wait_until_it_runs(engine)
    cancellation.cancel()
    asking.join()
    assert [error.code for error in seen] == ["cancelled"]
    assert one(engine) == [{"one": 1}]


def test_a_question_that_was_ended_before_never_begins(engine: EmbeddedEngine) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(UnavailableError, match="went away"):
        engine.query(ENDLESS, cancellation=cancellation)
    assert one(engine) == [{"one": 1}]


def test_ending_a_question_that_is_answered_ends_no_other(engine: EmbeddedEngine) -> None:
    cancellation = Cancellation()
    assert engine.query("SELECT 1 AS one", cancellation=cancellation)[0].num_rows == 1
    cancellation.cancel()
    assert one(engine) == [{"one": 1}]


def test_a_connection_apart_keeps_its_settings_to_itself(engine: EmbeddedEngine) -> None:
    asked = "SELECT getSetting('log_comment') AS set"
    with engine.apart(["SET log_comment='x'", "SET readonly=1"]) as connection:
        assert connection.query(asked)[0]["set"].to_pylist() == ["x"]
        with pytest.raises(RuntimeError, match="READONLY"):
            connection.query("SELECT 1 SETTINGS max_threads=1")
    with engine.apart([]) as connection:
        assert connection.query(asked)[0]["set"].to_pylist() == [""]


def test_no_connection_apart_opens_on_a_closed_engine(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path / "store", readers=1)
    engine.close()
    with pytest.raises(UnavailableError, match="closed"), engine.apart([]):
        pass


def test_the_views_of_readers_are_made_again_when_the_store_opens(tmp_path: Path) -> None:
    for total in (2, 4):
        store = ClickHouseStore(tmp_path)
        store.write({Table.EVENTS: events(2)})
        asked = SqlQuestion("t", "SELECT count() AS n FROM events")
        assert store.answer_sql(asked).rows.to_pylist() == [{"n": total}]
        store.close()
