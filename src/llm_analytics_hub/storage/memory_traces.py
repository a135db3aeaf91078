"""Traces from rows: the meaning of a trace in one row, in plain Python."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import localcontext
from typing import Any

import pyarrow as pa

from llm_analytics_hub.model.event import INFERENCE
from llm_analytics_hub.model.passing import Row, holds
from llm_analytics_hub.model.query import TraceFilter
from llm_analytics_hub.model.trace import FIRST_TEXTS, SUMMED, TRACE_SCHEMA

_MONEY_DIGITS = 38


def trace_list(rows: Iterable[Row], wanted: TraceFilter) -> pa.Table:
    """Traces by `wanted`, newest first; columns of TRACE_SCHEMA."""
    traces: dict[str, list[Row]] = {}
    for row in rows:
        if _is_in_range(row, wanted):
            traces.setdefault(row["trace_id"], []).append(row)
    found = [
        _trace(trace_id, sorted(events, key=lambda row: row["occurred_at"]))
        for trace_id, events in traces.items()
        if any(holds(wanted.where, event) for event in events)
    ]
    places = {trace["trace_id"]: (trace["started_at"], trace["trace_id"]) for trace in found}
    shown = [t for t in found if not wanted.before or places[t["trace_id"]] < wanted.before]
    shown.sort(key=lambda trace: places[trace["trace_id"]], reverse=True)
    return pa.Table.from_pylist(shown[: wanted.limit], TRACE_SCHEMA)


def _is_in_range(row: Row, wanted: TraceFilter) -> bool:
    span = wanted.time_range
    is_mine = row["tenant"] == wanted.tenant and bool(row["trace_id"])
    return is_mine and span.start <= row["occurred_at"] < span.end


def _trace(trace_id: str, events: Sequence[Row]) -> dict[str, Any]:
    """One trace of its events, the earliest first."""
    return {
        "trace_id": trace_id,
        "started_at": events[0]["occurred_at"],
        "ended_at": max(map(_end, events)),
        "events": len(events),
        "requests": sum(event["event_type"] == INFERENCE for event in events),
        "errors": sum(event["status"] == "error" for event in events),
        **{name: _total(name, events) for name in SUMMED},
        **{name: _first(name, events) for name in FIRST_TEXTS},
    }


def _end(event: Row) -> datetime:
    long = timedelta(microseconds=int((event["latency_ms"] or 0) * 1000))
    moment: datetime = event["occurred_at"] + long
    return moment


def _total(name: str, events: Sequence[Row]) -> Any:
    known = [event[name] for event in events if event[name] is not None]
    with localcontext(prec=_MONEY_DIGITS):
        return sum(known) if known else None


def _first(name: str, events: Sequence[Row]) -> str | None:
    return next((event[name] for event in events if event[name]), None)
