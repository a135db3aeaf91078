"""`/api/v1/alerts/silences`: who wants quiet about what, why, and for how long."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from llm_analytics_hub.api.alerts import described
from llm_analytics_hub.api.alerts.asked import object_of, user_of
from llm_analytics_hub.api.alerts.described import answers, changing, members, takes
from llm_analytics_hub.api.alerts.door import AlertDoor
from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.queries import as_json


class SilenceState(StrEnum):
    """Whether a silence holds."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


_TEXT = described.TEXT
_BODY = members(
    {"match": described.many(_TEXT), "reason": _TEXT},
    kind={"type": "string", "enum": ["silence", "maintenance"]},
    starts={**_TEXT, "description": "now, if not given"},
    ends={**_TEXT, "description": "either this, or `lasts`"},
    lasts={**_TEXT, "examples": ["2h"]},
)
_TAKEN = changing(takes(_BODY, described.SILENCE_EXAMPLE), versioned=False)


def silence_routes(door: AlertDoor) -> APIRouter:
    """Routes of silences and maintenance windows."""
    routes = APIRouter(prefix="/silences")
    one_silence = answers(described.SILENCE)

    @routes.get(
        "", summary="Silences: in force, to come, ended in the last five days",
        response_model=None,
        responses=answers(members({"silences": described.many(described.SILENCE)})),
    )  # fmt: skip
    async def every(
        request: Request, state: Annotated[SilenceState | None, Query()] = None
    ) -> Response:
        tenant = tenant_of(request)
        return as_json(await door.use(lambda desks: desks.silences.all(tenant, state)))

    @routes.post(
        "", summary="Be quiet about what matches", response_model=None, status_code=201,
        responses=answers(described.SILENCE, status=201), openapi_extra=_TAKEN,
    )  # fmt: skip
    async def create(request: Request) -> Response:
        tenant, by, body = tenant_of(request), user_of(request), await object_of(request)
        made = await door.use(lambda desks: desks.silences.create(tenant, body, by))
        answer = as_json(made)
        answer.status_code = 201
        answer.headers["Location"] = f"/api/v1/alerts/silences/{made['id']}"
        return answer

    @routes.get("/{silence_id}", summary="One silence", response_model=None, responses=one_silence)
    async def one(silence_id: str, request: Request) -> Response:
        tenant = tenant_of(request)
        return as_json(await door.use(lambda desks: desks.silences.one(tenant, silence_id)))

    @routes.put(
        "/{silence_id}", summary="Change a silence that has not ended", response_model=None,
        responses=one_silence, openapi_extra=_TAKEN,
    )  # fmt: skip
    async def edit(silence_id: str, request: Request) -> Response:
        tenant, by, body = tenant_of(request), user_of(request), await object_of(request)
        return as_json(
            await door.use(lambda desks: desks.silences.edit(tenant, silence_id, body, by))
        )

    @routes.delete(
        "/{silence_id}", summary="End a silence now", response_model=None, responses=one_silence,
        openapi_extra=changing(versioned=False),
    )  # fmt: skip
    async def expire(silence_id: str, request: Request) -> Response:
        tenant, by = tenant_of(request), user_of(request)
        return as_json(await door.use(lambda desks: desks.silences.expire(tenant, silence_id, by)))

    @routes.get(
        "/{silence_id}/versions", summary="Every version of a silence, newest first",
        response_model=None,
        responses=answers(members({"versions": described.many(described.VERSION)})),
    )  # fmt: skip
    async def versions(silence_id: str, request: Request) -> Response:
        tenant = tenant_of(request)
        return as_json(await door.use(lambda desks: desks.silences.versions(tenant, silence_id)))

    return routes
