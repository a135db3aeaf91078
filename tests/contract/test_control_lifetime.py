"""A control store over openings: what survives, who makes the tables, whose schema is refused."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import ConflictError, SettingsError, UnavailableError
from llm_analytics_hub.storage.control.alert_tables import METADATA
from llm_analytics_hub.storage.control.migrate import HEAD
from llm_analytics_hub.storage.control.opening import open_control_url

from .control_stores import Open

pytestmark = pytest.mark.slow


def run(url: str, statement: str, **args: str) -> list[tuple[Any, ...]]:
    """What a program beside the hub would see or do."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement), args)
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()


def test_what_was_written_survives_close_and_reopen(open_store: Open, connector: str) -> None:
    first = open_store()
    first.keep_cursor(connector, "7")
    first.pause(connector, "anna")
    first.close()
    again = open_store()
    assert again.cursor(connector) == "7"
    assert again.paused_by(connector) == "anna"


def test_what_one_wrote_another_reads(open_store: Open, connector: str) -> None:
    one, other = open_store(), open_store()
    for number in range(5):
        one.keep_cursor(connector, str(number))
        assert other.cursor(connector) == str(number)
        other.pause(connector, str(number))
        assert one.paused_by(connector) == str(number)


def test_openings_at_once_make_the_tables_once(open_store: Open, control_url: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        stores = list(threads.map(lambda number: open_store(), range(8)))
    for number, store in enumerate(stores):
        store.keep_cursor(str(number), str(number))
    assert run(control_url, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert run(control_url, "SELECT count(*) FROM connectors") == [(8,)]


def test_the_schema_of_a_newer_program_is_refused_and_left(
    open_store: Open, control_url: str
) -> None:
    open_store().close()
    run(control_url, "UPDATE alembic_version SET version_num = '999'")
    for _ in range(2):
        with pytest.raises(ConflictError, match=r"999.*start the program that wrote it"):
            open_store()
    run(control_url, "UPDATE alembic_version SET version_num = :head", head=HEAD)
    assert open_store().cursor("any") is None


def test_the_migrations_make_the_tables_that_statements_name(
    open_store: Open, control_url: str
) -> None:
    open_store().close()
    engine = create_engine(control_url)
    with engine.connect() as connection:
        compares = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=compares)
        assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_an_interrupted_first_start_begins_again(open_store: Open, control_url: str) -> None:
    run(control_url, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    open_store().keep_cursor("any", "1")
    assert run(control_url, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_a_migration_that_fails_leaves_nothing(open_store: Open, control_url: str) -> None:
    run(control_url, "CREATE TABLE connectors (other TEXT)")
    with pytest.raises(UnavailableError, match="connectors"):
        open_store()
    run(control_url, "CREATE TABLE alembic_version (mine TEXT)")


def test_the_time_of_the_last_change_is_kept_in_utc(control_url: str) -> None:
    clock = ManualClock(datetime(2025, 11, 18, 9, tzinfo=UTC))
    with closing(open_control_url(control_url, clock)) as store:
        store.connectors.keep_cursor("any", "1")
        clock.set(datetime(2025, 11, 19, 10, tzinfo=UTC))
        store.connectors.pause("any", "anna")
    [(kept,)] = run(control_url, "SELECT CAST(updated_at AS TEXT) FROM connectors")
    assert kept.startswith("2025-11-19 10:00:00")


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "nonsense", "sqlite+none:///x"])
def test_a_url_of_no_database_of_ours_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(SettingsError, match="URL of the control store") as caught:
        open_control_url(url)
    assert "secret" not in str(caught.value)
