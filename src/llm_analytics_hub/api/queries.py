"""`/api/v1/query`, `/api/v1/catalog`, `/api/v1/events`, `/api/v1/traces/{id}`: questions."""

import asyncio
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.model.catalogue import (
    ASSET_DIMENSIONS,
    GRANULARITIES,
    MEASURES,
    PATH_DIMENSIONS,
    TEXT_DIMENSIONS,
)
from llm_analytics_hub.model.query import All, Condition, EventFilter, Op, TimeRange
from llm_analytics_hub.query.events import MAX_EVENTS, EventLists
from llm_analytics_hub.query.parse import QueryBody, to_moment
from llm_analytics_hub.query.service import QueryService

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_EARLIEST, _LATEST = "1990-01-01", "2199-12-31"


def as_json(value: object) -> Response:
    """A JSON answer; decimals as exact JSON numbers."""
    return Response(_ENCODER.encode(value), media_type="application/json")


def query_routes(queries: QueryService, lists: EventLists) -> APIRouter:
    """Routes that ask; each runs its question in a thread, so that ingest is not held up."""
    routes = APIRouter(prefix="/api/v1", tags=["questions"])

    @routes.post("/query", summary="Ask a question", response_model=None)
    async def ask(body: QueryBody, request: Request) -> Response:
        tenant = tenant_of(request)
        asked = body.model_dump(by_alias=True, exclude_unset=True)
        return as_json(await asyncio.to_thread(queries.ask, asked, tenant=tenant))

    @routes.get("/catalog", summary="What can be asked")
    async def catalog() -> dict[str, Any]:
        return {
            "measures": [
                {"name": m.name, "type": m.type, "unit": m.unit, "means": m.means}
                for m in MEASURES.values()
            ],
            "dimensions": [*sorted(TEXT_DIMENSIONS), *ASSET_DIMENSIONS, *PATH_DIMENSIONS],
            "granularities": list(GRANULARITIES),
            "operators": list(Op),
        }

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
        start: Annotated[str | None, Query(alias="from")] = None,
        end: Annotated[str | None, Query(alias="to")] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_EVENTS)] = 100,
        cursor: str | None = None,
    ) -> Response:
        asked = {
            "source": source, "stream": stream, "event_type": event_type, "event_id": event_id,
            "asset_id": asset_id, "trace_id": trace_id, "severity": severity,
        }  # fmt: skip
        where = All(
            tuple(Condition(name, Op.EQ, (value,)) for name, value in asked.items() if value)
        )
        span = None
        if start or end:
            span = TimeRange(to_moment(start or _EARLIEST), to_moment(end or _LATEST))
        wanted = EventFilter(tenant_of(request), where, span, limit)
        return as_json(await asyncio.to_thread(lists.page, wanted, cursor))

    @routes.get("/traces/{trace_id}", summary="One trace as a tree", response_model=None)
    async def trace(trace_id: str, request: Request) -> Response:
        return as_json(await asyncio.to_thread(lists.trace, tenant_of(request), trace_id.lower()))

    return routes
