"""`/api/v1/integrations/sentinel`: security events out, and feedback about threats in."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.integrations.period import asked_period
from llm_analytics_hub.api.integrations.spans import Cursor, From, Limit, To
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.connectors.feed_desk import FeedDesk
from llm_analytics_hub.feedback.threats import ThreatFeedback, ThreatFeedbackDesk
from llm_analytics_hub.model.query import All, Condition, EventFilter, Op
from llm_analytics_hub.query.events import EventLists

USUAL = timedelta(days=30)
FEED = ("sentinel", "threat-feedback")

Name = Annotated[str | None, Query(max_length=200)]


def sentinel_routes(
    lists: EventLists, desk: ThreatFeedbackDesk, clock: Clock, feeds: FeedDesk
) -> APIRouter:
    """Routes for Sentinel. Feedback is kept; a feed tells Sentinel of it, where there is one."""
    routes = APIRouter(prefix="/api/v1/integrations/sentinel", tags=["integrations"])

    @routes.get("/security-events", summary="Security events, newest first", response_model=None)
    async def events(
        request: Request,
        severity: Name = None,
        event_type: Name = None,
        anomaly_type: Name = None,
        service: Name = None,
        model: Name = None,
        start: From = None,
        end: To = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        asked = {
            "stream": "security", "severity": severity, "event_type": event_type,
            "attributes.anomaly_type": anomaly_type, "service": service, "model": model,
        }  # fmt: skip
        parts = tuple(Condition(name, Op.EQ, (said,)) for name, said in asked.items() if said)
        period = asked_period(start, end, clock.now(), USUAL)
        wanted = EventFilter(tenant_of(request), All(parts), period, limit)
        return as_json(await asyncio.to_thread(lists.page, wanted, cursor))

    @routes.post("/threat-feedback", summary="What became of an alert", response_model=None)
    async def feedback(body: ThreatFeedback, request: Request) -> dict[str, Any]:
        tenant = tenant_of(request)
        told = await asyncio.to_thread(desk.take, tenant, body)
        return {
            "feedback_id": told.feedback_id,
            "accepted": told.receipt.accepted,
            "duplicates": told.receipt.duplicates,
            "forwarded": feeds.has(tenant, *FEED),
        }

    return routes
