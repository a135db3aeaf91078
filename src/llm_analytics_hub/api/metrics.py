"""`/api/v1/metrics/points`, `/api/v1/metrics/quantile`: what was measured."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.model.metric import METRIC_SCHEMA
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.ranges import to_moment
from llm_analytics_hub.storage.interface import MetricReader

MAX_POINTS = 10_000
_INNER = {"series", "point_key", "total", "total_count", "total_buckets", "expires_on"}
_SHOWN = [name for name in METRIC_SCHEMA.names if name not in _INNER]

From = Annotated[str, Query(alias="from")]
To = Annotated[str, Query(alias="to")]


def metric_routes(reader: MetricReader) -> APIRouter:
    """Routes that ask for metrics; each runs its question in a thread."""
    routes = APIRouter(prefix="/api/v1/metrics", tags=["metrics"])

    @routes.get("/points", summary="Points of a metric, newest first", response_model=None)
    async def points(
        request: Request,
        metric: str,
        start: From,
        end: To,
        limit: Annotated[int, Query(ge=1, le=MAX_POINTS)] = 1000,
    ) -> Response:
        span = TimeRange(to_moment(start), to_moment(end))
        found = await asyncio.to_thread(
            reader.metric_points, tenant_of(request), metric, span, limit
        )
        rows = found.select(_SHOWN).to_pylist()
        return as_json({"metric": metric, "points": [_to_api(row) for row in rows]})

    @routes.get("/quantile", summary="A quantile of a histogram metric", response_model=None)
    async def quantile(
        request: Request,
        metric: str,
        start: From,
        end: To,
        level: Annotated[float, Query(ge=0, le=1, allow_inf_nan=False)] = 0.95,
    ) -> Response:
        span = TimeRange(to_moment(start), to_moment(end))
        value = await asyncio.to_thread(
            reader.metric_quantile, tenant_of(request), metric, span, level
        )
        return as_json({"metric": metric, "level": level, "value": value})

    return routes


def _to_api(row: dict[str, Any]) -> dict[str, Any]:
    known = {name: value for name, value in row.items() if value is not None and value != []}
    return {**known, "labels": dict(row["labels"])}
