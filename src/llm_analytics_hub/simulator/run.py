"""The demo: a week of history as fast as the hub takes it, then live traffic until told to stop."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import takewhile

import httpx

from llm_analytics_hub.clock import Clock, SystemClock
from llm_analytics_hub.simulator.platform import Platform, history, live
from llm_analytics_hub.simulator.requests import Request
from llm_analytics_hub.simulator.sender import Progress, Sender, Sent, send
from llm_analytics_hub.simulator.story import Story

SEED = 7
STORY_DAYS = 7


async def run_demo(
    url: str,
    days: int = 7,
    events: int = 220_000,
    live_events_per_second: float = 20,
    on_progress: Progress | None = None,
    stop: asyncio.Event | None = None,
    *,
    seed: int = SEED,
    tenant: str = "default",
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Sent:
    """What became of everything that was sent, once `stop` is set.

    The last `days` days up to now get about `events` events; the story fills the last seven.
    With 0 live events a second it ends after the history. `on_progress` hears the events sent.
    Raises: as `send`.
    """
    clock, stop = clock or SystemClock(), stop or asyncio.Event()
    now = clock.now()
    start = (now - timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
    first_day = (now - timedelta(days=min(days, STORY_DAYS))).date()
    platform = Platform(seed, Story(first_day), tenant)

    past = _while_wanted(history(platform, start, now, events), stop)
    sent = await send(past, url, on_progress, transport=transport)
    if live_events_per_second > 0:
        present = live(platform, clock, live_events_per_second, since=now)
        async with Sender(url, transport=transport) as sender:
            for when, request in present:
                delay = (when - clock.now()).total_seconds()
                if await _is_set_within(stop, delay):
                    break
                sent.add(await sender.post(request))
                if on_progress is not None:
                    on_progress(sent.total)
    return sent


def _while_wanted(requests: Iterable[Request], stop: asyncio.Event) -> Iterator[Request]:
    return takewhile(lambda _: not stop.is_set(), requests)


async def _is_set_within(stop: asyncio.Event, seconds: float) -> bool:
    """Whether `stop` is set, now or within the seconds, which are waited for."""
    if seconds <= 0:
        return stop.is_set()
    try:
        async with asyncio.timeout(seconds):
            return await stop.wait()
    except TimeoutError:
        return False
