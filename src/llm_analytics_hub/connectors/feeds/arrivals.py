"""Feeds of events: each is told in the order in which the hub received them."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from llm_analytics_hub.connectors.feeds.channel import Channel
from llm_analytics_hub.connectors.feeds.outbox import Json
from llm_analytics_hub.connectors.waiting import to_the_end
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.ingest.intake import SET_BACK
from llm_analytics_hub.model.query import All, Arrivals, Filter, Place

BATCH = 500
"""Events read together (WIRE_FORMATS §8)."""

GOODBYE_SECONDS = 2.0
"""How long a feed that is told to end waits for an answer."""

Event = Mapping[str, Any]
ToBody = Callable[[Event], Json]
ToRows = Callable[[Sequence[Event]], Sequence[Json]]


@dataclass(frozen=True)
class ArrivalFeed:
    """Tells the events that `where` lets through: each alone, or as rows of an array.

    It begins with what arrives after it first ran, and loses none over restarts. What fails between
    sending and remembering is told again: at least once.
    """

    channel: Channel
    where: Sequence[Filter]
    to_body: ToBody | None = None
    to_rows: ToRows | None = None

    async def tell(self) -> float:
        """See `Feed.tell`."""
        place = await self._place()
        while events := await self._after(place):
            place = await self._send(events)
        return self.channel.every.total_seconds()

    async def _place(self) -> Place:
        """Where to go on; a clock that was set back far has what is new before what was told."""
        link = self.channel.link
        place, now = _from_cursor(await link.cursor()), link.clock.now()
        if place is None or place[0] > now + SET_BACK:
            place = (now, 0)
            await link.keep(_to_cursor(place))
        return place

    async def _after(self, place: Place) -> Sequence[tuple[Place, Event]]:
        link = self.channel.link
        wanted = Arrivals(link.tenant, All(tuple(self.where)), place, BATCH)
        return await asyncio.to_thread(link.sources.lists.arrivals, wanted)

    async def _send(self, events: Sequence[tuple[Place, Event]]) -> Place:
        """Where the last of them stands; each is remembered when it is told."""
        for place, body in self._bodies(events):
            # Whole, also when the hub stops: what was taken and not remembered is told again.
            await to_the_end(self._tell(place, body), GOODBYE_SECONDS)
        link, last = self.channel.link, events[-1][0]
        link.lag((link.clock.now() - last[0]).total_seconds())
        return last

    async def _tell(self, place: Place, body: Json | Sequence[Json]) -> None:
        await self._send_one(body)
        await self.channel.link.keep(_to_cursor(place))

    async def _send_one(self, body: Json | Sequence[Json]) -> None:
        if isinstance(body, dict):
            await self.channel.outbox.send(body)
        else:
            await self.channel.outbox.send_rows(list(body))

    def _bodies(
        self, events: Sequence[tuple[Place, Event]]
    ) -> Iterator[tuple[Place, Json | Sequence[Json]]]:
        if self.to_rows is not None:
            yield events[-1][0], self.to_rows([event for _, event in events])
        for place, event in events if self.to_body is not None else ():
            yield place, self._body(event)

    def _body(self, event: Event) -> Json | Sequence[Json]:
        """Of an event; nothing of one that cannot be told, and never can."""
        assert self.to_body is not None  # noqa: S101 - see `_bodies`
        try:
            return self.to_body(event)
        except InvalidInputError as error:
            self.channel.link.refused(error)
            return ()


def _to_cursor(place: Place) -> str:
    return json.dumps({"received_at": place[0].isoformat(), "event_key": place[1]})


def _from_cursor(cursor: str | None) -> Place | None:
    """The place of the last event told; None where another feed had the name before."""
    kept = json.loads(cursor) if cursor else {}
    if "received_at" not in kept:
        return None
    return datetime.fromisoformat(kept["received_at"]), kept["event_key"]
