"""The hub's HTTP application, put together from its doors."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp

from llm_analytics_hub.api import describe, describe_answers
from llm_analytics_hub.api.errors import (
    on_defect,
    on_http_error,
    on_hub_error,
    on_validation_error,
    problem,
)
from llm_analytics_hub.api.health import Handler, HealthDoor
from llm_analytics_hub.api.ingest import IngestDoor
from llm_analytics_hub.api.modules import module_routes
from llm_analytics_hub.api.otlp_signals import SIGNALS, TRACES, Signal
from llm_analytics_hub.errors import HubError

HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]] = {
    HubError: on_hub_error,
    HTTPException: on_http_error,
    RequestValidationError: on_validation_error,
    Exception: on_defect,
}


def build_app(
    ingest: IngestDoor,
    health: HealthDoor,
    routers: Sequence[APIRouter],
    page: ASGIApp | None,
    metrics: Handler | None = None,
) -> FastAPI:
    """The application of the main port: doors, questions, health, and the page at `/`.

    `metrics` answers at `/metrics` of this port; without it that is Prometheus text, as elsewhere.
    """
    app = FastAPI(
        title="LLM-Analytics-Hub",
        version="1",
        docs_url="/api/docs",
        redoc_url=None,
        openapi_url="/api/openapi.json",
        exception_handlers=HANDLERS,
    )
    # Plain routes: the hot path is not slowed by parameter injection.
    app.router.routes += [
        Route("/api/v1/events", ingest.events, methods=["POST"]),
        *_otlp_routes(ingest),
        *module_routes(ingest),
        *health.routes(metrics),
    ]
    for router in routers:
        app.include_router(router)
    for prefix in ("/api", "/v1", "/health"):
        app.router.routes.append(Route(prefix + "/{rest:path}", _nothing_here, methods=_ALL))
    describe.add_ingest(app)
    describe_answers.add_answers(app)
    if page is not None:
        app.mount("/", page)
    return app


def build_otlp_app(ingest: IngestDoor) -> Starlette:
    """The application of the OTLP port (4318): only the OTLP doors."""
    return Starlette(routes=_otlp_routes(ingest), exception_handlers=HANDLERS)


def build_metrics_app(health: HealthDoor) -> Starlette:
    """The application of the metrics port (9090): health and metrics."""
    return Starlette(routes=health.routes(), exception_handlers=HANDLERS)


def _otlp_routes(ingest: IngestDoor) -> list[Route]:
    paths = {signal.path: signal for signal in SIGNALS}
    # Where Langfuse's SDKs send to.
    paths["/api/public/otel/v1/traces"] = TRACES
    return [Route(path, _taker(ingest, signal), methods=["POST"]) for path, signal in paths.items()]


def _taker(ingest: IngestDoor, signal: Signal) -> Callable[[Request], Awaitable[Response]]:
    async def take(request: Request) -> Response:
        return await ingest.otlp(request, signal)

    return take


_ALL = ["GET", "POST", "PUT", "PATCH", "DELETE"]


async def _nothing_here(request: Request) -> Response:
    """404 or 405 as a problem document: the page must not answer for the API."""
    detail = f"there is no {request.method} {request.url.path}"
    if methods := _methods_of(request):
        allowed = ", ".join(methods)
        detail, allow = f"{detail}; there is {allowed}", {"Allow": allowed}
        return problem(405, "Method not allowed", "method_not_allowed", detail, allow)
    return problem(404, "Not found", "not_found", detail)


def _methods_of(request: Request) -> list[str]:
    """The methods that the path of a request has."""
    routes = [one for one in request.app.router.routes if not _takes_all(one)]
    scopes = ({**request.scope, "method": method} for method in _ALL)
    return [
        scope["method"]
        for scope in scopes
        if any(one.matches(scope)[0] is Match.FULL for one in routes)
    ]


def _takes_all(route: BaseRoute) -> bool:
    """Whether it is the page, or what answers for all that is not there."""
    return isinstance(route, Mount) or getattr(route, "endpoint", None) is _nothing_here
