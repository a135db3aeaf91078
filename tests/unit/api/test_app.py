import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from llm_analytics_hub.api.app import HANDLERS
from llm_analytics_hub.api.errors import on_hub_error, status_of
from llm_analytics_hub.api.health import HealthDoor
from llm_analytics_hub.bootstrap import Doors, Hub
from llm_analytics_hub.errors import HubError, SaturatedError, UnavailableError


def kinds(root: type[HubError]) -> Iterator[type[HubError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from kinds(kind)


ERRORS = [
    kind
    for kind in kinds(HubError)
    # Other modules have errors of their own, each of one of these kinds.
    if kind.code != "invalid_settings" and kind.__module__ == HubError.__module__
]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
async def test_every_error_of_the_tree_has_a_status_and_a_problem(kind: type[HubError]) -> None:
    error = kind("said")
    answer = await on_hub_error(Request({"type": "http"}), error)
    problem = json.loads(bytes(answer.body))
    assert 400 <= answer.status_code != 500
    assert (problem["status"], problem["code"], problem["detail"]) == (
        answer.status_code,
        kind.code,
        "said",
    )
    assert (
        ("retry-after" in answer.headers)
        == kind.retryable
        == (answer.status_code in {429, 503, 504})
    )


async def test_a_full_hub_says_how_long_to_wait() -> None:
    answer = await on_hub_error(
        Request({"type": "http"}), SaturatedError("full", retry_after_seconds=2.4)
    )
    assert answer.headers["retry-after"] == "2"
    assert status_of(HubError("x")) == (500, "Internal error")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/none", 404, "not_found"),
        ("GET", "/v1/none", 404, "not_found"),
        ("GET", "/health/none", 404, "not_found"),
        ("DELETE", "/api/v1/events", 405, "method_not_allowed"),
        ("POST", "/api/v1/catalog/none", 404, "not_found"),
    ],
)
async def test_what_is_not_there_is_a_problem(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(method, path)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_defect_is_told_without_its_inside() -> None:
    async def broken(_: Request) -> Response:
        raise ZeroDivisionError("a secret")

    app = Starlette(routes=[Route("/", broken)], exception_handlers=HANDLERS)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        answer = await client.get("/")
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
        assert "secret" not in answer.text
        assert (await client.post("/")).json()["code"] == "method_not_allowed"


async def test_the_description_names_every_route(client: httpx.AsyncClient) -> None:
    paths: dict[str, Any] = (await client.get("/api/openapi.json")).json()["paths"]
    assert {"post", "get"} <= paths["/api/v1/events"].keys()
    assert {"/v1/traces", "/api/v1/query", "/api/v1/dead-letters/replay"} <= paths.keys()


async def test_health_follows_the_life_of_the_hub(client: httpx.AsyncClient, doors: Doors) -> None:
    async def codes() -> list[int]:
        return [
            (await client.get(f"/health/{name}")).status_code
            for name in ("live", "startup", "ready")
        ]

    assert await codes() == [200, 503, 503]
    doors.health.started = True
    assert await codes() == [200, 200, 200]
    ready = (await client.get("/health/ready")).json()
    assert (ready["status"], ready["checks"]) == ("READY", {"database": "UP"})
    assert ready["timestamp"] == "2025-11-19T10:00:00.000000Z"
    doors.health.stopping = True
    assert await codes() == [200, 200, 503]


async def test_a_part_that_is_down_makes_the_hub_not_ready(hub: Hub) -> None:
    def down() -> None:
        raise UnavailableError("away")

    health = HealthDoor(
        hub.clock, hub.metrics, {"database": down, "cache": lambda: None}, started=True
    )
    answer = await health.ready(Request({"type": "http"}))
    assert answer.status_code == 503
    assert json.loads(bytes(answer.body))["checks"] == {"database": "DOWN", "cache": "UP"}


async def test_metrics_have_a_port_of_their_own(doors: Doors) -> None:
    transport = httpx.ASGITransport(doors.metrics)
    async with httpx.AsyncClient(transport=transport, base_url="http://metrics") as client:
        answer = await client.get("/metrics")
        assert "# TYPE hub_events_total counter" in answer.text
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.post("/api/v1/events")).status_code == 404
