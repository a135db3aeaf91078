"""An answer: its columns with units, its rows, what it cost, and what it is kept under."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal
from typing import Any

import pyarrow as pa

from llm_analytics_hub.model.catalogue import ASSET_PREFIX
from llm_analytics_hub.model.query import All, Condition, Filter, Op, Query, TimeRange, fields_of
from llm_analytics_hub.model.question import Question
from llm_analytics_hub.query.cache.cache import FoundAnswer
from llm_analytics_hub.query.cache.question_key import Kind, QuestionKey
from llm_analytics_hub.query.compare import CHANGE, PREVIOUS

COMPLIANCE = frozenset(
    {"compliance_rate", "denial_rate", "decisions", "denied", "violations", "violations_grave"}
)
"""Measures that are kept as long as the spec keeps what it calls compliance."""

_EXACT = Context(prec=38)


@dataclass(frozen=True)
class Answered:
    """What came of a question; `found` is the answer as it is kept, where there is a cache."""

    columns: Sequence[Mapping[str, str]]
    rows: pa.Table
    meta: Mapping[str, Any]
    found: FoundAnswer | None = None

    def as_json(self) -> dict[str, Any]:
        """The answer as JSON values; decimals are exact."""
        return {"columns": self.columns, "rows": rows_of(self.rows), "meta": self.meta}


def key_of(question: Question, body: Mapping[str, Any]) -> QuestionKey:
    """What a question is kept under, and which writes make its answer old."""
    query, asked = question.query, body.get("time_range", {})
    spans = (query.time_range, question.compared_with)
    fields = {*query.dimensions, *fields_of(query.where)}
    is_relative = "last" in asked or str(asked.get("period", "")).startswith(("today", "this"))
    return QuestionKey(
        query.tenant,
        body,
        spans=tuple(span for span in spans if span is not None),
        is_relative=is_relative,
        kind=_kind_of(query),
        about=_asset_of(query.where),
        reads_assets=any(field.startswith(ASSET_PREFIX) for field in fields),
        is_fresh=query.is_fresh,
    )


def _kind_of(query: Query) -> Kind:
    names = {measure.name for measure in query.measures}
    return Kind.COMPLIANCE if names <= COMPLIANCE else Kind.METRICS


def _asset_of(where: Filter) -> str:
    """The one asset that a question is about, if it is about one."""
    match where:
        case Condition("asset_id", Op.EQ, (str(asset_id),)):
            return asset_id
        case All(parts):
            return next(filter(None, map(_asset_of, parts)), "")
        case _:
            return ""


def range_of(span: TimeRange) -> dict[str, str]:
    """A range as JSON."""
    return {"from": iso(span.start), "to": iso(span.end)}


def iso(moment: datetime) -> str:
    """A moment of UTC as JSON has it: microseconds and `Z`."""
    return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def columns_of(question: Question) -> list[dict[str, str]]:
    """Name, type and unit of every column of the answer."""
    query = question.query
    columns = [{"name": "time", "type": "timestamp"}] if query.granularity else []
    columns += [{"name": name, "type": "string"} for name in query.dimensions]
    for measure in query.measures:
        unit = {"unit": measure.unit} if measure.unit else {}
        names = [measure.name]
        if question.compared_with is not None:
            names.append(measure.name + PREVIOUS)
        columns += [{"name": name, "type": measure.type, **unit} for name in names]
        if question.compared_with is not None:
            columns.append({"name": measure.name + CHANGE, "type": "number", "unit": "ratio"})
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


def json_value(value: object) -> object:
    """A value of a row as JSON: moments as text, money exact and short."""
    if isinstance(value, datetime):
        return iso(value)
    return plain(value) if isinstance(value, Decimal) else value


def plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros; no digit of the store's 38 is rounded away."""
    short = value.normalize(_EXACT)
    is_whole = short == short.to_integral_value()
    return short.quantize(Decimal(1), context=_EXACT) if is_whole else short
