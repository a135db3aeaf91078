"""`/api/v1/stream`: what is stored, as it comes, over WebSocket or as server-sent events."""

from typing import Any

from fastapi import APIRouter, Request, WebSocket
from starlette.responses import Response

from llm_analytics_hub.api.errors import problem
from llm_analytics_hub.api.stream.asked import LAST_ID, NAMED
from llm_analytics_hub.api.stream.open_streams import OpenStreams
from llm_analytics_hub.api.stream.relay import opened
from llm_analytics_hub.api.stream.server_sent import EVENT_STREAM, EventStream
from llm_analytics_hub.api.stream.socket import serve_socket
from llm_analytics_hub.live.subscriptions import Subscriptions

PATH = "/api/v1/stream"


def stream_routes(subscriptions: Subscriptions, streams: OpenStreams) -> APIRouter:
    """Routes of the live stream."""
    routes = APIRouter(tags=["live"])

    @routes.get(PATH, summary="Events as they are stored", response_model=None,
                description=_ABOUT, openapi_extra=_DESCRIBED)  # fmt: skip
    async def events(request: Request) -> Response:
        if not _is_accepted(request.headers.get("accept", "*/*")):
            detail = f"this is {EVENT_STREAM}, or a WebSocket"
            return problem(406, "Not acceptable", "not_acceptable", detail, field="accept")
        return EventStream(await opened(subscriptions, request), streams)

    @routes.websocket(PATH)
    async def socket(websocket: WebSocket) -> None:
        await serve_socket(websocket, subscriptions, streams)

    return routes


def _is_accepted(accept: str) -> bool:
    kinds = {one.partition(";")[0].strip().lower() for one in accept.split(",")}
    return bool(kinds & {"", "*/*", "text/*", EVENT_STREAM})


_ABOUT = (
    "Server-sent events, or a WebSocket at the same address. The answer does not end: `events` frames "
    "with a cursor, `missed` where the receiver was too slow, `heartbeat` where nothing came. Go on "
    "with `cursor`, or `Last-Event-ID`: nothing is lost or repeated. See docs/live.md."
)
_TEXT = {"type": "string"}


def _parameter(name: str, description: str, where: str = "query") -> dict[str, Any]:
    return {"name": name, "in": where, "required": False, "schema": _TEXT,
            "description": description}  # fmt: skip


_DESCRIBED: dict[str, Any] = {
    "parameters": [
        *(_parameter(name, "this value, or one of several with commas between") for name in NAMED),
        {"name": "where", "in": "query", "schema": {"type": "array", "items": _TEXT},
         "description": "conditions that all hold: latency_ms>100, model^=gpt"},
        _parameter("filters", "a filter as questions have it, as JSON"),
        _parameter("cursor", "goes on behind it; without one, from now on"),
        _parameter(LAST_ID, "as `cursor`; an EventSource sends it by itself", "header"),
    ],
    "responses": {
        "200": {"description": "frames, without an end", "content": {EVENT_STREAM: {"schema": _TEXT}}},
        "403": {"description": "a page of another site asked"},
        "406": {"description": "the client does not accept text/event-stream"},
        "503": {"description": "the hub is stopping"},
    },
}  # fmt: skip
