"""SQL of the list of traces."""

from llm_analytics_hub.model.event import INFERENCE
from llm_analytics_hub.model.query import All, TraceFilter, fields_of
from llm_analytics_hub.model.trace import FIRST_TEXTS, SUMMED
from llm_analytics_hub.storage.clickhouse.asset_join import with_assets
from llm_analytics_hub.storage.clickhouse.conditions import condition, occurred_in
from llm_analytics_hub.storage.clickhouse.statement import Arguments, Statement

_END = (
    "max(events.occurred_at + toIntervalMicrosecond("
    "toInt64(trunc(ifNull(events.latency_ms, 0) * 1000))))"
)


def render_traces(wanted: TraceFilter) -> Statement:
    """The newest traces `wanted` asks for."""
    args = Arguments()
    parts = [_mine(wanted, args)]
    if wanted.where != All():
        parts.append(f"events.trace_id IN ({_passing(wanted, args)})")
    having = ""
    if wanted.before:
        moment, trace_id = wanted.before
        place = f"{args.moment(moment)}, {args.text(trace_id)}"
        having = f"HAVING (started_at, trace) < ({place}) "
    sums = [f"sum(events.{name}) AS {name}_" for name in SUMMED]
    firsts = [
        f"argMinIf(toString(events.{name}), events.occurred_at, events.{name} != '') AS {name}_"
        for name in FIRST_TEXTS
    ]
    columns = [
        "events.trace_id AS trace", "min(events.occurred_at) AS started_at", f"{_END} AS ended_at",
        "count() AS size", f"countIf(events.event_type = {args.text(INFERENCE)}) AS requests",
        "countIf(events.status = 'error') AS errors", *sums, *firsts,
    ]  # fmt: skip
    inner = (
        f"SELECT {', '.join(columns)} FROM events WHERE {' AND '.join(parts)} GROUP BY trace "
        f"{having}ORDER BY started_at DESC, trace DESC LIMIT {int(wanted.limit)}"
    )
    names = [f"{name}_ AS {name}" for name in (*SUMMED, *FIRST_TEXTS)]
    outer = "trace AS trace_id, started_at, ended_at, size AS events, requests, errors"
    return Statement(f"SELECT {outer}, {', '.join(names)} FROM ({inner})", args.values)


def _mine(wanted: TraceFilter, args: Arguments) -> str:
    return (
        f"events.tenant = {args.text(wanted.tenant)} AND events.trace_id != '' "
        f"AND {occurred_in(wanted.time_range, args, 'events.')}"
    )


def _passing(wanted: TraceFilter, args: Arguments) -> str:
    """The traces that have an event that passes."""
    table = with_assets(fields_of(wanted.where), wanted.tenant, args.text)
    passes = condition(wanted.where, args)
    return f"SELECT events.trace_id FROM {table} WHERE {_mine(wanted, args)} AND {passes}"
