"""Live streams as they are gone through: event by event, or frame by frame."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from typing import Any

from llm_analytics_hub.client.watch import Frame, Missed, Watch

Given = dict[str, Any] | Missed


class EventStream:
    """A live stream. It is opened when it is gone through, anew each time, and never ends."""

    def __init__(self, follow: Callable[[Watch], Iterator[Frame]], watch: Watch) -> None:
        self._follow = follow
        self._watch = watch
        self.cursor = watch.cursor
        """Where to go on behind what was given; None before anything came."""

    def frames(self) -> Generator[Frame, None, None]:
        """What came at once, also where all was quiet; `cursor` moves on with the next one."""
        for frame in self._follow(self._watch):
            yield frame
            self.cursor = frame.cursor

    def __iter__(self) -> Iterator[Given]:
        for frame in self._follow(self._watch):
            given = _all_of(frame)
            yield from given[:-1]
            self.cursor = frame.cursor
            yield from given[-1:]


class AsyncEventStream:
    """The same for `async for`."""

    def __init__(self, follow: Callable[[Watch], AsyncIterator[Frame]], watch: Watch) -> None:
        self._follow = follow
        self._watch = watch
        self.cursor = watch.cursor
        """Where to go on behind what was given; None before anything came."""

    async def frames(self) -> AsyncGenerator[Frame, None]:
        """What came at once, also where all was quiet; `cursor` moves on with the next one."""
        async for frame in self._follow(self._watch):
            yield frame
            self.cursor = frame.cursor

    async def __aiter__(self) -> AsyncIterator[Given]:
        async for frame in self._follow(self._watch):
            given = _all_of(frame)
            for number, one in enumerate(given, 1):
                if number == len(given):
                    self.cursor = frame.cursor
                yield one
            self.cursor = frame.cursor


def _all_of(frame: Frame) -> list[Given]:
    return [frame.missed] if frame.missed else [*frame.events]
