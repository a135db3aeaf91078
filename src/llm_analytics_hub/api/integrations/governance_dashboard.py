"""`/dashboard/query`, and `/api/v1/integrations/governance-dashboard`: its questions and feeds."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.integrations.gate import QuestionGate
from llm_analytics_hub.api.integrations.spans import (
    Cursor,
    From,
    Limit,
    Named,
    To,
    listed,
    period_of,
)
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.feedback.dashboard import BATCH, DashboardFeeds
from llm_analytics_hub.feedback.periods import Period
from llm_analytics_hub.query.body import QueryBody
from llm_analytics_hub.query.service import QueryService

PREFIX = "/api/v1/integrations/governance-dashboard"

BatchSize = Annotated[int, Query(ge=1, le=BATCH)]


def dashboard_query_routes(queries: QueryService, gate: QuestionGate) -> APIRouter:
    """The question route at both of its paths: the body and the answer of `/api/v1/query`."""
    routes = APIRouter(tags=["governance dashboard"])

    async def ask(body: QueryBody, request: Request) -> Response:
        tenant = tenant_of(request)
        asked = body.model_dump(by_alias=True, exclude_unset=True)
        answer = await gate.run(
            lambda late: queries.answer(asked, tenant=tenant, door="dashboard", cancellation=late)
        )
        return as_json(answer.as_json())

    for path in ("/dashboard/query", f"{PREFIX}/dashboard/query"):
        routes.add_api_route(
            path,
            ask,
            methods=["POST"],
            summary="Ask a question for the dashboard: ten at a time, 5 s each",
            response_model=None,
            responses={
                429: {"description": "too many wait; ask again after `Retry-After` seconds"},
                504: {"description": "query_timeout"},
            },
        )
    return routes


def dashboard_feed_routes(feeds: DashboardFeeds, clock: Clock) -> APIRouter:
    """What the dashboard is fed, to be fetched."""
    routes = APIRouter(prefix=PREFIX, tags=["governance dashboard"])

    @routes.get("/compliance-feed", summary="The compliance report", response_model=None)
    async def compliance(
        request: Request, start: From = None, end: To = None, period: Named = None
    ) -> Response:
        span = period_of(start, end, period, clock.now(), Period.FIVE_MINUTES)
        return as_json(await asyncio.to_thread(feeds.compliance, tenant_of(request), span))

    @routes.get("/violation-reports", summary="Violations, newest first", response_model=None)
    async def violations(
        request: Request,
        start: From = None,
        end: To = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        span, tenant = listed(start, end, clock.now()), tenant_of(request)
        return as_json(await asyncio.to_thread(feeds.violations, tenant, span, limit, cursor))

    @routes.get("/audit-trail", summary="A batch of audit logs, newest first", response_model=None)
    async def audit(
        request: Request,
        start: From = None,
        end: To = None,
        limit: BatchSize = BATCH,
        cursor: Cursor = None,
    ) -> Response:
        span, tenant = listed(start, end, clock.now()), tenant_of(request)
        return as_json(await asyncio.to_thread(feeds.audit, tenant, span, limit, cursor))

    @routes.get("/metrics", summary="Calls, summed and one by one", response_model=None)
    async def metrics(
        request: Request,
        start: From = None,
        end: To = None,
        period: Named = None,
        limit: BatchSize = BATCH,
        cursor: Cursor = None,
    ) -> Response:
        span = period_of(start, end, period, clock.now(), Period.HOUR)
        tenant = tenant_of(request)
        return as_json(await asyncio.to_thread(feeds.metrics, tenant, span, limit, cursor))

    return routes
