"""`/api/v1/events`, `/api/v1/traces`: lists of events and traces, and one trace as a tree."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.model.query import (
    All,
    Condition,
    EventFilter,
    Filter,
    Op,
    TimeRange,
    TraceFilter,
)
from llm_analytics_hub.query.body import FilterBody, TimeRangeBody
from llm_analytics_hub.query.events import MAX_EVENTS, EventLists
from llm_analytics_hub.query.filters import to_filter
from llm_analytics_hub.query.ranges import between, to_moment, to_range, to_span
from llm_analytics_hub.query.traces import MAX_TRACES, TraceLists
from llm_analytics_hub.query.words import to_condition

_EARLIEST, _LATEST = "1990-01-01", "2199-12-31"
_A_DAY = timedelta(days=1)

Where = Annotated[
    list[str],
    Query(
        description="conditions that all hold: latency_ms>100, model^=gpt, status in error,denied"
    ),
]
From = Annotated[str | None, Query(alias="from", max_length=64)]
To = Annotated[str | None, Query(alias="to", max_length=64)]
Last = Annotated[str | None, Query(max_length=16, description="15m, 24h, 7d, 4w", examples=["24h"])]


class EventsBody(BaseModel):
    """Which events are wanted: a filter as questions have it, and a range of time."""

    model_config = ConfigDict(extra="forbid")
    filters: FilterBody = Field(default=[])
    time_range: TimeRangeBody | None = None
    limit: int = Field(100, ge=1, le=MAX_EVENTS)
    cursor: str | None = Field(None, max_length=4096)


def event_routes(lists: EventLists, traces: TraceLists, clock: Clock) -> APIRouter:
    """Routes that list."""
    routes = APIRouter(prefix="/api/v1", tags=["questions"])

    @routes.get("/events", summary="Events, newest first", response_model=None)
    async def events(
        request: Request,
        source: str | None = None,
        stream: str | None = None,
        event_type: str | None = None,
        event_id: str | None = None,
        asset_id: str | None = None,
        trace_id: str | None = None,
        severity: str | None = None,
        where: Where = [],  # noqa: B006 - read only
        start: From = None,
        end: To = None,
        limit: Annotated[int, Query(ge=1, le=MAX_EVENTS)] = 100,
        cursor: str | None = None,
    ) -> Response:
        asked = {
            "source": source, "stream": stream, "event_type": event_type, "event_id": event_id,
            "asset_id": asset_id, "trace_id": trace_id, "severity": severity,
        }  # fmt: skip
        named = [Condition(name, Op.EQ, (value,)) for name, value in asked.items() if value]
        span = None
        if start or end:
            span = TimeRange(to_moment(start or _EARLIEST), to_moment(end or _LATEST))
        wanted = EventFilter(tenant_of(request), All((*named, _words(where))), span, limit)
        return as_json(await asyncio.to_thread(lists.page, wanted, cursor))

    @routes.post("/events/search", summary="Events by a filter", response_model=None)
    async def search(body: EventsBody, request: Request) -> Response:
        span = to_range(body.time_range, "UTC", clock.now()) if body.time_range else None
        where = to_filter(body.filters)
        wanted = EventFilter(tenant_of(request), where, span, body.limit)
        return as_json(await asyncio.to_thread(lists.page, wanted, body.cursor))

    @routes.get("/traces", summary="Traces, newest first", response_model=None)
    async def trace_list(
        request: Request,
        where: Where = [],  # noqa: B006 - read only
        last: Last = None,
        start: From = None,
        end: To = None,
        limit: Annotated[int, Query(ge=1, le=MAX_TRACES)] = 50,
        cursor: Annotated[str | None, Query(max_length=4096)] = None,
    ) -> Response:
        span = _span(last, start, end, clock.now())
        wanted = TraceFilter(tenant_of(request), span, _words(where), limit)
        return as_json(await asyncio.to_thread(traces.page, wanted, cursor))

    @routes.get("/traces/{trace_id}", summary="One trace as a tree", response_model=None)
    async def trace(trace_id: str, request: Request) -> Response:
        return as_json(await asyncio.to_thread(lists.trace, tenant_of(request), trace_id.lower()))

    return routes


def _words(where: list[str]) -> Filter:
    conditions: list[dict[str, Any]] = [to_condition(text) for text in where]
    return to_filter(conditions)


def _span(last: str | None, start: str | None, end: str | None, now: datetime) -> TimeRange:
    """The range that is said; the day before its end, or before now, where its start is not."""
    if last and not (start or end):
        return TimeRange(now - to_span(last), now + timedelta(seconds=1))
    until = to_moment(end) if end else now + timedelta(seconds=1)
    return between(to_moment(start) if start else until - _A_DAY, until)
