"""`/api/v1/integrations/costops`: baselines, curves, clusters, budgets and reports of usage.

Its `cost-data/sync` is the door of CostOps under another path (`integrations/costops`).
"""

import asyncio
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.integrations.period import asked_period
from llm_analytics_hub.api.integrations.spans import From, To
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.connectors.feed_desk import FeedDesk
from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.feedback.budgets import Budgets
from llm_analytics_hub.feedback.costs import CostFeedback, Wanted
from llm_analytics_hub.feedback.periods import between
from llm_analytics_hub.integrations.usage import Scope
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.ranges import to_span

KEPT = timedelta(days=90)
"""For how long budgets are looked back at: the retention of cost events."""

Granularity = Literal["hourly", "daily", "weekly"]
Counted = Annotated[
    Literal["calls", "records"] | None,
    Query(description="what tells of usage; else calls where they are known, then records"),
]
FEED = ("costops", "usage-report")


class ReportBody(BaseModel):
    """Which period a report is of; without one, the last whole hour or day."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    start: str | None = Field(None, alias="from", examples=["2025-11-19T09:00:00Z"])
    end: str | None = Field(None, alias="to", examples=["2025-11-19T10:00:00Z"])
    granularity: Granularity = "hourly"


def _wanted(
    granularity: Granularity = "daily",
    organization_id: Annotated[str | None, Query(max_length=200)] = None,
    provider: Annotated[str | None, Query(max_length=200)] = None,
    model: Annotated[str | None, Query(max_length=200)] = None,
    window: Annotated[str, Query(description="whole periods up to now; where no `from`")] = "30d",
    start: From = None,
    end: To = None,
    counted: Counted = None,
) -> Wanted:
    scope = Scope(organization_id, provider, model)
    return Wanted(granularity, scope, _both(start, end), to_span(window), counted)


def _both(start: str | None, end: str | None) -> TimeRange | None:
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise InvalidQueryError("write both `from` and `to`")
    return between(start, end)


Asked = Annotated[Wanted, Depends(_wanted)]


def costops_routes(
    costs: CostFeedback, budgets: Budgets, clock: Clock, feeds: FeedDesk
) -> APIRouter:
    """Routes for CostOps. A report that is posted for is sent where the tenant has a feed of them."""
    routes = APIRouter(prefix="/api/v1/integrations/costops", tags=["integrations"])

    @routes.get("/usage-baseline", summary="Usual usage by period", response_model=None)
    async def baseline(request: Request, wanted: Asked) -> Response:
        tenant = tenant_of(request)
        return as_json(await asyncio.to_thread(costs.baseline, tenant, wanted))

    @routes.get("/historical-curve", summary="Usage over time", response_model=None)
    async def curve(
        request: Request, wanted: Asked, metric: Literal["token_usage", "cost", "latency"]
    ) -> Response:
        tenant = tenant_of(request)
        return as_json(await asyncio.to_thread(costs.curve, tenant, metric, wanted))

    @routes.get("/forecasting-clusters", summary="Accounts alike in usage", response_model=None)
    async def clusters(
        request: Request,
        window: str = "30d",
        start: From = None,
        end: To = None,
        counted: Counted = None,
    ) -> Response:
        tenant = tenant_of(request)
        wanted = Wanted(period=_both(start, end), window=to_span(window), counted=counted)
        return as_json(await asyncio.to_thread(costs.clusters, tenant, wanted))

    @routes.get("/budgets", summary="How budgets stand", response_model=None)
    async def standing(
        request: Request,
        organization_id: Annotated[str | None, Query(max_length=200)] = None,
        start: From = None,
        end: To = None,
    ) -> Response:
        period = asked_period(start, end, clock.now(), KEPT)
        tenant = tenant_of(request)
        return as_json(await asyncio.to_thread(budgets.page, tenant, period, organization_id))

    @routes.get("/usage/report", summary="Usage of a period by model", response_model=None)
    async def report(
        request: Request,
        granularity: Granularity = "hourly",
        start: From = None,
        end: To = None,
        counted: Counted = None,
    ) -> Response:
        period = _both(start, end) or costs.last_whole(granularity)
        return as_json(await asyncio.to_thread(costs.report, tenant_of(request), period, counted))

    @routes.post("/usage/report", summary="Make and send a report of usage", response_model=None)
    async def make(request: Request, body: ReportBody | None = None) -> Response:
        asked = body or ReportBody()
        period = _both(asked.start, asked.end) or costs.last_whole(asked.granularity)
        made = await asyncio.to_thread(costs.report, tenant_of(request), period)
        if feeds.has(tenant_of(request), *FEED):
            await feeds.send(tenant_of(request), *FEED, made)
        return as_json(made)

    return routes
