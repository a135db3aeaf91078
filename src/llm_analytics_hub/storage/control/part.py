"""What the parts of a control store share: transactions, until it is closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, tuple_

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.storage.control.connect import reading, writing


class StorePart:
    """Some tables of a database that is at HEAD."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._closed = False

    def close(self) -> None:
        """Further calls raise UnavailableError. Idempotent."""
        self._closed = True
        # Other parts of the same database go on: they open connections again.
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        self._check_open()
        with reading(self._engine) as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        self._check_open()
        with writing(self._engine) as connection:
            yield connection

    def _texts(self, wanted: Select[Any]) -> list[str]:
        with self._reading() as connection:
            return list(connection.scalars(wanted))

    def _check_open(self) -> None:
        if self._closed:
            raise UnavailableError("the control store is closed")


def page(
    wanted: Select[Any], table: Table, before: tuple[datetime, int | str] | None, limit: int
) -> Select[Any]:
    """The `limit` newest rows of `wanted` that come before a place, the newest first."""
    place = tuple_(table.c.at, table.c.id)
    if before is not None:
        wanted = wanted.where(place < before)
    return wanted.order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)
