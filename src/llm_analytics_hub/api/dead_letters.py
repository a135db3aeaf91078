"""`/api/v1/dead-letters`: what was refused, why, and another try."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.errors import NotFoundError
from llm_analytics_hub.ingest.replay import DeadLetters


class LettersBody(BaseModel):
    """Which letters: these ids, or all."""

    model_config = ConfigDict(extra="forbid")
    ids: list[str] = Field(default=[], max_length=10_000)
    all: bool = Field(False, description="every letter of the tenant")


def dead_letter_routes(letters: DeadLetters) -> APIRouter:
    """Routes for people who look after refused events."""
    routes = APIRouter(prefix="/api/v1/dead-letters", tags=["dead letters"])

    @routes.get("", summary="Refused events, newest first")
    async def page(
        request: Request, limit: Annotated[int, Query(ge=1, le=1000)] = 100
    ) -> dict[str, Any]:
        return {
            "dead_letters": await asyncio.to_thread(letters.page, tenant_of(request), (), limit)
        }

    @routes.get("/{letter_id}", summary="One refused event")
    async def one(letter_id: str, request: Request) -> dict[str, Any]:
        found = await asyncio.to_thread(letters.page, tenant_of(request), (letter_id,), 1)
        if not found:
            raise NotFoundError(f"no dead letter {letter_id[:64]!r}")
        return found[0]

    @routes.post("/replay", summary="Offer refused events again")
    async def replay(body: LettersBody, request: Request) -> dict[str, Any]:
        ids = _chosen(body)
        return asdict(await asyncio.to_thread(letters.replay, tenant_of(request), ids))

    @routes.post("/purge", summary="Forget refused events")
    async def purge(body: LettersBody, request: Request) -> dict[str, Any]:
        ids = _chosen(body)
        return {"purged": await asyncio.to_thread(letters.purge, tenant_of(request), ids)}

    return routes


def _chosen(body: LettersBody) -> list[str]:
    """The ids asked for; empty means all, and must be said."""
    if not body.ids and not body.all:
        raise NotFoundError('name the letters: {"ids": ["…"]}, or {"all": true}')
    return body.ids
