"""The migrations agree with the tables that statements name, and with the constant HEAD."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from llm_analytics_hub.storage.control.connect import control_engine
from llm_analytics_hub.storage.control.migrate import HEAD, SCRIPTS, migrate
from llm_analytics_hub.storage.control.tables import METADATA


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_the_migrations_make_the_tables_that_statements_name(tmp_path: Path) -> None:
    engine = control_engine(f"sqlite:///{tmp_path / 'control.db'}", sync=False)
    migrate(engine)
    with engine.connect() as connection:
        compares = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=compares)
        assert compare_metadata(context, METADATA) == []
    engine.dispose()
