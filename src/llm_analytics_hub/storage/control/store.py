"""The control store on SQLAlchemy: each method is one statement, in a transaction of its own."""

from typing import Any

import structlog
from sqlalchemy import Engine, select

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.storage.connector_states import check_cursor, check_name
from llm_analytics_hub.storage.control.connect import reading, writing
from llm_analytics_hub.storage.control.tables import CONNECTORS
from llm_analytics_hub.storage.control.upsert import insert_of

log = structlog.get_logger(__name__)


class SqlControlStore:
    """The `ConnectorStates` of a database that is at HEAD."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._closed = False
        self._insert = insert_of(engine)

    def cursor(self, name: str, /) -> str | None:
        """See `ConnectorStates.cursor`."""
        found: str | None = self._read(name, CONNECTORS.c.cursor)
        return found

    def keep_cursor(self, name: str, cursor: str, /) -> None:
        """See `ConnectorStates.keep_cursor`."""
        check_cursor(cursor)
        self._write(name, cursor=cursor)

    def is_paused(self, name: str, /) -> bool:
        """See `ConnectorStates.is_paused`."""
        return bool(self._read(name, CONNECTORS.c.paused))

    def paused_by(self, name: str, /) -> str | None:
        """See `ConnectorStates.paused_by`."""
        found: str | None = self._read(name, CONNECTORS.c.paused_by)
        return found

    def pause(self, name: str, by: str, /) -> None:
        """See `ConnectorStates.pause`."""
        check_name(by)
        self._write(name, paused=True, paused_by=by)
        log.info("connector paused", connector=name, by=by)

    def resume(self, name: str, by: str, /) -> None:
        """See `ConnectorStates.resume`."""
        check_name(by)
        self._write(name, paused=False, paused_by=None)
        log.info("connector resumed", connector=name, by=by)

    def close(self) -> None:
        """See `ConnectorStates.close`."""
        self._closed = True
        self._engine.dispose()

    def _read(self, name: str, column: Any) -> Any:
        self._check(name)
        with reading(self._engine) as connection:
            return connection.scalar(select(column).where(CONNECTORS.c.name == name))

    def _write(self, name: str, **columns: Any) -> None:
        self._check(name)
        columns["updated_at"] = self._clock.now()
        new = self._insert(CONNECTORS).values(name=name, **columns)
        with writing(self._engine) as connection:
            connection.execute(new.on_conflict_do_update(index_elements=["name"], set_=columns))

    def _check(self, name: str) -> None:
        check_name(name)
        if self._closed:
            raise UnavailableError("the control store is closed")
