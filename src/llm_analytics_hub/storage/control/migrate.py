"""Brings a control store to the present schema, with Alembic where there is something to do.

Alembic takes half as long to import as all of SQLAlchemy, so a store that is at HEAD goes without.
"""

import threading

from sqlalchemy import Connection, Engine, inspect, text

from llm_analytics_hub.errors import ConflictError, UnavailableError
from llm_analytics_hub.storage.control.connect import damaged, place_of, reading, writing

HEAD = "002"
"""The newest revision in `migrations/versions`; a test compares them."""

SCRIPTS = "llm_analytics_hub.storage.control:migrations"

_LOCK_ID = 0x4855_4243
"""The advisory lock that programs take in PostgreSQL to migrate one after the other."""

_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps what it works on in module globals."""


def migrate(engine: Engine) -> None:
    """Bring the store to HEAD, all or nothing; one that is there is only read.

    Raises: ConflictError (the store is newer than this program), UnavailableError.
    """
    with reading(engine) as connection:
        _check_file(connection)
        if stored_revision(connection) == HEAD:
            return
    with _ONE_AT_A_TIME, writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _LOCK_ID})
        _upgrade(connection)


def stored_revision(connection: Connection) -> str | None:
    """The revision of the store; None for one that has no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", SCRIPTS)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    _check_known(stored_revision(connection), known)
    command.upgrade(config, "head")


def _check_known(stored: str | None, known: set[str]) -> None:
    if stored is not None and stored not in known:
        raise ConflictError(
            f"the control store has schema {stored}, newer than the {HEAD} of this program: start "
            "the program that wrote it, or put back a copy from before the upgrade",
            code="control_store_newer",
        )


def _check_file(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    found = connection.scalar(text("PRAGMA quick_check(1)"))
    if found != "ok":
        reason = " ".join(str(found).split())
        raise UnavailableError(damaged(place_of(connection.engine), reason))
