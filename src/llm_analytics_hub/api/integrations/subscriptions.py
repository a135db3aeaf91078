"""Subscriptions of the registry and the Observatory: the address of the stream that they ask for.

The documents name the routes and say nothing of bodies. The hub keeps nothing for a subscriber: the
address says all that is wanted, and the cursor in it is where the stream stood at the request.
"""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.stream.routes import PATH
from llm_analytics_hub.errors import InvalidQueryError, UnsupportedError, about
from llm_analytics_hub.live.frames import to_cursor
from llm_analytics_hub.live.subscriptions import Subscriptions

MAX_VALUES, MAX_LENGTH = 50, 200
Names = list[str]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    event_types: Names = Field(default=[], max_length=MAX_VALUES)
    severities: Names = Field(default=[], max_length=MAX_VALUES)
    callback_url: str | None = Field(
        None, description="refused: nothing is sent to addresses of callers"
    )


class RegistrySubscription(_Body):
    """Which events of the registry: all that is said holds, of a list one value is enough."""

    asset_ids: Names = Field(default=[], max_length=MAX_VALUES)


class ObservatorySubscription(_Body):
    """Which events of the Observatory: all that is said holds, of a list one value is enough."""

    asset_ids: Names = Field(default=[], max_length=MAX_VALUES)
    trace_ids: Names = Field(default=[], max_length=MAX_VALUES)


def subscription_routes(subscriptions: Subscriptions) -> APIRouter:
    """Routes that tell where a stream is read."""
    routes = APIRouter(prefix="/api/v1/integrations", tags=["integrations"])

    @routes.post("/registry/events/subscribe", summary="Where events of the registry are read live")
    async def registry(body: RegistrySubscription, request: Request) -> dict[str, Any]:
        return _told(request, "registry", body, {"asset_id": body.asset_ids}, subscriptions)

    @routes.post("/observatory/subscribe", summary="Where events of the Observatory are read live")
    async def observatory(body: ObservatorySubscription, request: Request) -> dict[str, Any]:
        wanted = {"asset_id": body.asset_ids, "trace_id": body.trace_ids}
        return _told(request, "observatory", body, wanted, subscriptions)

    return routes


def _told(
    request: Request,
    source: str,
    body: _Body,
    more: dict[str, Names],
    subscriptions: Subscriptions,
) -> dict[str, Any]:
    tenant_of(request)
    if body.callback_url is not None:
        with about("callback_url"):
            raise UnsupportedError(
                "the hub sends nothing to addresses that a caller names: read the stream at the "
                "address of the answer, or set a webhook channel and a match rule for alerts"
            )
    wanted = {"event_type": body.event_types, "severity": body.severities, **more}
    said = {name: _joined(name, values) for name, values in wanted.items() if values}
    cursor = to_cursor(subscriptions.place)
    address = f"{PATH}?{urlencode({'source': source, **said, 'cursor': cursor})}"
    return {"stream": address, "protocols": ["websocket", "text/event-stream"], "cursor": cursor}


def _joined(name: str, values: Names) -> str:
    with about(f"{name}s".replace("severitys", "severities")):
        if any(not value or "," in value or len(value) > MAX_LENGTH for value in values):
            text = f"a value has 1 to {MAX_LENGTH} characters and no comma"
            raise InvalidQueryError(text)
    return ",".join(values)
