"""`/api/v1/dead-letters`: what was refused, why, and another try."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.letter_choice import (
    LetterParameters,
    LettersBody,
    ReplayBody,
    chosen,
    letter_filter,
    place_of,
    to_cursor,
)
from llm_analytics_hub.errors import NotFoundError
from llm_analytics_hub.ingest.replay import DeadLetters, Replayed

MAX_PAGE = 1_000


def dead_letter_routes(letters: DeadLetters) -> APIRouter:
    """Routes for people who look after refused events."""
    routes = APIRouter(prefix="/api/v1/dead-letters", tags=["dead letters"])

    @routes.get("", summary="Refused events, newest first")
    async def page(
        request: Request,
        asked: Annotated[LetterParameters, Depends()],
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
    ) -> dict[str, Any]:
        tenant, where = tenant_of(request), letter_filter(asked)
        found = await asyncio.to_thread(letters.page, tenant, (), limit + 1, where)
        shown, more = found[:limit], found[limit:]
        return {
            "dead_letters": shown,
            "next_cursor": to_cursor(place_of(shown[-1])) if more else None,
            "limit_reached": letters.is_full(tenant),
        }

    @routes.get("/{letter_id}", summary="One refused event")
    async def one(letter_id: str, request: Request) -> dict[str, Any]:
        found = await asyncio.to_thread(letters.page, tenant_of(request), (letter_id,), 1)
        if not found:
            raise NotFoundError(
                f"no dead letter {letter_id[:64]!r}: it was replayed, purged, or expired"
            )
        return found[0]

    @routes.post(
        "/replay", summary="Offer refused events again; go on with next_cursor while there is one"
    )
    async def replay(body: ReplayBody, request: Request) -> dict[str, Any]:
        ids, where = chosen(body)
        done = await asyncio.to_thread(
            letters.replay, tenant_of(request), ids, where, dry_run=body.dry_run
        )
        return _answer(done, dry_run=body.dry_run)

    @routes.post("/purge", summary="Forget refused events")
    async def purge(body: LettersBody, request: Request) -> dict[str, Any]:
        ids, where = chosen(body)
        return {"purged": await asyncio.to_thread(letters.purge, tenant_of(request), ids, where)}

    return routes


def _answer(done: Replayed, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "tried": done.tried,
        "stored": done.stored,
        "repeats": done.repeats,
        "remaining": done.remaining,
        "reasons": done.reasons,
        "next_cursor": to_cursor(done.next_place) if done.next_place else None,
    }
