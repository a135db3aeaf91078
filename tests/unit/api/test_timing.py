"""Requests are counted and timed by their route."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Mount, Route

from llm_analytics_hub.api.timing import TimedApp
from llm_analytics_hub.telemetry.metrics import Metrics


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


async def _answer(request: Request) -> Response:
    return Response(status_code=int(request.path_params["status"]))


async def _defect(request: Request) -> Response:
    raise ValueError("a defect")


def _app() -> Starlette:
    routes = [Route("/answers/{status}", _answer, methods=["GET", "POST"]), Route("/defect", _defect),
              Mount("/page", Starlette(routes=[Route("/inner", _stream)]))]  # fmt: skip
    return Starlette(routes=routes)


async def _stream(request: Request) -> Response:
    def lines() -> Iterator[str]:
        yield from ("one", "two")

    return StreamingResponse(lines())


def _ask(metrics: Metrics, method: str, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(TimedApp(_app(), metrics), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            return await client.request(method, path)

    return asyncio.run(ask())


def test_requests_are_counted_by_the_pattern_of_their_route(metrics: Metrics) -> None:
    for method, path in (("GET", "/answers/200"), ("POST", "/answers/200"), ("GET", "/answers/404"),
                         ("GET", "/nothing"), ("STRANGE", "/x"), ("ODD", "/y")):  # fmt: skip
        _ask(metrics, method, path)
    assert _ask(metrics, "GET", "/defect").status_code == 500
    assert _ask(metrics, "GET", "/page/inner").text == "onetwo"
    counted = {
        (sample.labels["route"], sample.labels["method"], sample.labels["status"]): sample.value
        for family in metrics.requests.collect()
        for sample in family.samples
        if sample.name.endswith("_total")
    }
    assert counted == {
        ("/answers/{status}", "GET", "200"): 1, ("/answers/{status}", "POST", "200"): 1,
        ("/answers/{status}", "GET", "404"): 1, ("other", "GET", "404"): 1,
        ("other", "other", "404"): 2, ("/defect", "GET", "500"): 1, ("/inner", "GET", "200"): 1,
    }  # fmt: skip
    timed = metrics.registry.get_sample_value(
        "hub_http_request_seconds_count", {"route": "/answers/{status}"}
    )
    assert timed == 3
