"""`/api/v1/graphql`: its routes, and a door that is made when somebody first knocks."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, WebSocket
from starlette.responses import Response

from llm_analytics_hub.api.stream.open_streams import OpenStreams

if TYPE_CHECKING:
    from llm_analytics_hub.api.graphql.door import GraphqlDoor

PATH = "/api/v1/graphql"


def graphql_routes(make_door: "Callable[[], GraphqlDoor]", streams: OpenStreams) -> APIRouter:
    """Routes of GraphQL. `make_door` is called once, in a thread: a hub nobody asks does not pay."""
    routes, kept = APIRouter(tags=["graphql"]), _Kept(make_door)

    @routes.get(PATH, summary="Ask in GraphQL", response_model=None, openapi_extra=_PARAMETERS)
    async def get(request: Request) -> Response:
        return await (await kept.door()).answer(request)

    @routes.post(PATH, summary="Ask in GraphQL", response_model=None, openapi_extra=_BODY)
    async def post(request: Request) -> Response:
        return await (await kept.door()).answer(request)

    @routes.get(f"{PATH}/schema", summary="The GraphQL schema", response_model=None)
    async def schema() -> Response:
        return (await kept.door()).sdl()

    @routes.websocket(PATH)
    async def socket(websocket: WebSocket) -> None:
        # Imported late, with the door.
        door = await kept.door()
        from llm_analytics_hub.api.graphql.socket import serve_socket

        await serve_socket(websocket, door, streams)

    return routes


class _Kept:
    """A door made on first use, once."""

    def __init__(self, make: "Callable[[], GraphqlDoor]") -> None:
        self._make = make
        self._lock = asyncio.Lock()
        self._door: GraphqlDoor | None = None

    async def door(self) -> "GraphqlDoor":
        async with self._lock:
            if self._door is None:
                self._door = await asyncio.to_thread(self._make)
        return self._door


_OBJECT = {"type": "object"}
_REQUEST: dict[str, Any] = {
    "type": "object",
    "required": ["query"],
    "properties": {
        "query": {"type": "string", "minLength": 1, "example": "{ catalog { dimensions } }"},
        "variables": _OBJECT,
        "operationName": {"type": "string"},
        "extensions": _OBJECT,
    },
}
_RESPONSE = {"description": "`data`, and `errors` with a `code` in their `extensions`"}
_RESPONSES = {
    "200": _RESPONSE,
    "400": {"description": "it cannot be read; in `application/graphql-response+json` also: not run"},
    "429": {"description": "too many wait; ask again after `Retry-After` seconds"},
}  # fmt: skip
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [_REQUEST, {"type": "array", "items": _REQUEST, "maxItems": 10}]
                }
            }
        },
    },
    "responses": {
        **_RESPONSES,
        "413": {"description": "the body is too large"},
        "415": {"description": "it is no application/json"},
    },
}
_PARAMETERS: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "query", "required": name == "query", "schema": {"type": "string"}}
        for name in ("query", "variables", "operationName", "extensions")
    ],
    "responses": _RESPONSES,
}
