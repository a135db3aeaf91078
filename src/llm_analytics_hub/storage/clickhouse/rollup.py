"""Answers from rollups, where they are exact: whole buckets from the rollup, the edges from events.

Rollups outlive the events they came from, so a long range is complete only through them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import assert_never

from llm_analytics_hub.model.catalogue import (
    GRANULARITIES,
    Aggregate,
    Count,
    Distinct,
    Quantile,
    Ratio,
    Reduce,
    Where,
)
from llm_analytics_hub.model.query import Query, fields_of
from llm_analytics_hub.storage.clickhouse.render import (
    Arguments,
    Statement,
    condition,
    counted,
    tail,
    time_columns,
)

SUMS = ("input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens",
         "reasoning_tokens", "total_tokens", "cost_usd")  # fmt: skip
_QUANTILES = ("latency_ms", "ttft_ms")
_DISTINCTS = ("user_id", "session_id", "asset_id")
_KEYS = frozenset({"source", "stream", "event_type", "environment", "provider", "model", "status",
                   "severity"})  # fmt: skip


@dataclass(frozen=True)
class Rollup:
    """A rollup table: its bucket, its keys, and whether it has quantile and distinct states."""

    table: str
    width: timedelta
    start_of: str
    keys: frozenset[str]
    has_states: bool
    granularities: frozenset[str | None]

    def bounds(self, query: Query) -> tuple[datetime, datetime]:
        """The whole buckets inside the range of `query`."""
        start, end = query.time_range.start, query.time_range.end
        last = _floor(end, self.width)
        return min(_floor(start + self.width - timedelta(microseconds=1), self.width), last), last


FIVE_MINUTES = Rollup(
    "rollup_5m", timedelta(minutes=5), "toStartOfFiveMinutes(occurred_at)", _KEYS, False,
    frozenset(GRANULARITIES) - {"minute"} | {None},
)  # fmt: skip
DAY = Rollup(
    "rollup_day", timedelta(days=1), "toStartOfDay(occurred_at, 'UTC')",
    _KEYS | {"service", "operation", "account_id"}, True,
    frozenset({"day", "week", "month", None}),
)  # fmt: skip


def rollup_for(query: Query) -> Rollup | None:
    """The rollup that answers `query` with the same sums as the events; None if none does.

    The five-minute rollup is preferred: its edges are short. The daily one has the states of
    quantiles and distinct counts, and more keys; its days are those of UTC.
    """
    return next((rollup for rollup in (FIVE_MINUTES, DAY) if _serves(rollup, query)), None)


def may_have_expired(query: Query) -> bool:
    """Whether events in the range of `query` may be forgotten, so that only a rollup is complete."""
    return query.complete_since is not None and query.time_range.start < query.complete_since


def _serves(rollup: Rollup, query: Query) -> bool:
    start, end = rollup.bounds(query)
    fields = {*query.dimensions, *fields_of(query.where)}
    zone_fits = rollup is FIVE_MINUTES or query.granularity is None or query.time_zone == "UTC"
    return (
        end > start
        and query.granularity in rollup.granularities
        and zone_fits
        and fields <= rollup.keys
        and all(_has(rollup, measure.aggregate) for measure in query.measures)
    )


def _has(rollup: Rollup, wanted: Aggregate) -> bool:
    match wanted:
        case Count(where):
            return all(part.field in rollup.keys for part in where)
        case Ratio(part, whole):
            return _has(rollup, part) and _has(rollup, whole)
        case Reduce(how, column):
            return how == "sum" and column in SUMS
        case Quantile(column, _):
            return rollup.has_states and column in _QUANTILES
        case Distinct(column):
            return rollup.has_states and column in _DISTINCTS
        case _:
            assert_never(wanted)


def render_rollup(query: Query, rollup: Rollup) -> Statement:
    """One SELECT that answers `query` from `rollup` and, at its edges, from the events."""
    args = Arguments()
    start, end = rollup.bounds(query)
    keys = sorted(_needed_keys(query))
    parts = [_whole(query, rollup, keys, start, end, args)]
    edges = ((query.time_range.start, start), (end, query.time_range.end))
    parts += [_edge(query, rollup, keys, edge, args) for edge in edges if edge[0] < edge[1]]
    columns = time_columns(query, "bucket", args) + [
        f"events.{name} AS `{name}`" for name in query.dimensions
    ]
    columns += [f"{_merged(m.aggregate, args)} AS `{m.name}`" for m in query.measures]
    sql = f"SELECT {', '.join(columns)} FROM ({' UNION ALL '.join(parts)}) AS events"
    # A group whose events were all revised away is still there, with sums of 0.
    return Statement(sql + tail(query, having="sum(events.events) > 0"), args.values)


def _needed_keys(query: Query) -> set[str]:
    """The keys the outer SELECT reads."""
    found = set(query.dimensions)
    for measure in query.measures:
        match measure.aggregate:
            case Count(where):
                found |= {part.field for part in where}
            case Ratio(part, whole):
                found |= {condition.field for condition in (*part.where, *whole.where)}
    return found


def _whole(
    query: Query, rollup: Rollup, keys: list[str], start: datetime, end: datetime, args: Arguments
) -> str:
    columns = [*keys, "bucket", "events", *SUMS, *_states(rollup)]
    return (
        f"SELECT {', '.join(columns)} FROM {rollup.table} AS events "
        f"WHERE tenant = {args.text(query.tenant)} AND bucket >= {args.moment(start)} "
        f"AND bucket < {args.moment(end)} AND {condition(query.where, args)}"
    )


def _edge(
    query: Query, rollup: Rollup, keys: list[str], edge: tuple[datetime, datetime], args: Arguments
) -> str:
    columns = [*keys, f"{rollup.start_of} AS bucket", "count() AS events"]
    columns += [f"sum(events.{name}) AS {name}" for name in SUMS]
    if rollup.has_states:
        columns += [f"{_digest(name)} AS {name}" for name in _QUANTILES]
        columns += [f"uniqCombinedState(nullIf(events.{n}, '')) AS {n}" for n in _DISTINCTS]
    groups = ", ".join([*keys, "bucket"])
    return (
        f"SELECT {', '.join(columns)} FROM events "
        f"WHERE tenant = {args.text(query.tenant)} AND occurred_at >= {args.moment(edge[0])} "
        f"AND occurred_at < {args.moment(edge[1])} AND {condition(query.where, args)} "
        f"GROUP BY {groups}"
    )


def _digest(column: str) -> str:
    known = f"assumeNotNull(events.{column}), isNotNull(events.{column})"
    state = "AggregateFunction(quantileTDigest(0.5), Float64)"  # one state answers every level
    return f"CAST(quantileTDigestStateIf(0.5)({known}) AS {state})"


def _states(rollup: Rollup) -> tuple[str, ...]:
    return (*_QUANTILES, *_DISTINCTS) if rollup.has_states else ()


def _merged(wanted: Aggregate, args: Arguments) -> str:
    match wanted:
        case Count(where):
            return _counted(where, args)
        case Ratio(part, whole):
            return f"{_counted(part.where, args)} / nullIf({_counted(whole.where, args)}, 0)"
        case Reduce(_, column):
            return f"sum(events.{column})"
        case Quantile(column, level):
            merged = f"toFloat64(quantilesTDigestMerge({level})(events.{column})[1])"
            return f"if(isNaN({merged}), NULL, round({merged}, 3))"
        case Distinct(column):
            return f"ifNull(uniqCombinedMerge(events.{column}), 0)"
        case _:
            assert_never(wanted)


def _counted(where: tuple[Where, ...], args: Arguments) -> str:
    return f"sumIf(events.events, {counted(where, args)})" if where else "sum(events.events)"


def _floor(moment: datetime, width: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (moment - epoch) // width * width
