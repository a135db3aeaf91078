"""`/api/v1/alerts/routes`: where alerts go, and who would be told of one."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from llm_analytics_hub.api.alerts import described
from llm_analytics_hub.api.alerts.asked import expected_version, object_of, user_of
from llm_analytics_hub.api.alerts.definitions import Expected
from llm_analytics_hub.api.alerts.described import answers, changing, members, takes
from llm_analytics_hub.api.alerts.door import AlertDoor
from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.queries import as_json

_BODY = members({"route": described.OBJECT}, inhibit=described.many(described.OBJECT))
_LABELS = {"type": "object", "additionalProperties": {"type": "string"}}
_TEST = members({"labels": _LABELS}, routing=_BODY)
_TEST_EXAMPLE = {"labels": {"alertname": "error-rate", "severity": "critical", "model": "gpt-4o"}}
_TOLD = members(
    {"routes": described.many(described.ROUTED), "silenced_by": described.maybe(described.TEXT),
     "inhibited": described.FLAG},
)  # fmt: skip


def routing_routes(door: AlertDoor) -> APIRouter:
    """Routes of routing."""
    routes = APIRouter(prefix="/routes")
    whole = answers(described.ROUTING)

    @routes.get("", summary="Where alerts go", response_model=None, responses=whole)
    async def get(request: Request) -> Response:
        tenant = tenant_of(request)
        return _tagged(await door.use(lambda desks: desks.routing.routing(tenant)))

    @routes.put(
        "", summary="Say where alerts go", response_model=None, responses=whole,
        openapi_extra=changing(takes(_BODY, described.ROUTING_EXAMPLE)),
    )  # fmt: skip
    async def put(request: Request, expected: Expected = None) -> Response:
        tenant, by, version = _asked(request, expected)
        body = await object_of(request)
        return _tagged(await door.use(lambda desks: desks.routing.put(tenant, body, by, version)))

    @routes.delete(
        "", summary="Have the default routing again: every channel is told of everything",
        response_model=None, responses=whole, openapi_extra=changing(),
    )  # fmt: skip
    async def remove(request: Request, expected: Expected = None) -> Response:
        tenant, by, version = _asked(request, expected)
        return _tagged(await door.use(lambda desks: desks.routing.remove(tenant, by, version)))

    @routes.get(
        "/versions", summary="Every version of the routing, newest first", response_model=None,
        responses=answers(members({"versions": described.many(described.VERSION)})),
    )  # fmt: skip
    async def versions(request: Request) -> Response:
        tenant = tenant_of(request)
        return as_json(await door.use(lambda desks: desks.routing.versions(tenant)))

    @routes.post(
        "/test", summary="Who would be told of an alert of these labels, and grouped how",
        response_model=None, responses=answers(_TOLD), openapi_extra=takes(_TEST, _TEST_EXAMPLE),
    )  # fmt: skip
    async def test(request: Request) -> Response:
        tenant, body = tenant_of(request), await object_of(request)
        return as_json(await door.use(lambda desks: desks.routing.test(tenant, body)))

    return routes


def _asked(request: Request, expected: int | None) -> tuple[str, str, int | None]:
    return tenant_of(request), user_of(request), expected_version(request, expected)


def _tagged(found: dict[str, Any]) -> Response:
    answer = as_json(found)
    answer.headers["ETag"] = f'"{found["version"]}"'
    return answer
