"""Whose turn it is: few heavy questions at once, and one tenant's do not keep others waiting."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from llm_analytics_hub.errors import SaturatedError


class Turns:
    """At most `at_once` of all tenants, one of each, and `waiting` more of each for some seconds.

    Belongs to one event loop.
    """

    def __init__(
        self,
        at_once: int,
        waiting: int = 4,
        seconds: float = 5.0,
        full: str = "other statements in SQL are still running: wait, or ask /api/v1/query",
    ) -> None:
        """`full` is what who must wait too long is told."""
        self._free = asyncio.Semaphore(at_once)
        self._waiting = waiting
        self._seconds = seconds
        self._message = full
        self._present: Counter[str] = Counter()
        self._own: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def of(self, tenant: str) -> AsyncIterator[None]:
        """A turn of `tenant` for the block. Raises: SaturatedError when it takes too long."""
        if self._present[tenant] > self._waiting:
            raise self._full()
        self._present[tenant] += 1
        try:
            await self._enter(tenant)
            try:
                yield
            finally:
                self._free.release()
                self._own[tenant].release()
        finally:
            self._present[tenant] -= 1
            if not self._present[tenant]:
                del self._present[tenant]
                self._own.pop(tenant, None)

    async def _enter(self, tenant: str) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._own[tenant].acquire()
                try:
                    await self._free.acquire()
                except BaseException:
                    self._own[tenant].release()
                    raise
        except TimeoutError as error:
            raise self._full() from error

    def _full(self) -> SaturatedError:
        return SaturatedError(self._message, retry_after_seconds=self._seconds)
