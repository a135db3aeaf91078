"""Messages that came and are not stored yet, in bounded memory."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from llm_analytics_hub.integrations.payload import Payload

Done = TypeVar("Done")

END_SECONDS = 10
"""How long a connector that is told to end goes on storing what has no other copy."""


class Waiting:
    """A bounded queue that is read in batches: whoever fills it waits while it is full."""

    def __init__(self, most: int) -> None:
        self._queue: asyncio.Queue[Payload] = asyncio.Queue(most)

    def __bool__(self) -> bool:
        return not self._queue.empty()

    async def put(self, payload: Payload) -> None:
        """Add one, when there is room."""
        await self._queue.put(payload)

    async def batch(self, most: int) -> list[Payload]:
        """What is there, at least one: storing takes long enough for more to gather."""
        found = [await self._queue.get()]
        with suppress(asyncio.QueueEmpty):
            while len(found) < most:
                found.append(self._queue.get_nowait())
        return found


async def until_ended(work: Awaitable[None], ended: asyncio.Event) -> None:
    """Do `work`, which has no end. Raises: what it raises; ConnectionError once `ended` is set."""
    doing, ending = asyncio.ensure_future(work), asyncio.ensure_future(ended.wait())
    try:
        await asyncio.wait((doing, ending), return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            doing.result()
        raise ConnectionError("the other side ended the connection")
    finally:
        doing.cancel()
        ending.cancel()
        await asyncio.gather(doing, ending, return_exceptions=True)


async def to_the_end(work: Awaitable[Done], seconds: float = END_SECONDS) -> Done:
    """What `work` gives. Whoever cancels the wait for it waits so long for its end all the same."""
    doing = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        await asyncio.wait((doing,), timeout=seconds)
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
        raise


Store = Callable[[list[Payload]], Awaitable[object]]


async def store_rest(waiting: Waiting, filling: Awaitable[object], store: Store, most: int) -> None:
    """Store what is there and what `filling` still brings, then return."""
    coming = asyncio.ensure_future(filling)
    try:
        while waiting or not coming.done():
            if waiting:
                await store(await waiting.batch(most))
            else:
                await asyncio.wait((coming,), timeout=0.05)
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
