"""What the marketplace asks: its admin client's two paths, and `/api/v1/integrations/marketplace`.

Its `metrics/report` is the door of the marketplace under another path (`integrations/marketplace`).
"""

import asyncio
from typing import Annotated, NoReturn

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.health import Handler
from llm_analytics_hub.api.integrations.period import asked_period
from llm_analytics_hub.api.integrations.spans import From, To
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import InvalidInputError, UnsupportedError
from llm_analytics_hub.feedback.marketplace import DEFAULT_WINDOW, MarketplaceFeedback
from llm_analytics_hub.query.ranges import to_span

ServiceId = Annotated[str | None, Query(max_length=200)]

MAX_NAME = 200


def metrics_handler(prometheus: Handler, market: MarketplaceFeedback, clock: Clock) -> Handler:
    """`GET /metrics`: JSON for the admin client, which names a `metric`; Prometheus text else."""

    async def metrics(request: Request) -> Response:
        asked = request.query_params
        if "metric" not in asked:
            return await prometheus(request)
        service_id = asked.get("service_id") or None
        if len(service_id or "") > MAX_NAME:
            raise InvalidInputError("service_id is too long", code="invalid_parameter")
        period = asked_period(
            asked.get("start_time"), asked.get("end_time"), clock.now(), DEFAULT_WINDOW
        )
        tenant, name = tenant_of(request), asked["metric"]
        return as_json(await asyncio.to_thread(market.metric, tenant, name, period, service_id))

    return metrics


def admin_routes(market: MarketplaceFeedback) -> APIRouter:
    """The other path of the admin client; its base address is the hub's own."""
    routes = APIRouter(tags=["integrations"])

    @routes.get("/services/{service_id}/analytics", summary="A service", response_model=None)
    async def service(service_id: str, request: Request, window: str = "24h") -> Response:
        tenant, period = tenant_of(request), market.window(to_span(window))
        return as_json(await asyncio.to_thread(market.service, tenant, service_id, period, window))

    return routes


def marketplace_routes(market: MarketplaceFeedback, clock: Clock) -> APIRouter:
    """Routes for the marketplace."""
    routes = APIRouter(prefix="/api/v1/integrations/marketplace", tags=["integrations"])

    @routes.get("/analytics", summary="Usage and revenue by service", response_model=None)
    async def analytics(
        request: Request, start: From = None, end: To = None, service_id: ServiceId = None
    ) -> Response:
        tenant, period = tenant_of(request), asked_period(start, end, clock.now(), DEFAULT_WINDOW)
        return as_json(await asyncio.to_thread(market.analytics, tenant, period, service_id))

    @routes.get("/extensions", summary="Extensions", response_model=None)
    async def extensions() -> Response:
        _no_plugins()

    @routes.post("/extensions/{extension_id}/install", summary="Install", response_model=None)
    async def install(extension_id: str) -> Response:
        _no_plugins()

    @routes.delete("/extensions/{extension_id}/uninstall", summary="Remove", response_model=None)
    async def uninstall(extension_id: str) -> Response:
        _no_plugins()

    return routes


def _no_plugins() -> NoReturn:
    raise UnsupportedError("this hub has no plugins", code="not_available")
