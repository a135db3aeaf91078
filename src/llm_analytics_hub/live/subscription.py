"""One subscriber's side of the live stream: a bounded buffer, and what was left out of it."""

import asyncio
from collections import deque
from dataclasses import dataclass

from llm_analytics_hub.live.frames import FRAME_BYTES, Events, Frame, Missed, Quiet
from llm_analytics_hub.model.query import Place


@dataclass
class Progress:
    """Up to where the subscribers of one event loop were handed the stream."""

    place: Place


class Subscription:
    """What waits for one subscriber. For the event loop that reads it."""

    def __init__(self, progress: Progress, place: Place, most: int) -> None:
        """`place` is where the stream stood; `most` events wait, then the oldest are left out."""
        self._progress = progress
        self._most = most
        self._waiting: deque[Events] = deque()
        self._size = 0
        self._missed: Missed | None = None
        self._came = asyncio.Event()
        self._given = place
        self._is_ended = False

    @property
    def place(self) -> Place:
        """Up to where the subscriber was given everything."""
        return self._given

    def put(self, events: Events) -> None:
        """Add what passed; leave out the oldest if there is no room."""
        self._waiting.append(events)
        self._size += len(events.texts)
        while self._size > self._most and len(self._waiting) > 1:
            self._leave_out()
        self._came.set()

    def skip(self, most: int) -> None:
        """Note that up to `most` events were never looked at."""
        while self._waiting:
            self._leave_out()
        missed = self._missed.events if self._missed else 0
        self._missed = Missed(missed + most, self._given, is_at_most=True)
        self._came.set()

    def end(self) -> None:
        """Let nothing come any more, not even what waits: the subscriber goes on elsewhere."""
        self._is_ended = True
        self._came.set()

    async def next(self, quiet_seconds: float) -> Frame | None:
        """The next frame; `Quiet` after that many seconds without one; None at the end."""
        try:
            async with asyncio.timeout(quiet_seconds):
                await self._came.wait()
        except TimeoutError:
            if not self._came.is_set():  # else something came while it was woken
                self._caught_up()
                return Quiet(self._given)
        return None if self._is_ended else self._take()

    def _take(self) -> Frame:
        if self._missed is not None:
            missed, self._missed = self._missed, None
            if not self._waiting:
                self._caught_up()
            return missed
        events = self._together()
        self._given = events.place
        if not self._waiting:
            self._came.clear()
        return events

    def _together(self) -> Events:
        """What waits, as one frame as far as there is room: a reader that is behind has less to read."""
        parts, size = [self._waiting.popleft()], 0
        while self._waiting and (size := size + _bytes(parts[-1])) < FRAME_BYTES:
            if size + _bytes(self._waiting[0]) > FRAME_BYTES:
                break
            parts.append(self._waiting.popleft())
        self._size -= sum(len(one.texts) for one in parts)
        if len(parts) == 1:
            return parts[0]
        return Events(tuple(text for one in parts for text in one.texts), parts[-1].place)

    def _caught_up(self) -> None:
        self._given = max(self._given, self._progress.place)
        self._came.clear()

    def _leave_out(self) -> None:
        events = self._waiting.popleft()
        self._size -= len(events.texts)
        before = self._missed or Missed(0, self._given)
        self._missed = Missed(before.events + len(events.texts), before.place, before.is_at_most)


def _bytes(events: Events) -> int:
    return sum(map(len, events.texts))
