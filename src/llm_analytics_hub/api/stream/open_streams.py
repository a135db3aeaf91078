"""The streams that are open, so that a hub that stops can end them before it waits for requests."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.types import Scope

ABORT = "hub.abort"
"""Extension of a connection's scope: cuts it off, whatever is still to be sent."""

END_SECONDS = 1.0
"""How long the receivers of ended streams have to take what is on its way to them."""

Abort = Callable[[], object]


class OpenStreams:
    """Knows every stream of an event loop until it is over."""

    def __init__(self, end: Callable[[], None]) -> None:
        """`end` makes all streams come to their end."""
        self._end = end
        self._open: dict[object, Abort] = {}
        self._none_left = asyncio.Event()

    @contextmanager
    def holding(self, abort: Abort) -> Iterator[None]:
        """A stream is open for the block; `abort` cuts it off."""
        one = object()
        self._open[one] = abort
        self._none_left.clear()
        try:
            yield
        finally:
            del self._open[one]
            if not self._open:
                self._none_left.set()

    async def stop(self, seconds: float = END_SECONDS) -> None:
        """End all streams; those whose receivers take nothing are cut off after that time."""
        self._end()
        if not self._open:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._none_left.wait()
        except TimeoutError:
            for abort in list(self._open.values()):
                abort()


def abort_of(scope: Scope) -> Abort:
    """What cuts a connection off; where the server has no way to, its task is cancelled."""
    found: Abort | None = scope.get("extensions", {}).get(ABORT)
    if found is not None:
        return found
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - requests are answered by tasks
    return task.cancel


def cut_off_later(scope: Scope) -> None:
    """Cut an ended connection off after a while: a receiver that is stuck never takes the end."""
    found: Abort | None = scope.get("extensions", {}).get(ABORT)
    if found is not None:
        asyncio.get_running_loop().call_later(END_SECONDS, found)
