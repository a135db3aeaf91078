"""Brings a store to the present schema: numbered `.sql` files, each applied once, in order."""

import hashlib
from dataclasses import dataclass
from importlib import resources

from llm_analytics_hub.errors import ConflictError
from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine

_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations
    (version UInt32, name String, checksum String, applied_at DateTime DEFAULT now())
ENGINE = MergeTree ORDER BY version
"""


@dataclass(frozen=True)
class Migration:
    """One statement, its number, and what it was when it was applied."""

    version: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Hash of the statement, to notice a file changed after it was applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()[:16]


def migrations() -> list[Migration]:
    """All migrations that ship with the hub, in order."""
    folder = resources.files(__package__) / "migrations"
    files = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return [
        Migration(int(name[:3]), name.removesuffix(".sql"), (folder / name).read_text("utf-8"))
        for name in files
    ]


def migrate(engine: EmbeddedEngine) -> list[str]:
    """Names of the migrations applied now; an interrupted run goes on where it stopped.

    Raises: ConflictError where a file differs from what was applied, or the store is newer.
    """
    engine.command(_LEDGER)
    rows, _, _ = engine.query("SELECT version, checksum FROM schema_migrations")
    applied = dict(zip(rows["version"].to_pylist(), rows["checksum"].to_pylist(), strict=True))
    wanted = migrations()
    _check(applied, wanted)
    pending = [migration for migration in wanted if migration.version not in applied]
    for migration in pending:
        _apply(engine, migration)
    return [migration.name for migration in pending]


def _check(applied: dict[int, str], wanted: list[Migration]) -> None:
    known = {migration.version: migration for migration in wanted}
    for version, checksum in applied.items():
        if version not in known:
            raise ConflictError(f"the store has schema {version}: newer than this program")
        if known[version].checksum != checksum:
            raise ConflictError(f"migration {known[version].name} was changed after it was applied")


def _apply(engine: EmbeddedEngine, migration: Migration) -> None:
    # A crash between the statement and its ledger row must not stop the next start.
    statement = migration.sql.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1)
    statement = statement.replace(
        "CREATE MATERIALIZED VIEW", "CREATE MATERIALIZED VIEW IF NOT EXISTS", 1
    )
    engine.command(statement)
    args = {"version": migration.version, "name": migration.name, "checksum": migration.checksum}
    engine.command(
        "INSERT INTO schema_migrations (version, name, checksum) "
        "SELECT {version:UInt32}, {name:String}, {checksum:String}",
        args,
    )
