"""`/api/v1/alerts/active`: alerts as they are, and who takes care of them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from llm_analytics_hub.api.alerts import described
from llm_analytics_hub.api.alerts.asked import MAX_PAGE, user_of
from llm_analytics_hub.api.alerts.described import answers, changing
from llm_analytics_hub.api.alerts.door import AlertDoor
from llm_analytics_hub.api.alerts.history import paged
from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.letter_choice import from_cursor
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.model.alerts.alert import Phase
from llm_analytics_hub.model.alerts.levels import Level

Matchers = Annotated[
    list[Annotated[str, Field(max_length=1000)]],
    Query(max_length=20, description='comparisons of labels that must hold: model="gpt-4o", team=~"sec.*"'),
]  # fmt: skip
Flag = Annotated[bool | None, Query(description="only those that are, or are not")]
_PAGE = described.page("alerts", described.ALERT, total=described.WHOLE)
_EXAMPLE = {"alerts": [described.ALERT_EXAMPLE], "total": 1, "next_cursor": None}


class AcknowledgeBody(BaseModel):
    """What is said beside it."""

    model_config = ConfigDict(extra="forbid")
    note: str = Field("", max_length=1000, examples=["I look into it"])


def active_routes(door: AlertDoor) -> APIRouter:
    """Routes of alerts."""
    routes = APIRouter(prefix="/active")
    one_alert = answers(described.ALERT, described.ALERT_EXAMPLE)

    @routes.get(
        "", summary="Alerts that fire or have no data, the newest change first",
        response_model=None, responses=answers(_PAGE, _EXAMPLE),
    )  # fmt: skip
    async def page(
        request: Request,
        state: Annotated[list[Phase], Query(description="alerts in these states")] = [  # noqa: B006
            Phase.FIRING,
            Phase.NO_DATA,
        ],
        severity: Annotated[list[Level], Query(description="none: all")] = [],  # noqa: B006
        rule: Annotated[str | None, Query(max_length=200)] = None,
        match: Matchers = [],  # noqa: B006
        silenced: Flag = None,
        inhibited: Flag = None,
        acknowledged: Flag = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        from llm_analytics_hub.api.alerts.work.quiet import AlertFilter

        tenant, before = tenant_of(request), from_cursor(cursor) if cursor else None
        states, severities = frozenset(state), frozenset(severity)
        flags = (silenced, inhibited, acknowledged)
        wanted = AlertFilter(states, severities, rule, tuple(match), *flags)
        found = await door.use(lambda desks: desks.alerts.page(tenant, wanted, before, limit))
        return paged(found)

    @routes.get(
        "/{fingerprint}", summary="One alert, and where it is told of", response_model=None,
        responses=one_alert,
    )  # fmt: skip
    async def one(fingerprint: str, request: Request) -> Response:
        tenant = tenant_of(request)
        return as_json(await door.use(lambda desks: desks.alerts.one(tenant, fingerprint)))

    @routes.post(
        "/{fingerprint}/acknowledge", response_model=None, responses=one_alert,
        summary="Take care of an alert: repeats and escalation stop until it is over or graver",
        openapi_extra=changing(versioned=False),
    )  # fmt: skip
    async def acknowledge(
        fingerprint: str, request: Request, body: AcknowledgeBody | None = None
    ) -> Response:
        tenant, by, note = tenant_of(request), user_of(request), body.note if body else ""
        return as_json(
            await door.use(lambda desks: desks.alerts.acknowledge(tenant, fingerprint, by, note))
        )

    @routes.post(
        "/{fingerprint}/unacknowledge", summary="Take care of an alert no more",
        response_model=None, responses=one_alert, openapi_extra=changing(versioned=False),
    )  # fmt: skip
    async def unacknowledge(fingerprint: str, request: Request) -> Response:
        tenant = tenant_of(request)
        return as_json(
            await door.use(lambda desks: desks.alerts.unacknowledge(tenant, fingerprint))
        )

    return routes
