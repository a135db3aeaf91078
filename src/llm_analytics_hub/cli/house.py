"""What a running hub does for itself: forgets what has expired, gives back memory it does not need."""

import asyncio
import contextlib
import time
from collections.abc import Callable

import structlog

from llm_analytics_hub.bootstrap import Hub
from llm_analytics_hub.errors import HubError
from llm_analytics_hub.storage.interface import Table

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 2
EXPIRE_EVERY_SECONDS = 3600

_IDLE_SHARE = 0.1  # of one processor
_WORTHWHILE_SECONDS = 0.5  # of work since the last time, before there can be much to give back


class IdleWatch:
    """Says when a process that has worked comes to rest, by the processor time it has used."""

    def __init__(self, used_seconds: Callable[[], float] = time.process_time) -> None:
        self._used = used_seconds
        self._at_last_look = used_seconds()
        self._at_last_rest = 0.0

    def came_to_rest(self, elapsed_seconds: float) -> bool:
        """Whether it was idle since the last look, `elapsed_seconds` ago, for the first time."""
        used = self._used()
        is_idle = used - self._at_last_look < _IDLE_SHARE * elapsed_seconds
        has_worked = used - self._at_last_rest > _WORTHWHILE_SECONDS
        self._at_last_look = used
        if is_idle and has_worked:
            self._at_last_rest = used
        return is_idle and has_worked


async def keep_house(hub: Hub, stop: asyncio.Event) -> None:
    """Every hour forget what has expired; whenever the hub comes to rest, give back memory."""
    watch = IdleWatch()
    expire_at = looked_at = time.monotonic()
    while not stop.is_set():
        now = time.monotonic()
        try:
            if now >= expire_at:
                expire_at = now + EXPIRE_EVERY_SECONDS
                await asyncio.to_thread(_expire, hub)
            if watch.came_to_rest(now - looked_at):
                await asyncio.to_thread(hub.store.release_memory)
        except HubError as error:
            log.warning("chore failed", reason=error.message)
        looked_at = now
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY_SECONDS)


def _expire(hub: Hub) -> None:
    hub.exports.forget_old()
    dropped = hub.store.drop_expired(hub.clock.now())
    if dropped:
        hub.cache.touched_all()
        log.info("expired", partitions=dropped)
    if any(name.startswith(Table.DEAD_LETTERS) for name in dropped):
        hub.letters.recount()
