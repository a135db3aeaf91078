"""Stored events in the order in which they came, read on from a place that the caller holds."""

import asyncio
import base64
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from llm_analytics_hub.api.rpc.live import Live, woken
from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.query import Arrivals, Filter, Place
from llm_analytics_hub.query.events import EventLists

MAX_STREAMED = 1_000_000
BATCH = 500

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS = 253_402_300_799_000  # the end of the year 9999
_NO_PLACE = "the cursor is none of this stream"


def arrived(
    lists: EventLists, tenant: str, where: Filter, request: Any, told: Callable[[Any, str], Any]
) -> Iterator[Any]:
    """What `told` makes of each event and its cursor, from the place the request names, to the last.

    Raises: InvalidQueryError.
    """
    place = to_place(request.cursor) if request.cursor else since(request.since)
    left = _limit(request.limit)
    # Until nothing comes: a batch may be short of an event that was read twice.
    while left and (found := _page(lists, tenant, where, place, left)):
        for here, event in found:
            yield told(event, to_cursor(here))
        place = found[-1][0]
        left -= len(found)


async def followed(
    lists: EventLists,
    live: Live,
    tenant: str,
    where: Filter,
    request: Any,
    told: Callable[[Any, str], Any],
) -> AsyncGenerator[Any, None]:
    """As `arrived`, and then what comes. Raises: also SaturatedError, UnavailableError.

    The store tells it, so that every event has a cursor and none is missed.
    """
    place = to_place(request.cursor) if request.cursor else since(request.since)
    left = _limit(request.limit)
    async with aclosing(woken(live, tenant, where)) as wakes:
        async for _ in wakes:
            asked = partial(_page, lists, tenant, where)
            while left and (found := await asyncio.to_thread(asked, place, left)):
                for here, event in found:
                    yield told(event, to_cursor(here))
                place = found[-1][0]
                left -= len(found)
            if not left:
                return


def _page(
    lists: EventLists, tenant: str, where: Filter, place: Place, left: int
) -> list[tuple[Place, dict[str, Any]]]:
    return lists.arrivals(Arrivals(tenant, where, place, min(left, BATCH)))


def since(milliseconds: int) -> Place:
    """The place before all that was received from then on. Raises: InvalidQueryError."""
    if not 0 <= milliseconds <= _LATEST_MS:
        raise InvalidQueryError("since: it is milliseconds since 1970-01-01 UTC")
    # Just before: the order is by time and key, and a key may be 0.
    return _EPOCH + timedelta(milliseconds=milliseconds) - timedelta(microseconds=1), 2**64 - 1


def to_cursor(place: Place) -> str:
    """A place as an opaque text."""
    text = f"{(place[0] - _EPOCH) // timedelta(microseconds=1)}|{place[1]}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def to_place(cursor: str) -> Place:
    """The place of a cursor. Raises: InvalidQueryError."""
    try:
        moment, key = base64.b64decode(cursor.encode(), b"-_", validate=True).decode().split("|")
        place = _EPOCH + timedelta(microseconds=int(moment)), int(key)
    except (ValueError, OverflowError) as error:  # binascii.Error is a ValueError
        raise InvalidQueryError(_NO_PLACE, code="invalid_cursor") from error
    if place[0] < _EPOCH or not 0 <= place[1] < 2**64:
        raise InvalidQueryError(_NO_PLACE, code="invalid_cursor")
    return place


def _limit(limit: int) -> int:
    if not 0 <= limit <= MAX_STREAMED:
        raise InvalidQueryError(f"limit: it is 1 to {MAX_STREAMED}, or 0 for {MAX_STREAMED}")
    return limit or MAX_STREAMED
