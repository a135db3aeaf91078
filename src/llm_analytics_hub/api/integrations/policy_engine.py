"""`/api/v1/integrations/policy-engine`: the compliance report, violations, audit trail, feedback."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.ingest import IngestDoor
from llm_analytics_hub.api.integrations.spans import (
    Cursor,
    From,
    Limit,
    Named,
    To,
    listed,
    period_of,
)
from llm_analytics_hub.api.modules import ModuleAnswer, take_native
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.connectors.feed_desk import FeedDesk
from llm_analytics_hub.errors import ConflictError
from llm_analytics_hub.feedback.audit import AuditTrail
from llm_analytics_hub.feedback.compliance import ComplianceReports
from llm_analytics_hub.feedback.periods import Period
from llm_analytics_hub.feedback.violations import Violations
from llm_analytics_hub.integrations.policy_engine.feedback import FEEDBACK
from llm_analytics_hub.query.events import EventLists

FEED = ("policy-engine", "compliance-report")


class ReportRange(BaseModel):
    """The documents' `timeRange`; `end` is the first moment that is not in it."""

    model_config = ConfigDict(extra="forbid")
    start: str = Field(max_length=64)
    end: str = Field(max_length=64)


class ReportBody(BaseModel):
    """Which report: of a time range, or of the last complete period, an hour if nothing is said."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    time_range: ReportRange | None = Field(None, alias="timeRange")
    period: Period | None = None


def policy_engine_routes(
    reports: ComplianceReports,
    lists: EventLists,
    door: IngestDoor,
    clock: Clock,
    feeds: FeedDesk,
) -> APIRouter:
    """The routes; a report that is posted for goes where the tenant's feed of reports goes."""
    routes = APIRouter(prefix="/api/v1/integrations/policy-engine", tags=["policy engine"])
    violations, trail = Violations(lists), AuditTrail(lists)

    @routes.get("/compliance/report", summary="The compliance report", response_model=None)
    async def report(
        request: Request, start: From = None, end: To = None, period: Named = None
    ) -> Response:
        span = period_of(start, end, period, clock.now(), Period.HOUR)
        return as_json(await asyncio.to_thread(reports.report, tenant_of(request), span))

    @routes.post(
        "/compliance/report",
        summary="Make the compliance report and send it to the engine",
        status_code=202,
        response_model=None,
        responses={
            409: {"description": "no_target, target_paused or target_refused: it was not sent"},
            503: {"description": "target_unavailable: it was not sent"},
        },
    )
    async def published(request: Request, body: ReportBody | None = None) -> Response:
        tenant = tenant_of(request)
        if not feeds.has(tenant, *FEED):
            message = "reports have no target: set where the policy engine takes them"
            raise ConflictError(message, code="no_target")
        asked = body or ReportBody.model_validate({})
        bounds = asked.time_range
        start, end = (bounds.start, bounds.end) if bounds else (None, None)
        span = period_of(start, end, asked.period, clock.now(), Period.HOUR)
        made = await asyncio.to_thread(reports.report, tenant, span)
        await feeds.send(tenant, *FEED, made)
        answer = as_json(made)
        answer.status_code = 202
        return answer

    @routes.get("/violations", summary="Policy violations, newest first", response_model=None)
    async def violation_list(
        request: Request,
        start: From = None,
        end: To = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        span = listed(start, end, clock.now())
        tenant = tenant_of(request)
        return as_json(await asyncio.to_thread(violations.page, tenant, span, limit, cursor))

    @routes.get(
        "/audit-trail", summary="The engine's audit trail, newest first", response_model=None
    )
    async def audit_trail(
        request: Request,
        start: From = None,
        end: To = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        span = listed(start, end, clock.now())
        tenant = tenant_of(request)
        return as_json(await asyncio.to_thread(trail.page, tenant, span, limit, cursor))

    @routes.post(
        "/feedback", summary="Give feedback", response_model=None, openapi_extra=_FEEDBACK_BODY
    )
    async def feedback(request: Request) -> Response:
        return await take_native(door, request, FEEDBACK)

    return routes


_TEXT = {"type": "string"}
_FEEDBACK: dict[str, Any] = {
    "type": "object",
    "description": "any members; those named here have fields of their own, snake_case as well",
    "properties": dict.fromkeys(
        ("feedbackId", "feedbackType", "policyId", "assetId", "userId", "severity", "timestamp"),
        _TEXT,
    ),
}
_FEEDBACK_BODY: dict[str, Any] = {
    "description": f"Kept as an event `policy.feedback`; answers {', '.join(ModuleAnswer.__struct_fields__)}.",
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [_FEEDBACK, {"type": "array", "items": _FEEDBACK}]}
            }
        },
    },
}  # fmt: skip
