"""Types of columns that mean the same in SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

NAME = Text().with_variant(Text(collation="C"), "postgresql")
"""Text in the order of its code points, as Python and SQLite have it, whatever the server's language."""

ROW_ID = BigInteger().with_variant(Integer, "sqlite")
"""Numbers its rows; SQLite does that for INTEGER only."""


class Moment(TypeDecorator[datetime]):
    """A moment, to the microsecond; SQLite keeps no zone, so all are in UTC."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = DateTime(timezone=True)
    cache_ok: bool | None = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """As the database keeps it."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        """As it was given, in UTC."""
        if value is None or value.tzinfo is not None:
            return value and value.astimezone(UTC)
        return value.replace(tzinfo=UTC)
