"""`/api/v1/alerts/rules` and `/budgets`: what is watched, and every version of it."""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from llm_analytics_hub.api.alerts import described
from llm_analytics_hub.api.alerts.asked import MAX_PAGE, expected_version, object_of, user_of
from llm_analytics_hub.api.alerts.described import answers, changing, takes
from llm_analytics_hub.api.alerts.door import AlertDoor
from llm_analytics_hub.api.alerts.kept import Kept, show_budgets, show_rules
from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.model.alerts.definition import DefinitionKind

if TYPE_CHECKING:
    from llm_analytics_hub.alerts.rules.entry import Entry
    from llm_analytics_hub.api.alerts.work.desks import Desks

Expected = Annotated[
    int | None, Query(ge=0, le=10**9, description="its version now; 0: there is none yet")
]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
Cursor = Annotated[str | None, Query(max_length=200, description="next_cursor of the page before")]
Contains = Annotated[str, Query(max_length=100, description="text in the name")]
Kind = Annotated[str | None, Query(max_length=40, description="only of this kind")]


def rule_routes(door: AlertDoor) -> APIRouter:
    """Routes of rules."""
    routes = APIRouter(prefix="/rules")
    kept = Kept(door, DefinitionKind.RULE, show_rules)

    @routes.get(
        "", summary="Rules by name: shipped ones, those of files, your own", response_model=None,
        responses=answers(described.page("rules", described.DEFINED)),
    )  # fmt: skip
    async def page(
        request: Request,
        kind: Kind = None,
        contains: Contains = "",
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        return await kept.page(request, "rules", limit, cursor, kind, contains)

    several = {"rules": described.many(described.RULE_BODY), "budgets": described.many(described.BUDGET_BODY)}  # fmt: skip
    example = {"rules": [{"name": "error-rate", **described.RULE_EXAMPLE}]}

    @routes.post(
        "", summary="Define several rules and budgets: each list all or none", response_model=None,
        responses=answers({"type": "object"}),
        openapi_extra=changing(
            takes({"type": "object", "properties": several}, example), versioned=False
        ),
    )  # fmt: skip
    async def put_all(request: Request) -> Response:
        tenant, by, body = tenant_of(request), user_of(request), await object_of(request)
        return as_json(await door.use(lambda desks: desks.definitions.put_all(tenant, body, by)))

    _add_one(routes, kept, takes(described.RULE_BODY, described.RULE_EXAMPLE), described.DEFINED)
    return routes


def budget_routes(door: AlertDoor) -> APIRouter:
    """Routes of budgets."""
    routes = APIRouter(prefix="/budgets")
    kept = Kept(door, DefinitionKind.BUDGET, show_budgets)

    @routes.get(
        "", summary="Budgets by name, with what is spent now", response_model=None,
        responses=answers(described.page("budgets", described.BUDGET)),
    )  # fmt: skip
    async def page(
        request: Request,
        contains: Contains = "",
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        cursor: Cursor = None,
    ) -> Response:
        return await kept.page(request, "budgets", limit, cursor, None, contains)

    _add_one(routes, kept, takes(described.BUDGET_BODY, described.BUDGET_EXAMPLE), described.BUDGET)
    return routes


def _add_one(routes: APIRouter, kept: Kept, body: described.Json, shape: described.Json) -> None:
    """Routes of one rule or budget."""
    one, changed = answers(shape), changing()
    what = kept.kind.value

    @routes.get("/{name}", summary=f"One {what}", response_model=None, responses=one)
    async def get(name: str, request: Request) -> Response:
        return await kept.answer(request, lambda desks, tenant: _entry(desks, kept, tenant, name))

    @routes.put(
        "/{name}", summary=f"Define a {what}, anew or as its next version", response_model=None,
        responses=one, openapi_extra=changing(body),
    )  # fmt: skip
    async def put(name: str, request: Request, expected: Expected = None) -> Response:
        by, version = user_of(request), expected_version(request, expected)
        given = await object_of(request)
        return await kept.answer(
            request,
            lambda desks, tenant: desks.definitions.put(
                tenant, kept.kind, name, given, by, version
            ),
        )

    gone = answers({"type": "object", "required": ["removed"]})

    @routes.delete(
        "/{name}", summary=f"Remove a {what}; a default that it replaced works again",
        response_model=None, responses=gone, openapi_extra=changed,
    )  # fmt: skip
    async def remove(name: str, request: Request, expected: Expected = None) -> Response:
        by, version = user_of(request), expected_version(request, expected)
        tenant = tenant_of(request)
        return as_json(
            await kept.door.use(
                lambda desks: desks.definitions.remove(tenant, kept.kind, name, by, version)
            )
        )

    def add_switch(action: str, summary: str, *, is_paused: bool) -> None:
        @routes.post(
            f"/{{name}}/{action}", summary=summary, name=action, response_model=None,
            responses=one, openapi_extra=changed,
        )  # fmt: skip
        async def switch(name: str, request: Request, expected: Expected = None) -> Response:
            by, version = user_of(request), expected_version(request, expected)
            return await kept.answer(
                request,
                lambda desks, tenant: desks.definitions.pause(
                    tenant, kept.kind, name, by, version, is_paused=is_paused
                ),
            )

    add_switch("pause", f"Pause a {what}: it is judged no more", is_paused=True)
    add_switch("resume", f"Have a {what} go on", is_paused=False)
    every = answers(described.members({"versions": described.many(described.VERSION)}))

    @routes.get(
        "/{name}/versions", summary=f"Every version of a {what}, newest first",
        response_model=None, responses=every,
    )  # fmt: skip
    async def versions(name: str, request: Request) -> Response:
        tenant = tenant_of(request)
        return as_json(
            await kept.door.use(lambda desks: desks.definitions.versions(tenant, kept.kind, name))
        )


def _entry(desks: "Desks", kept: Kept, tenant: str, name: str) -> "Entry":
    return desks.definitions.entry(tenant, kept.kind, name)
