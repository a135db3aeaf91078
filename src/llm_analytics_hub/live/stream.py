"""The live stream: what was stored, handed to listeners at once, in the order of commits."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import structlog

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.live.matching import LiveBatch
from llm_analytics_hub.model.query import Place
from llm_analytics_hub.telemetry.metrics import Metrics

log = structlog.get_logger(__name__)

LAST_KEY = 2**64 - 1
"""No event of a commit lies behind it: all of one commit were received at one moment."""


@dataclass(frozen=True)
class Published:
    """The events of one commit, or of several on end, as they were stored.

    `place` is the end of them in the order of arrival, `before` the end of what came before: whoever last saw another place than `before` has missed something, and finds it in the store:
    `passed_over` events.
    """

    events: pa.RecordBatch
    before: Place
    place: Place
    passed_over: int = 0

    @cached_property
    def batch(self) -> LiveBatch:
        """The events, to be matched; its work is shared by all listeners."""
        return LiveBatch(self.events)


_TOGETHER = 5_000
"""So many events of commits that wait are handed on at once."""

Listener = Callable[[Published], None]
"""Called on the stream's thread: it must be quick, and what it raises is logged and counted."""


@dataclass(frozen=True)
class _Waiting:
    """A commit, and who listened when it was published: who came later finds it in the store."""

    published: Published
    listeners: tuple[Listener, ...]

    @property
    def rows(self) -> int:
        found: int = self.published.events.num_rows
        return found


class LiveStream:
    """Takes what was committed, and calls the listeners, the first one first. Safe for many threads."""

    def __init__(self, clock: Clock, metrics: Metrics, *, waiting_rows: int = 100_000) -> None:
        """`waiting_rows`: so many events wait for slow listeners; then the oldest are passed over."""
        self._metrics = metrics
        self._most = waiting_rows
        self._changed = threading.Condition()
        self._waiting: deque[_Waiting] = deque()
        self._rows = 0
        self._closing = False
        # What is in the store was received before.
        self._began = self._place = (clock.now(), LAST_KEY)
        self._passed_over = 0
        self._listeners: tuple[Listener, ...] = ()
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)
        self._thread.start()

    @property
    def began(self) -> Place:
        """Where the stream began: nothing behind it was published before the hub was opened."""
        return self._began

    @property
    def place(self) -> Place:
        """The end of what was published last."""
        return self._place

    def listen(self, listener: Listener) -> Place:
        """Call `listener` with every commit from now on, after those that listen already.

        Gives the end of what was published before.
        """
        with self._changed:
            self._listeners = (*self._listeners, listener)
            return self._place

    def leave(self, listener: Listener) -> None:
        """Call it no more; idempotent."""
        with self._changed:
            self._listeners = tuple(one for one in self._listeners if one != listener)

    def publish(self, events: pa.RecordBatch) -> None:
        """Hand on the events of one commit, stored by now; returns at once and never fails."""
        if not events.num_rows:
            return
        with self._changed:
            place = (events["received_at"][-1].as_py(), LAST_KEY)
            published = Published(events, self._place, place)
            self._place = place
            if self._listeners and not self._closing:
                self._waiting.append(_Waiting(published, self._listeners))
                self._rows += events.num_rows
                self._pass_over()
                self._changed.notify()

    def close(self) -> None:
        """Hand on what waits, then stop. Idempotent."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _pass_over(self) -> None:
        """Let go of the oldest where listeners are too slow; they notice, and look in the store."""
        while self._rows > self._most and len(self._waiting) > 1:
            rows = self._waiting.popleft().rows
            self._rows -= rows
            self._passed_over += rows
            self._metrics.live_passed_over.inc(rows)

    def _run(self) -> None:
        while (waiting := self._next()) is not None:
            for listener in waiting.listeners:
                if listener in self._listeners:
                    self._call(listener, waiting.published)

    def _next(self) -> _Waiting | None:
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting) or self._closing)
            if not self._waiting:
                return None
            found, passed_over = self._together(), self._passed_over
            self._passed_over = 0
        published = _joined([one.published for one in found], passed_over)
        return _Waiting(published, found[0].listeners)

    def _together(self) -> list[_Waiting]:
        """Commits that wait, up to a number of events: listeners that are behind have less to do."""
        found = [self._waiting.popleft()]
        rows = found[0].rows
        while self._waiting and self._waiting[0].listeners == found[0].listeners:
            if (rows := rows + self._waiting[0].rows) > _TOGETHER:
                break
            found.append(self._waiting.popleft())
        self._rows -= sum(one.rows for one in found)
        return found

    def _call(self, listener: Listener, published: Published) -> None:
        try:
            listener(published)
        except Exception:
            self._metrics.live_failures.inc()
            log.exception("a listener of the live stream failed")


def _joined(found: list[Published], passed_over: int) -> Published:
    events = pa.concat_batches([one.events for one in found]) if len(found) > 1 else found[0].events
    return Published(events, found[0].before, found[-1].place, passed_over)
