"""Schema changes: each once, in order, and never on a store they do not fit."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from llm_analytics_hub.errors import ConflictError
from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine
from llm_analytics_hub.storage.clickhouse.migrate import migrate, migrations

pytestmark = pytest.mark.slow


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    opened = EmbeddedEngine(tmp_path, readers=1)
    yield opened
    opened.close()


def test_the_shipped_migrations_are_numbered_without_a_gap() -> None:
    shipped = migrations()
    assert [m.version for m in shipped] == list(range(1, len(shipped) + 1))
    assert len({m.checksum for m in shipped}) == len(shipped)


def test_every_migration_is_applied_once(engine: EmbeddedEngine) -> None:
    assert migrate(engine) == [m.name for m in migrations()]
    assert migrate(engine) == []


def test_an_interrupted_run_goes_on_where_it_stopped(engine: EmbeddedEngine) -> None:
    migrate(engine)
    engine.command("DELETE FROM schema_migrations WHERE version >= 7")
    engine.command("DROP VIEW rollup_day_view")
    assert migrate(engine) == [m.name for m in migrations() if m.version >= 7]


def test_a_migration_changed_after_it_was_applied_is_refused(engine: EmbeddedEngine) -> None:
    migrate(engine)
    engine.command("DELETE FROM schema_migrations WHERE version = 3")
    engine.command("INSERT INTO schema_migrations (version, name, checksum) VALUES (3, 'x', 'y')")
    with pytest.raises(ConflictError, match="003_dead_letters"):
        migrate(engine)


def test_a_store_of_a_newer_program_is_refused(engine: EmbeddedEngine) -> None:
    migrate(engine)
    engine.command("INSERT INTO schema_migrations (version, name, checksum) VALUES (999, 'x', '')")
    with pytest.raises(ConflictError, match="999"):
        migrate(engine)
