"""`/api/v1/events/{event_id}/content`: prompts, completions and tools of one event."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.query.contents import EventContents


def content_routes(contents: EventContents) -> APIRouter:
    """The route that reads a content; in a thread, so that ingest is not held up."""
    routes = APIRouter(prefix="/api/v1/events", tags=["questions"])

    # A path: ids are their senders', who may put slashes into them.
    @routes.get(
        "/{event_id:path}/content",
        summary="Prompts, completions and tools of an event",
        response_model=None,
        responses={404: {"description": "no such event, or no content of it is kept: see `code`"}},
    )
    async def content(
        event_id: str, request: Request, source: str | None = None, stream: str | None = None
    ) -> Response:
        asked = {"event_id": event_id, "source": source, "stream": stream}
        where = {name: value for name, value in asked.items() if value}
        return as_json(await asyncio.to_thread(contents.of_event, tenant_of(request), where))

    return routes
