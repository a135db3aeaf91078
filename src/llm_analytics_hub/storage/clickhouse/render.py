"""Renders a `Query` to SQL with bound arguments; user text is never part of the SQL."""

from typing import assert_never

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
from llm_analytics_hub.model.buckets import MINUTES
from llm_analytics_hub.model.query import OTHER, All, Condition, Query, fields_of
from llm_analytics_hub.storage.clickhouse.asset_join import with_assets
from llm_analytics_hub.storage.clickhouse.conditions import (
    condition,
    number_of,
    occurred_in,
    of_number,
    text_of,
)
from llm_analytics_hub.storage.clickhouse.statement import Arguments, Statement

_START_OF = {
    "minute": "toStartOfMinute",
    "5m": "toStartOfFiveMinutes",
    "15m": "toStartOfFifteenMinutes",
    "hour": "toStartOfHour",
    "day": "toStartOfDay",
    "week": "toMonday",
    "month": "toStartOfMonth",
}


def render(query: Query) -> Statement:
    """One SELECT on the events that answers `query`."""
    args = Arguments()
    columns = _columns(query, args)
    fields = {*query.dimensions, *fields_of(query.where)}
    table = with_assets(fields, query.tenant, args.text)
    sql = f"SELECT {', '.join(columns)} FROM {table} WHERE {scope(query, args)}"
    return Statement(sql + tail(query, args), args.values)


def tail(query: Query, args: Arguments, having: str = "") -> str:
    """How the rows of an answer are grouped, kept, ordered and limited.

    `having` keeps some groups, beside those that the question does not want.
    """
    groups = [f"`{name}`" for name in query.groups]
    orders = [f"`{o.column}` {'DESC' if o.descending else 'ASC'}" for o in query.order_by]
    conditions = [having] if groups and having else []
    if query.having != All():
        conditions.append(condition(query.having, args, _of_measure))
    parts = [f" GROUP BY {', '.join(groups)}" if groups else ""]
    parts += [f" HAVING {' AND '.join(conditions)}" if conditions else ""]
    parts += [f" ORDER BY {', '.join(orders)}" if orders else ""]
    return f"{''.join(parts)} LIMIT {int(query.limit)}"


def scope(query: Query, args: Arguments) -> str:
    """Which events `query` is about: its tenant, its time, its filter."""
    return (
        # Qualified: a dimension of the same name, with values kept apart, is another column.
        f"events.tenant = {args.text(query.tenant)} "
        f"AND {occurred_in(query.time_range, args, 'events.')} AND {condition(query.where, args)}"
    )


def _columns(query: Query, args: Arguments) -> list[str]:
    columns = [*time_columns(query, "occurred_at", args), *dimension_columns(query, args)]
    return columns + [
        f"{aggregate(m.aggregate, query, args)} AS `{m.name}`" for m in query.measures
    ]


def time_columns(query: Query, moment: str, args: Arguments) -> list[str]:
    """The column `time`: the start of the calendar bucket of `moment`; none without buckets."""
    if not query.granularity:
        return []
    zone = args.text(query.time_zone)
    start = f"{_START_OF[query.granularity]}({moment}, {zone})"
    return [f"toDateTime64(toDateTime({start}, {zone}), 6, 'UTC') AS `time`"]


def dimension_columns(query: Query, args: Arguments) -> list[str]:
    """The columns of the dimensions; values that are not kept apart are OTHER."""
    kept = {part.dimension: part.values for part in query.kept}
    columns = []
    for name in query.dimensions:
        text = text_of(name, args)
        if name in kept:
            text = f"if({text} IN {args.texts(kept[name])}, toString({text}), '{OTHER}')"
        columns.append(f"{text} AS `{name}`")
    return columns


def aggregate(wanted: Aggregate, query: Query, args: Arguments) -> str:
    """The SQL of one measure over events; null where nothing is known."""
    match wanted:
        case Count(where, known):
            return f"countIf({counted(where, known, args)})" if where or known else "count()"
        case Reduce("last", column):
            return f"argMax(events.{column}, events.occurred_at)"
        case Reduce(how, column, where, known) if where or known:
            return f"{how}If({number_of(column)}, {counted(where, known, args)})"
        case Reduce(how, column):
            return f"{how}({number_of(column)})"
        case Quantile(column, level):
            return quantile("quantilesTDigest", number_of(column), level, levels_of(query, column))
        case Distinct(column):
            return f"ifNull(uniqCombined(nullIf(events.{column}, '')), 0)"
        case Ratio(part, whole, times):
            return ratio(aggregate(part, query, args), aggregate(whole, query, args), times)
        case PerSecond(of):
            return f"({aggregate(of, query, args)}) / {seconds(query, args)}"
        case _:
            assert_never(wanted)


def levels_of(query: Query, column: str) -> list[float]:
    """The levels of all quantiles of a column that a question asks for."""
    wanted = (measure.aggregate for measure in query.measures)
    found = {one.level for one in wanted if isinstance(one, Quantile) and one.column == column}
    return sorted(found)


def quantile(function: str, column: str, level: float, levels: list[float]) -> str:
    """One of several quantiles: the same text for all of them, so that one digest is made."""
    digest = f"{function}({', '.join(map(str, levels))})({column})"
    value = f"toFloat64({digest}[{levels.index(level) + 1}])"
    return f"if(isNaN({value}), NULL, round({value}, 3))"


def ratio(part: str, whole: str, times: float) -> str:
    """One aggregate by another, times a constant; null where the second is 0."""
    scaled = f"toFloat64({part})" + (f" * {times:g}" if times != 1 else "")
    return f"{scaled} / nullIf(toFloat64({whole}), 0)"


def seconds(query: Query, args: Arguments) -> str:
    """The seconds of a row's bucket that lie in the range of `query`."""
    start, end = args.moment(query.time_range.start), args.moment(query.time_range.end)
    if not query.granularity:
        return f"nullIf(dateDiff('microsecond', {start}, {end}) / 1000000, 0)"
    local = f"toTimeZone(toDateTime(`time`), {args.text(query.time_zone)})"
    if query.granularity in MINUTES:
        after = f"addMinutes({local}, {MINUTES[query.granularity]})"
    else:
        after = f"add{query.granularity.capitalize()}s({local}, 1)"
    last = f"least({end}, toDateTime64({after}, 6, 'UTC'))"
    return f"nullIf(dateDiff('microsecond', greatest({start}, `time`), {last}) / 1000000, 0)"


def counted(where: tuple[Where, ...], known: tuple[str, ...], args: Arguments) -> str:
    """The condition under which an event counts."""
    parts = [f"events.{part.field} IN {args.texts(part.values)}" for part in where]
    return " AND ".join([*parts, *(f"isNotNull(events.{column})" for column in known)])


def _of_measure(wanted: Condition, args: Arguments) -> str:
    return of_number(f"toFloat64(`{wanted.field}`)", wanted, args)
