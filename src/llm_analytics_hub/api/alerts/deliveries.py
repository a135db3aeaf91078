"""`/api/v1/alerts/channels` and `/deliveries`: who can be told, and what became of it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from llm_analytics_hub.api.alerts import described
from llm_analytics_hub.api.alerts.described import answers, many, members
from llm_analytics_hub.api.alerts.door import AlertDoor
from llm_analytics_hub.api.alerts.history import paged
from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.letter_choice import from_cursor
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.api.turns import Turns
from llm_analytics_hub.model.alerts.routing import Outcome

MAX_LISTED = 200
TESTS_AT_ONCE = 4
_FULL = "other tests and deliveries of yours are still under way: wait for them"
_CHANNELS = {"channels": many(members({"name": described.TEXT, "kind": described.TEXT}))}
_NAME = Annotated[str | None, Query(min_length=1, max_length=100)]


def channel_routes(door: AlertDoor) -> APIRouter:
    """Routes of channels: those of the hub, which every tenant's routes may use."""
    routes = APIRouter(prefix="/channels")
    send = _Sending()

    @routes.get(
        "", summary="The channels there are", response_model=None,
        responses=answers(members(_CHANNELS)),
    )  # fmt: skip
    async def every(request: Request) -> Response:
        tenant_of(request)  # a name that is none is refused here as everywhere
        return as_json(await door.use(lambda desks: desks.deliveries.channels()))

    @routes.post(
        "/{name}/test", summary="Send a test through a channel: what came of it",
        response_model=None, responses=answers(described.DELIVERY),
    )  # fmt: skip
    async def test(name: str, request: Request) -> Response:
        tenant = tenant_of(request)
        async with send.turns.of(tenant):
            return as_json(await send.run(lambda: door.desks.deliveries.test(tenant, name)))

    return routes


def delivery_routes(door: AlertDoor) -> APIRouter:
    """Routes of what became of notices."""
    routes = APIRouter(prefix="/deliveries")
    one_delivery, send = answers(described.DELIVERY), _Sending()

    @routes.get(
        "", summary="Deliveries, newest first: those that failed with what was to be sent",
        response_model=None, responses=answers(described.page("deliveries", described.DELIVERY)),
    )  # fmt: skip
    async def page(
        request: Request,
        channel: _NAME = None,
        outcome: Annotated[Outcome | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 50,
        cursor: Annotated[str | None, Query(max_length=300)] = None,
    ) -> Response:
        tenant, before = tenant_of(request), from_cursor(cursor) if cursor else None
        return paged(
            await door.use(
                lambda desks: desks.deliveries.page(tenant, channel, outcome, before, limit)
            )
        )

    @routes.get(
        "/{delivery_id}", summary="One delivery, whole", response_model=None,
        responses=one_delivery,
    )  # fmt: skip
    async def one(delivery_id: str, request: Request) -> Response:
        tenant = tenant_of(request)
        return as_json(await door.use(lambda desks: desks.deliveries.one(tenant, delivery_id)))

    @routes.post(
        "/{delivery_id}/resend", summary="Send again what failed, as it was", response_model=None,
        responses=one_delivery,
    )  # fmt: skip
    async def resend(delivery_id: str, request: Request) -> Response:
        tenant = tenant_of(request)
        async with send.turns.of(tenant):
            return as_json(
                await send.run(lambda: door.desks.deliveries.resend(tenant, delivery_id))
            )

    return routes


class _Sending:
    """Threads and turns for what waits for a receiver: a dead one holds up no other door."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(TESTS_AT_ONCE, thread_name_prefix="alert-test")
        self.turns = Turns(TESTS_AT_ONCE, full=_FULL)

    async def run(self, work: Callable[[], Any]) -> Any:
        """What `work` returns."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
