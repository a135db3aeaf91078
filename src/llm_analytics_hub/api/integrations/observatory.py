"""`/api/v1/integrations/observatory`: what the Observatory sent, in numbers."""

import asyncio
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.integrations.period import asked_period
from llm_analytics_hub.api.integrations.spans import From, To
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.feedback.observatory import (
    DEFAULT_MEASURES,
    DIMENSIONS,
    Cut,
    ObservatoryFeedback,
)

MAX_POINTS = 10_000
LATELY, USUAL = timedelta(hours=1), timedelta(hours=24)
Name = Annotated[str | None, Query(max_length=200)]
Granularity = Literal["minute", "5m", "15m", "hour", "day", "week", "month"]


def _cut(
    by: Annotated[str, Query(max_length=200, description="dimensions, by commas")] = "",
    provider: Name = None,
    model: Name = None,
    service: Name = None,
    environment: Name = None,
) -> Cut:
    asked = {"provider": provider, "model": model, "service": service, "environment": environment}
    names = _names(by)
    if set(names) - set(DIMENSIONS):
        raise InvalidInputError(f"by is of {', '.join(DIMENSIONS)}", code="invalid_parameter")
    return Cut(names, {name: value for name, value in asked.items() if value})


def _names(listed: str) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()]


Asked = Annotated[Cut, Depends(_cut)]
Measures = Annotated[str | None, Query(max_length=1000, description="of the catalogue, by commas")]


def observatory_routes(observed: ObservatoryFeedback, clock: Clock) -> APIRouter:
    """Routes for the Observatory."""
    routes = APIRouter(prefix="/api/v1/integrations/observatory", tags=["integrations"])

    @routes.get(
        "/metrics", summary="Model calls lately, or a metric as it came", response_model=None
    )
    async def metrics(
        request: Request,
        cut: Asked,
        metric: Name = None,
        start: From = None,
        end: To = None,
        limit: Annotated[int, Query(ge=1, le=MAX_POINTS)] = 1000,
    ) -> Response:
        tenant, period = tenant_of(request), asked_period(start, end, clock.now(), LATELY)
        if metric is None:
            return as_json(await asyncio.to_thread(observed.calls, tenant, period, cut))
        return as_json(await asyncio.to_thread(observed.metric, tenant, period, metric, limit))

    @routes.get("/historical", summary="Model calls or a metric over time", response_model=None)
    async def historical(
        request: Request,
        cut: Asked,
        metric: Name = None,
        measures: Measures = None,
        granularity: Granularity = "hour",
        start: From = None,
        end: To = None,
    ) -> Response:
        tenant, period = tenant_of(request), asked_period(start, end, clock.now(), USUAL)
        if metric is not None:
            told = await asyncio.to_thread(
                observed.history, tenant, period, cut, metric, granularity
            )
            return as_json(told)
        names = _names(measures or "") or DEFAULT_MEASURES
        answer = await asyncio.to_thread(
            observed.calls, tenant, period, cut, granularity=granularity, measures=names
        )
        return as_json(answer)

    return routes
