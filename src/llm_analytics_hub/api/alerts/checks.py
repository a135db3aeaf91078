"""`POST /api/v1/alerts/rules/check`: rules tried out on what is stored."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from fastapi import APIRouter, Request
from starlette.responses import Response

from llm_analytics_hub.api.alerts import described
from llm_analytics_hub.api.alerts.asked import object_of
from llm_analytics_hub.api.alerts.described import answers, takes
from llm_analytics_hub.api.alerts.door import AlertDoor
from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.disconnect import while_connected
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.api.turns import Turns
from llm_analytics_hub.errors import HubError, QueryTimeoutError
from llm_analytics_hub.storage.cancellation import Cancellation

SECONDS = 80.0
"""Longest time of one check: it keeps a core busy, and clients wait for no longer than 90 s."""

_FULL = "other checks of rules are still running: wait, or take a shorter time range"
_RANGE = {
    "type": "object",
    "description": "try the rules on it: `last`, or `from` and `to`; without one they are only read",
    "properties": {name: {"type": "string"} for name in ("last", "from", "to")},
}
_BODY = {
    "type": "object",
    "properties": {
        "rules": described.many(described.RULE_BODY),
        "budgets": described.many(described.BUDGET_BODY),
        "time_range": _RANGE,
        "step": {"type": "string", "description": "judged so often; else as long as is quick"},
    },
}
_EXAMPLE = {
    "rules": [{"name": "error-rate", **described.RULE_EXAMPLE}],
    "time_range": {"last": "7d"},
}
_ANSWER = described.members({
    "valid": described.FLAG, "faults": described.many(described.FAULT),
    "report": described.maybe(described.REPORT),
})  # fmt: skip


def check_routes(door: AlertDoor) -> APIRouter:
    """The route of checks, one at a time, with a thread of its own: it holds up no other door."""
    routes = APIRouter()
    threads = ThreadPoolExecutor(1, thread_name_prefix="alert-check")
    turns = Turns(1, full=_FULL)

    @routes.post(
        "/rules/check", summary="Find the faults of rules; with a time range, when they would fire",
        response_model=None, responses=answers(_ANSWER), openapi_extra=takes(_BODY, _EXAMPLE),
    )  # fmt: skip
    async def check(request: Request) -> Response:
        tenant, body = tenant_of(request), await object_of(request)

        def work(gone: Cancellation) -> Response:
            try:
                return as_json(door.desks.checks.check(tenant, body, gone))
            except HubError:
                if gone.is_cancelled:
                    return as_json(None)  # nobody reads it, and nobody would hear of the error
                raise

        async with turns.of(tenant):
            try:
                # When the time is over, the work is cancelled as if the client had gone.
                return await asyncio.wait_for(while_connected(request, work, threads), SECONDS)
            except TimeoutError as error:
                text = f"not done within {SECONDS:g} s: take a shorter range or a longer step"
                raise QueryTimeoutError(text) from error

    return routes
