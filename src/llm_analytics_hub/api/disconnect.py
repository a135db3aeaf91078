"""Work for a client that may go away: when it does, the work ends."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from starlette.requests import Request

from llm_analytics_hub.storage.cancellation import Cancellation

T = TypeVar("T")


async def while_connected(
    request: Request, work: Callable[[Cancellation], T], executor: Executor | None = None
) -> T:
    """What `work` returns, done in a thread; it is cancelled when the client disconnects.

    The body of `request` has to be read before. Raises: what `work` raises.
    """
    cancellation = Cancellation()
    loop = asyncio.get_running_loop()
    working = loop.run_in_executor(executor, work, cancellation)
    leaving = asyncio.create_task(_left(request))
    try:
        ends: set[asyncio.Future[T] | asyncio.Future[None]] = {working, leaving}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            await asyncio.to_thread(cancellation.cancel)
        return await working
    finally:
        leaving.cancel()
        if not working.done():  # this task itself was cancelled: the server stops
            loop.run_in_executor(None, cancellation.cancel)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
