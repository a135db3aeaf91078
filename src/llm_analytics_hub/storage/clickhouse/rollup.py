"""Answers from rollups, where they are exact: whole buckets from the rollup, the edges from events.

Of a long range the five-minute rollup is read by the hour (ADR 016).
"""

from typing import assert_never

from llm_analytics_hub.model.aggregate import (
    Aggregate,
    Count,
    Distinct,
    PerSecond,
    Quantile,
    Ratio,
    Reduce,
)
from llm_analytics_hub.model.query import Query, TimeRange
from llm_analytics_hub.model.rollup import (
    DISTINCTS,
    HOUR_TABLE,
    QUANTILES,
    SUMS,
    Rollup,
    whole_hours,
)
from llm_analytics_hub.storage.clickhouse.conditions import condition, occurred_in
from llm_analytics_hub.storage.clickhouse.render import (
    counted,
    dimension_columns,
    levels_of,
    quantile,
    ratio,
    seconds,
    tail,
    time_columns,
)
from llm_analytics_hub.storage.clickhouse.statement import Arguments, Statement

START_OF = {
    "rollup_5m": "toStartOfFiveMinutes(occurred_at)",
    "rollup_day": "toStartOfDay(occurred_at, 'UTC')",
}
"""Where the bucket of an event begins, by rollup."""

_EVENTS = "sum(events.events)"


def render_rollup(query: Query, rollup: Rollup) -> Statement:
    """One SELECT that answers `query` from `rollup` and, at its edges, from the events."""
    args = Arguments()
    start, end = rollup.bounds(query)
    keys = sorted(_needed_keys(query))
    parts = [
        _whole(query, table, keys, spans, args)
        for table, spans in _tables(query, rollup, TimeRange(start, end)).items()
    ]
    edges = [(query.time_range.start, start), (end, query.time_range.end)]
    if spans := [TimeRange(*edge) for edge in edges if edge[0] < edge[1]]:
        parts.append(_edges(query, rollup, keys, spans, args))
    columns = [*time_columns(query, "bucket", args), *dimension_columns(query, args)]
    columns += [f"{_merged(m.aggregate, query, args)} AS `{m.name}`" for m in query.measures]
    sql = f"SELECT {', '.join(columns)} FROM ({' UNION ALL '.join(parts)}) AS events"
    # A group whose events were all revised away is still there, with sums of 0.
    return Statement(sql + tail(query, args, having="sum(events.events) > 0"), args.values)


def _needed_keys(query: Query) -> set[str]:
    """The keys the outer SELECT reads."""
    found = set(query.dimensions)
    for measure in query.measures:
        found |= _keys_of(measure.aggregate)
    return found


def _keys_of(wanted: Aggregate) -> set[str]:
    match wanted:
        case Count(where) | Reduce(_, _, where):
            return {part.field for part in where}
        case Ratio(part, whole):
            return _keys_of(part) | _keys_of(whole)
        case PerSecond(of):
            return _keys_of(of)
        case _:
            return set()


def _columns_of(wanted: Aggregate) -> set[str]:
    """The columns of sums and states that a measure reads."""
    match wanted:
        case Reduce(_, column) | Quantile(column) | Distinct(column):
            return {column}
        case Ratio(part, whole):
            return _columns_of(part) | _columns_of(whole)
        case PerSecond(of):
            return _columns_of(of)
        case _:
            return set()


def _needed(query: Query, names: tuple[str, ...]) -> list[str]:
    """Those of some columns that the outer SELECT reads."""
    wanted = {name for measure in query.measures for name in _columns_of(measure.aggregate)}
    return [name for name in names if name in wanted]


def _tables(query: Query, rollup: Rollup, whole: TimeRange) -> dict[str, list[TimeRange]]:
    """What is read of which table."""
    hours = whole_hours(query, rollup, whole)
    if hours is None:
        return {rollup.table: [whole]}
    rest = [(whole.start, hours.start), (hours.end, whole.end)]
    found = {HOUR_TABLE: [hours]}
    if spans := [TimeRange(*span) for span in rest if span[0] < span[1]]:
        found[rollup.table] = spans
    return found


def _whole(
    query: Query, table: str, keys: list[str], spans: list[TimeRange], args: Arguments
) -> str:
    columns = [*keys, "bucket", "events", *_needed(query, (*SUMS, *QUANTILES, *DISTINCTS))]
    times = " OR ".join(
        f"(bucket >= {args.moment(span.start)} AND bucket < {args.moment(span.end)})"
        for span in spans
    )
    return (
        f"SELECT {', '.join(columns)} FROM {table} AS events "
        f"WHERE tenant = {args.text(query.tenant)} AND ({times}) "
        f"AND {condition(query.where, args)}"
    )


def _edges(
    query: Query, rollup: Rollup, keys: list[str], spans: list[TimeRange], args: Arguments
) -> str:
    """What the rollup has, of the events of the range that are in no whole bucket."""
    columns = [*keys, f"{START_OF[rollup.table]} AS bucket", "count() AS events"]
    columns += [f"sum(events.{name}) AS {name}" for name in _needed(query, SUMS)]
    columns += [f"{_digest(name)} AS {name}" for name in _needed(query, QUANTILES)]
    states = _needed(query, DISTINCTS)
    columns += [f"uniqCombinedState(nullIf(events.{name}, '')) AS {name}" for name in states]
    times = " OR ".join(f"({occurred_in(span, args)})" for span in spans)
    return (
        f"SELECT {', '.join(columns)} FROM events "
        f"WHERE tenant = {args.text(query.tenant)} AND ({times}) "
        f"AND {condition(query.where, args)} GROUP BY {', '.join([*keys, 'bucket'])}"
    )


def _digest(column: str) -> str:
    known = f"assumeNotNull(events.{column}), isNotNull(events.{column})"
    state = "AggregateFunction(quantileTDigest(0.5), Float64)"  # one state answers every level
    return f"CAST(quantileTDigestStateIf(0.5)({known}) AS {state})"


def _merged(wanted: Aggregate, query: Query, args: Arguments) -> str:
    match wanted:
        case Count(where):
            return f"sumIf(events.events, {counted(where, (), args)})" if where else _EVENTS
        case Reduce(_, column, where):
            condition = counted(where, (), args)
            return f"sumIf(events.{column}, {condition})" if where else f"sum(events.{column})"
        case Ratio(part, whole, times):
            return ratio(_merged(part, query, args), _merged(whole, query, args), times)
        case PerSecond(of):
            return f"({_merged(of, query, args)}) / {seconds(query, args)}"
        case Quantile(column, level):
            levels = levels_of(query, column)
            return quantile("quantilesTDigestMerge", f"events.{column}", level, levels)
        case Distinct(column):
            return f"ifNull(uniqCombinedMerge(events.{column}), 0)"
        case _:
            assert_never(wanted)
