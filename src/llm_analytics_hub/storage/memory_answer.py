"""Answers a `Query` from rows: the meaning of measures, buckets and order, in plain Python."""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import localcontext
from typing import Any, assert_never
from zoneinfo import ZoneInfo

import pyarrow as pa

from llm_analytics_hub.model.catalogue import (
    Aggregate,
    Count,
    Distinct,
    Quantile,
    Ratio,
    Reduce,
)
from llm_analytics_hub.model.event import MEASURE, MOMENT, MONEY, TEXT
from llm_analytics_hub.model.query import Query
from llm_analytics_hub.storage.memory_filter import Row, holds, text_of

_TYPES = {"integer": pa.uint64(), "number": MEASURE, "decimal": MONEY}
_MINUTES = {"minute": 1, "5m": 5, "15m": 15, "hour": 60}
_MONEY_DIGITS = 38

Group = tuple[Any, ...]
"""What the rows of one line of an answer have in common: bucket, then dimensions."""


def answer(query: Query, rows: Iterable[Row]) -> pa.Table:
    """Rows for `query`, in its order, columns named as in `Query.columns`."""
    groups = _groups(query, rows)
    lines = [
        (*group, *(measured(measure.aggregate, members) for measure in query.measures))
        for group, members in groups.items()
    ]
    for order in reversed(query.order_by):
        lines = _sorted(lines, query.columns.index(order.column), order.descending)
    columns = list(zip(*lines[: query.limit], strict=True)) or [()] * len(query.columns)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, _types(query), strict=True)]
    return pa.Table.from_arrays(arrays, names=list(query.columns))


def measured(wanted: Aggregate, rows: Sequence[Row]) -> Any:
    """One measure over `rows`; None where nothing is known, counts are 0."""
    match wanted:
        case Count(where):
            return sum(all((row[w.field] or "") in w.values for w in where) for row in rows)
        case Reduce("last", column):
            known = [row for row in rows if row[column] is not None]
            return max(known, key=_time)[column] if known else None
        case Reduce(how, column):
            return _reduced(how, _known(column, rows))
        case Quantile(column, level):
            return _quantile(level, sorted(_known(column, rows)))
        case Distinct(column):
            return len({row[column] for row in rows} - {None})
        case Ratio(part, whole):
            size = measured(whole, rows)
            return measured(part, rows) / size if size else None
        case _:
            assert_never(wanted)


def bucket_start(moment: datetime, granularity: str, time_zone: str) -> datetime:
    """When the calendar bucket of `moment` began in `time_zone`, as UTC."""
    local = moment.astimezone(ZoneInfo(time_zone)).replace(second=0, microsecond=0)
    if granularity in _MINUTES:
        start = local.replace(minute=local.minute - local.minute % _MINUTES[granularity])
    else:
        # The first of two midnights, where a clock change gives a day two of them.
        start = local.replace(hour=0, minute=0, fold=0)
        back = {"day": 0, "week": local.weekday(), "month": local.day - 1}[granularity]
        start -= timedelta(days=back)
    return start.astimezone(UTC)


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
    dimensions = (text_of(name, row) for name in query.dimensions)
    if query.granularity is None:
        return tuple(dimensions)
    return (bucket_start(_time(row), query.granularity, query.time_zone), *dimensions)


def _time(row: Row) -> datetime:
    moment: datetime = row["occurred_at"]
    return moment


def _known(column: str, rows: Sequence[Row]) -> list[Any]:
    return [row[column] for row in rows if row[column] is not None]


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
