"""Questions in SQL: their body, and their answer as columns or as JSON values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.query.answered import plain
from llm_analytics_hub.storage.cancellation import Cancellation
from llm_analytics_hub.storage.sql_interface import SqlQuestion, SqlReader
from llm_analytics_hub.telemetry.metrics import Metrics

MAX_CHARACTERS = 100_000
MAX_ARGS = 100
MAX_ROWS = 100_000
"""Most rows of an answer, in either form."""


class SqlBody(BaseModel):
    """A SELECT on the views of the tenant, and the values of its `{name:Type}`."""

    model_config = ConfigDict(extra="forbid")
    sql: str = Field(
        min_length=1, max_length=MAX_CHARACTERS,
        examples=["SELECT model, count() AS calls FROM events WHERE occurred_at >= now() - INTERVAL 1 DAY GROUP BY model"],
    )  # fmt: skip
    args: dict[str, Any] = Field(default={}, max_length=MAX_ARGS)
    limit: int = Field(default=1000, ge=1, le=MAX_ROWS)


@dataclass(frozen=True)
class SqlAnswered:
    """What came of a statement: its columns (name, type), its rows, and what it cost."""

    columns: list[dict[str, str]]
    rows: pa.Table
    meta: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The answer as JSON values. Raises: InvalidQueryError for bytes that are no text."""
        try:
            columns = [
                [_json(value) for value in column.to_pylist()] for column in self._readable()
            ]
        except UnicodeDecodeError as error:
            message = "sql: the answer has bytes that are no text: ask for hex(...) of them"
            raise InvalidQueryError(message, code="invalid_sql") from error
        rows = [list(row) for row in zip(*columns, strict=True)]
        return {"columns": self.columns, "rows": rows, "meta": self.meta}

    def _readable(self) -> list[pa.ChunkedArray]:
        # In UTC, as every time that the hub tells.
        utc = [
            pa.timestamp(c.type.unit, "UTC") if _is_moment(c.type) else c.type
            for c in self.rows.columns
        ]
        return [column.cast(kind) for column, kind in zip(self.rows.columns, utc, strict=True)]


class SqlService:
    """Answers SELECT statements. Safe for many threads."""

    def __init__(self, reader: SqlReader, clock: Clock, metrics: Metrics) -> None:
        self._reader = reader
        self._clock = clock
        self._metrics = metrics

    def answer(
        self, body: SqlBody, *, tenant: str, cancellation: Cancellation | None = None
    ) -> SqlAnswered:
        """The rows of the statement; it sees every event acknowledged before.

        Raises: InvalidQueryError, with the fix; UnavailableError, `cancelled` among its codes.
        """
        began = self._clock.now()
        question = SqlQuestion(tenant, _sound(body.sql), _sound_args(body.args), body.limit)
        with self._metrics.query_seconds.labels("sql").time():
            answer = self._reader.answer_sql(question, cancellation)
        elapsed = (self._clock.now() - began).total_seconds() * 1000
        meta = {
            "elapsed_ms": round(elapsed, 2),
            "engine_ms": round(answer.engine_ms, 2),
            "rows_read": answer.rows_read,
            "truncated": answer.is_cut,
        }
        columns = [{"name": f.name, "type": _type(f.type)} for f in answer.rows.schema]
        return SqlAnswered(columns, answer.rows, meta)


def _sound(text: str) -> str:
    """`text`, if it can be written as UTF-8: JSON can carry half a pair of surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidQueryError("sql: half a character of Unicode", code="invalid_sql") from error
    if "\0" in text:
        raise InvalidQueryError("sql: a NUL character", code="invalid_sql")
    return text


def _sound_args(args: Mapping[str, Any]) -> Mapping[str, Any]:
    for value in args.values():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                _sound(one)
    return args


def _is_moment(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind))


def _type(kind: pa.DataType) -> str:
    """The type of a column in the words of `/api/v1/query`, and of JSON for the rest."""
    if _is_moment(kind):
        return "timestamp"
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind):
        return "number"
    if pa.types.is_decimal(kind):
        return "decimal"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_list(kind):
        return "array"
    return "object" if pa.types.is_map(kind) or pa.types.is_struct(kind) else "string"


def _json(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, dict):
        return {str(name): _json(one) for name, one in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], tuple):  # a map
        return {str(name): _json(one) for name, one in value}
    if isinstance(value, list):
        return [_json(one) for one in value]
    return value.hex() if isinstance(value, bytes) else str(value)
