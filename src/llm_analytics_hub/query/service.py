"""Questions answered: one meaning for every door."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Context, Decimal
from typing import Any

import pyarrow as pa

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.model.query import Query
from llm_analytics_hub.query.parse import parse_query
from llm_analytics_hub.storage.interface import EventReader
from llm_analytics_hub.telemetry.metrics import Metrics

_EXACT = Context(prec=38)


@dataclass(frozen=True)
class Answered:
    """What came of a question: its columns (name, type, unit), its rows, and what it cost."""

    columns: list[dict[str, str]]
    rows: pa.Table
    meta: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The answer as JSON values; decimals are exact."""
        return {"columns": self.columns, "rows": rows_of(self.rows), "meta": self.meta}


class QueryService:
    """Parses, checks and answers questions. Safe for many threads."""

    def __init__(
        self,
        reader: EventReader,
        clock: Clock,
        metrics: Metrics,
        shortest_retention: timedelta = timedelta(days=7),
    ) -> None:
        self._reader = reader
        self._shortest_retention = shortest_retention
        self._clock = clock
        self._metrics = metrics

    def ask(
        self, body: Mapping[str, Any], *, tenant: str, door: str = "rest", is_fresh: bool = True
    ) -> dict[str, Any]:
        """The answer as JSON: columns with type and unit, rows, and what it cost.

        It sees every event acknowledged before; where not `is_fresh`, it may be a second behind.
        Raises: InvalidQueryError, UnavailableError.
        """
        return self.answer(body, tenant=tenant, door=door, is_fresh=is_fresh).as_json()

    def answer(
        self, body: Mapping[str, Any], *, tenant: str, door: str = "rest", is_fresh: bool = True
    ) -> Answered:
        """The answer with its rows as columns of Arrow; else as `ask`."""
        began = self._clock.now()
        query = replace(
            parse_query(body, tenant=tenant, now=began),
            complete_since=began - self._shortest_retention,
            is_fresh=is_fresh,
        )
        with self._metrics.query_seconds.labels(door).time():
            answer = self._reader.answer(query)
        elapsed = (self._clock.now() - began).total_seconds() * 1000
        meta = {
            "elapsed_ms": round(elapsed, 2),
            "engine_ms": round(answer.engine_ms, 2),
            "rows_read": answer.rows_read,
            "table": answer.table,
            "cached": False,
        }
        return Answered(columns_of(query), answer.rows, meta)


def columns_of(query: Query) -> list[dict[str, str]]:
    """Name, type and unit of every column of the answer."""
    columns = [{"name": "time", "type": "timestamp"}] if query.granularity else []
    columns += [{"name": name, "type": "string"} for name in query.dimensions]
    for measure in query.measures:
        unit = {"unit": measure.unit} if measure.unit else {}
        columns.append({"name": measure.name, "type": measure.type, **unit})
    return columns


def rows_of(table: pa.Table) -> list[list[Any]]:
    """Rows as JSON values: unknown as null, times as ISO text, decimals exact and short."""
    columns = [_values(column) for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _values(column: pa.ChunkedArray) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if pa.types.is_string(column.type):
        return [text or None for text in values]  # the stores' word for unknown text is ""
    if pa.types.is_timestamp(column.type):
        return [value and value.strftime("%Y-%m-%dT%H:%M:%SZ") for value in values]
    if pa.types.is_decimal(column.type):
        return [None if value is None else plain(value) for value in values]
    return values


def plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros; no digit of the store's 38 is rounded away."""
    short = value.normalize(_EXACT)
    is_whole = short == short.to_integral_value()
    return short.quantize(Decimal(1), context=_EXACT) if is_whole else short
