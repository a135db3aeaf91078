"""Engines for the control store: transactions that are, and errors of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from llm_analytics_hub.errors import SettingsError, UnavailableError

_CORRUPT, _NOT_A_DATABASE = 11, 26
"""Primary result codes of SQLite."""


def control_engine(url: str, *, sync: bool) -> Engine:
    """An engine of `url` that opens no connection yet.

    In a message or a log no value of a statement is shown: cursors may hold what a remote keeps secret.
    Raises: SettingsError for a `url` of another database, or of none.
    """
    try:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=_is_remote(url))
    except (ArgumentError, ModuleNotFoundError) as error:
        raise SettingsError(f"the URL of the control store: {error}") from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, sync=sync)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection for one read, which waits for no writer. Raises: UnavailableError."""
    with translated(engine), engine.connect() as connection:
        yield connection.execution_options(only_reads=True)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction, committed when the block ends. Raises: UnavailableError."""
    with translated(engine), engine.begin() as connection:
        yield connection


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turn errors of the driver into the hub's."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        reason = str(cause).partition("\n")[0][:500]
        place = place_of(engine)
        if getattr(cause, "sqlite_errorcode", 0) & 0xFF in {_CORRUPT, _NOT_A_DATABASE}:
            raise UnavailableError(damaged(place, reason)) from error
        raise UnavailableError(f"the control store {place} is not available: {reason}") from error


def damaged(place: str, reason: str) -> str:
    """What to tell of a file that is none of SQLite's any more."""
    return (
        f"the control store {place} is damaged ({reason}): put back a copy of the file, or move it away"
        " with its -wal and -shm; without it connectors start from the beginning, none is paused, and"
        " alerting has no rules, routes and silences but those of files, and no history"
    )


def place_of(engine: Engine) -> str:
    """Where the store is, for people: the file, or the URL without its password."""
    is_file = engine.dialect.name == "sqlite"
    return str(engine.url.database) if is_file else engine.url.render_as_string()


def _is_remote(url: str) -> bool:
    database = make_url(url).get_backend_name()
    if database not in {"sqlite", "postgresql"}:
        raise ArgumentError("sqlite or postgresql, not " + database)
    return database == "postgresql"


def _prepare_sqlite(engine: Engine, *, sync: bool) -> None:
    level = "FULL" if sync else "NORMAL"

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        try:
            for pragma in ("journal_mode=WAL", f"synchronous={level}", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}").close()
        except BaseException:
            connection.close()  # the pool drops it without
            raise

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # The driver begins none for DDL; and who reads and then writes cannot wait for another
        # writer any more, so writers take turns first.
        only_reads = connection.get_execution_options().get("only_reads", False)
        connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")
