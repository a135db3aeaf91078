"""`/api/v1/alerts/history` and `/changes`: what alerts were, and who changed what."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from llm_analytics_hub.api.alerts import described
from llm_analytics_hub.api.alerts.asked import MAX_PAGE
from llm_analytics_hub.api.alerts.described import answers
from llm_analytics_hub.api.alerts.door import AlertDoor
from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.letter_choice import from_cursor, to_cursor
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.model.alerts.alert import Phase

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
Cursor = Annotated[str | None, Query(max_length=200, description="next_cursor of the page before")]
_HISTORY = described.page("history", described.TRANSITION)
_CHANGES = described.page("changes", described.CHANGE)


def history_routes(door: AlertDoor) -> APIRouter:
    """Routes of what was."""
    routes = APIRouter()

    @routes.get(
        "/history", summary="How alerts came to be so, newest first", response_model=None,
        responses=answers(_HISTORY),
    )  # fmt: skip
    async def history(
        request: Request,
        rule: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
        state: Annotated[Phase | None, Query(description="what they came to")] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        tenant, before = tenant_of(request), from_cursor(cursor) if cursor else None
        return paged(
            await door.use(lambda desks: desks.alerts.history(tenant, rule, state, before, limit))
        )

    @routes.get(
        "/changes", summary="Who defined, changed and removed what, newest first",
        response_model=None, responses=answers(_CHANGES),
    )  # fmt: skip
    async def changes(request: Request, limit: Limit = 100, cursor: Cursor = None) -> Response:
        tenant, before = tenant_of(request), from_cursor(cursor) if cursor else None
        return paged(await door.use(lambda desks: desks.alerts.changes(tenant, before, limit)))

    return routes


def paged(found: dict[str, Any]) -> Response:
    """A page whose `next` is the place to go on at."""
    after = found.pop("next")
    return as_json({**found, "next_cursor": to_cursor(after) if after else None})
