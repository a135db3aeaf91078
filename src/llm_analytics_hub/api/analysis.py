"""`POST /api/v1/analyze`: anomalies, trends, forecasts and correlations of what was asked."""

from typing import Annotated

from fastapi import APIRouter, Body, Request
from starlette.responses import Response

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.integrations.gate import QuestionGate
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.query.analysis.body import AnalyzeBody
from llm_analytics_hub.query.analysis.service import AnalysisService

AT_ONCE, WAITING, SECONDS = 1, 8, 60.0
"""An analysis keeps a core busy: one at a time leaves the others to ingest and questions."""


def analysis_routes(analyses: AnalysisService) -> APIRouter:
    """The route that analyses, in a thread of its own."""
    routes = APIRouter(prefix="/api/v1", tags=["questions"])
    gate = QuestionGate(AT_ONCE, WAITING, SECONDS)

    @routes.post("/analyze", summary="Ask for an analysis of a series", response_model=None)
    async def analyze(body: Annotated[AnalyzeBody, Body()], request: Request) -> Response:
        tenant = tenant_of(request)
        asked = body.model_dump(by_alias=True, exclude_unset=True)
        return as_json(
            await gate.run(lambda gone: analyses.analyze(asked, tenant=tenant, cancellation=gone))
        )

    return routes
