"""Answers a `Query` from rows: the meaning of measures, buckets and order, in plain Python."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import localcontext
from typing import Any, assert_never

import pyarrow as pa

from llm_analytics_hub.model.aggregate import (
    Aggregate,
    Count,
    Distinct,
    PerSecond,
    Quantile,
    Ratio,
    Reduce,
    Where,
)
from llm_analytics_hub.model.buckets import bucket_start, seconds_of
from llm_analytics_hub.model.event import MEASURE, MOMENT, MONEY, TEXT
from llm_analytics_hub.model.passing import Row, holds, number_of, of_number, text_of
from llm_analytics_hub.model.query import OTHER, Query

_TYPES = {"integer": pa.uint64(), "number": MEASURE, "decimal": MONEY}
_MONEY_DIGITS = 38

Group = tuple[Any, ...]
"""What the rows of one line of an answer have in common: bucket, then dimensions."""


def answer(query: Query, rows: Iterable[Row]) -> pa.Table:
    """Rows for `query`, in its order, columns named as in `Query.columns`."""
    groups = _groups(query, rows)
    lines = [
        (
            *group,
            *(_measured(query, group, measure.aggregate, members) for measure in query.measures),
        )
        for group, members in groups.items()
    ]
    lines = [line for line in lines if _is_had(query, line)]
    for order in reversed(query.order_by):
        lines = _sorted(lines, query.columns.index(order.column), order.descending)
    columns = list(zip(*lines[: query.limit], strict=True)) or [()] * len(query.columns)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, _types(query), strict=True)]
    return pa.Table.from_arrays(arrays, names=list(query.columns))


def _is_had(query: Query, line: Group) -> bool:
    named = dict(zip(query.columns, line, strict=True))
    return holds(query.having, named, lambda wanted, row: of_number(row[wanted.field], wanted))


def _measured(query: Query, group: Group, wanted: Aggregate, rows: Sequence[Row]) -> Any:
    if isinstance(wanted, PerSecond):
        span, zone = query.time_range, query.time_zone
        value, bucket = measured(wanted.of, rows), query.granularity
        long = seconds_of(span, group[0], bucket, zone) if bucket else span.length.total_seconds()
        return float(value) / long if value is not None and long else None
    return measured(wanted, rows)


def measured(wanted: Aggregate, rows: Sequence[Row]) -> Any:
    """One measure over `rows`; None where nothing is known, counts are 0."""
    match wanted:
        case Count(where, known):
            return len(_counted(where, known, rows))
        case Reduce("last", column):
            given = [row for row in rows if row[column] is not None]
            return max(given, key=_time)[column] if given else None
        case Reduce(how, column, where, known):
            return _reduced(how, _known(column, _counted(where, known, rows)))
        case Quantile(column, level):
            return _quantile(level, sorted(_known(column, rows)))
        case Distinct(column):
            return len({row[column] for row in rows} - {None})
        case Ratio(part, whole, times):
            value, size = measured(part, rows), measured(whole, rows)
            return float(value) * times / float(size) if size and value is not None else None
        case PerSecond():
            raise TypeError("a rate has no meaning without the seconds of its bucket")
        case _:
            assert_never(wanted)


def _counted(where: Sequence[Where], known: Sequence[str], rows: Sequence[Row]) -> list[Row]:
    return [
        row
        for row in rows
        if all((row[part.field] or "") in part.values for part in where)
        and all(row[column] is not None for column in known)
    ]


def _groups(query: Query, rows: Iterable[Row]) -> dict[Group, list[Row]]:
    # Without a time or a dimension there is one line, even if no event is asked about.
    grouped = bool(query.granularity or query.dimensions)
    groups: dict[Group, list[Row]] = {} if grouped else {(): []}
    for row in rows:
        if _in_scope(query, row):
            groups.setdefault(_group(query, row), []).append(row)
    return groups


def _in_scope(query: Query, row: Row) -> bool:
    in_time = query.time_range.start <= _time(row) < query.time_range.end
    return row["tenant"] == query.tenant and in_time and holds(query.where, row)


def _group(query: Query, row: Row) -> Group:
    kept = {part.dimension: part.values for part in query.kept}
    texts = ((name, text_of(name, row)) for name in query.dimensions)
    dimensions = (OTHER if text not in kept.get(name, (text,)) else text for name, text in texts)
    if query.granularity is None:
        return tuple(dimensions)
    return (bucket_start(_time(row), query.granularity, query.time_zone), *dimensions)


def _time(row: Row) -> datetime:
    moment: datetime = row["occurred_at"]
    return moment


def _known(column: str, rows: Sequence[Row]) -> list[Any]:
    numbers = (number_of(column, row) for row in rows)
    return [number for number in numbers if number is not None]


def _reduced(how: str, values: Sequence[Any]) -> Any:
    if not values:
        return None
    match how:
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "avg":
            return math.fsum(values) / len(values)
        case _:
            return math.fsum(values) if isinstance(values[0], float) else _exact_sum(values)


def _exact_sum(values: Sequence[Any]) -> Any:
    with localcontext(prec=_MONEY_DIGITS):
        return sum(values)


def _quantile(level: float, ordered: Sequence[float]) -> float | None:
    """The value at `level`, between neighbours in proportion; three decimals."""
    if not ordered:
        return None
    place = level * (len(ordered) - 1)
    lower, upper = ordered[math.floor(place)], ordered[math.ceil(place)]
    return round(lower + (upper - lower) * (place - math.floor(place)), 3)


def _sorted(lines: list[Group], column: int, descending: bool) -> list[Group]:
    """`lines` by one column, ties as they were; unknown last in both directions."""
    known = [line for line in lines if line[column] is not None]
    unknown = [line for line in lines if line[column] is None]
    return sorted(known, key=lambda line: line[column], reverse=descending) + unknown


def _types(query: Query) -> list[pa.DataType]:
    time = [MOMENT] if query.granularity else []
    numbers = (_TYPES[measure.type] for measure in query.measures)
    return [*time, *(TEXT for _ in query.dimensions), *numbers]
