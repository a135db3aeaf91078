"""Hands the frames of one subscriber on, until they end or the receiver leaves."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from starlette.requests import HTTPConnection

from llm_analytics_hub.api.stream.asked import asked_of
from llm_analytics_hub.api.stream.origin import check_origin
from llm_analytics_hub.live.frames import Frame
from llm_analytics_hub.live.subscriptions import Subscriptions

Write = Callable[[Frame], Awaitable[None]]


@dataclass(frozen=True)
class Opened:
    """The frames of a subscriber; the first one is here: nothing can be refused any more."""

    first: Frame
    rest: AsyncGenerator[Frame, None]

    async def relay(self, write: Write, leaving: Coroutine[Any, Any, None]) -> bool:
        """Whether the frames came to their end; False where `leaving` did before.

        A write that has to wait holds up nobody else. Raises: what `write` and the frames raise.
        """
        pouring, left = asyncio.create_task(self._pour(write)), asyncio.create_task(leaving)
        try:
            await asyncio.wait((pouring, left), return_when=asyncio.FIRST_COMPLETED)
            if pouring.done():
                pouring.result()
            return not left.done()
        finally:
            pouring.cancel()
            left.cancel()
            await asyncio.gather(pouring, left, return_exceptions=True)
            await self.rest.aclose()

    async def _pour(self, write: Write) -> None:
        await write(self.first)
        async for frame in self.rest:
            await write(frame)


async def opened(subscriptions: Subscriptions, connection: HTTPConnection) -> Opened:
    """What a request subscribes to.

    Raises: InvalidInputError that names the parameter; DeniedError for a page of another site;
    SaturatedError; UnavailableError.
    """
    check_origin(connection)
    asked = asked_of(connection)
    frames = subscriptions.frames(asked.tenant, asked.where, asked.after)
    return Opened(await anext(frames), frames)
