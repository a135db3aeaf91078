"""Feeds of periods: a report of each, once it is over; those that were missed in order."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from llm_analytics_hub.connectors.feeds.channel import Channel
from llm_analytics_hub.connectors.feeds.outbox import Json
from llm_analytics_hub.errors import InvalidInputError, NotFoundError
from llm_analytics_hub.model.query import TimeRange

log = structlog.get_logger(__name__)

CATCH_UP = 48
"""Most periods that are told after they were missed, the latest."""

LONGEST_SLEEP_SECONDS = 60.0
"""However far the end of a period is: clocks are set, and machines sleep."""

NOTHING_TO_TELL = frozenset({"no_usage", "unknown_cost", "too_few_periods"})

Make = Callable[[TimeRange], Sequence[Json]]


@dataclass(frozen=True)
class PeriodFeed:
    """Tells what `make` makes of each period of length `every` (UTC), the oldest first.

    Each is told once, also over restarts: only what fails between sending and remembering is told
    twice. The first is the one that was over last when the feed first ran.
    """

    channel: Channel
    make: Make
    most: int = CATCH_UP

    async def tell(self) -> float:
        """See `Feed.tell`."""
        link = self.channel.link
        for span in self._due(from_cursor(await link.cursor())):
            for body in await self._made(span):
                await self.channel.outbox.send(body)
            await link.keep(to_cursor(span.end))
        return self._seconds_left()

    def _due(self, told: datetime | None) -> list[TimeRange]:
        every, end = self.channel.every, self._last_end()
        first = end - every if told is None else last_end(told, every)
        missed = (end - first) // every - self.most
        if missed > 0:
            log.warning("periods left out", connector=self.channel.link.state.name, count=missed)
            first = end - self.most * every
        count = (end - first) // every
        return [TimeRange(first + n * every, first + (n + 1) * every) for n in range(count)]

    async def _made(self, span: TimeRange) -> Sequence[Json]:
        try:
            return await asyncio.to_thread(self.make, span)
        except (NotFoundError, InvalidInputError) as error:
            # It would be the same another time.
            if error.code not in NOTHING_TO_TELL:
                self.channel.link.fault(error)
                log.warning("period not told", connector=self.channel.link.state.name, reason=error)
            return ()

    def _last_end(self) -> datetime:
        return last_end(self.channel.link.clock.now() - self.channel.delay, self.channel.every)

    def _seconds_left(self) -> float:
        due = self._last_end() + self.channel.every + self.channel.delay
        left = (due - self.channel.link.clock.now()).total_seconds()
        return min(left, LONGEST_SLEEP_SECONDS)


def last_end(now: datetime, every: timedelta) -> datetime:
    """When the last period of that length was over."""
    return now - (now - datetime(1970, 1, 1, tzinfo=UTC)) % every


def to_cursor(end: datetime) -> str:
    """What is remembered of a period that was told."""
    return json.dumps({"end": end.isoformat()})


def from_cursor(cursor: str | None) -> datetime | None:
    """The end of the last period told; None where another feed had the name before."""
    end = json.loads(cursor).get("end") if cursor else None
    return datetime.fromisoformat(end) if end else None
