"""A channel at work: its own thread and queue, tries with waits between them, and what failed."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from time import monotonic

import structlog

from llm_analytics_hub.alerts.channels.abilities import Prepared, Refreshed
from llm_analytics_hub.alerts.channels.channel import Channel, ChannelError
from llm_analytics_hub.alerts.channels.metrics import ChannelMetrics
from llm_analytics_hub.model.alerts.routing import Notice

log = structlog.get_logger(__name__)

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0
GOODBYE_SECONDS = 5.0
"""How long a message on its way may take when the hub ends."""


@dataclass(frozen=True)
class Ended:
    """How a task ended: `error` is empty where the other side took it."""

    tries: int
    error: str = ""


@dataclass(frozen=True)
class Task:
    """Something to send, who is told what became of it, and when it was given (monotonic)."""

    send: Callable[[], None]
    done: Callable[[Ended], None]
    since: float


class Worker:
    """Sends one after the other on a thread of its own, which begins with the first one.

    A task that fails is tried again, after 1 s, 2 s, 4 s, … 60 s, half of each by chance, or when the
    other side says; those behind it wait, so that news of a group arrives in order.
    """

    def __init__(
        self,
        channel: Channel,
        metrics: ChannelMetrics,
        *,
        tries: int,
        most: int,
        first_seconds: float = FIRST_SECONDS,
    ) -> None:
        self.channel = channel
        self._metrics = metrics
        self._tries = tries
        self._most = most
        self._first_seconds = first_seconds
        self._random = Random()  # noqa: S311 - spreads tries, keeps no secret
        self._waiting: deque[Task | Notice] = deque()
        self._changed = threading.Condition()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._refreshed = channel if isinstance(channel, Refreshed) else None
        self._next_refresh = float("inf")

    def start(self) -> None:
        """Begin the thread, if it has not begun."""
        with self._changed:
            self._begin()

    def take(self, task: Task) -> bool:
        """Whether there was room for it."""
        with self._changed:
            if self._ended.is_set() or len(self._waiting) >= self._most:
                return False
            self._append(task)
        return True

    def remember(self, notice: Notice) -> None:
        """Have the channel know what goes on, if it is one that tells it again."""
        with self._changed:
            if self._refreshed is not None and not self._ended.is_set():
                self._append(notice)

    @property
    def is_open(self) -> bool:
        """Whether it takes anything."""
        return not self._ended.is_set()

    def end(self) -> None:
        """Tell the thread to end. What still waits is not sent, and nobody is told of it."""
        self._ended.set()
        with self._changed:
            self._changed.notify()

    def close(self) -> None:
        """Wait until the thread has ended, some seconds at most. Idempotent."""
        self.end()
        if self._thread is not None:
            self._thread.join(GOODBYE_SECONDS)
        self.channel.close()

    def _append(self, one: Task | Notice) -> None:
        self._waiting.append(one)
        self._metrics.waiting.labels(self.channel.name).set(len(self._waiting))
        self._begin()
        self._changed.notify()

    def _begin(self) -> None:
        if self._thread is None and not self._ended.is_set():
            name = f"channel {self.channel.name}"
            self._thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._thread.start()

    def _work(self) -> None:
        if isinstance(self.channel, Prepared):
            self._tried(self.channel.prepare)
        while not self._ended.is_set():
            one = self._next()
            if isinstance(one, Task):
                self._do(one)
            elif one is not None and self._refreshed is not None:
                self._refreshed.remember(one)
            self._refresh_if_due()

    def _next(self) -> Task | Notice | None:
        """The next one; None where it is time for something else."""
        with self._changed:
            if not self._waiting and not self._ended.is_set():
                seconds = self._next_refresh - monotonic()
                self._changed.wait(None if seconds == float("inf") else max(seconds, 0))
            one = self._waiting.popleft() if self._waiting else None
            self._metrics.waiting.labels(self.channel.name).set(len(self._waiting))
            return None if self._ended.is_set() else one

    def _do(self, task: Task) -> None:
        for number in range(1, self._tries + 1):
            error = self._tried(task.send)
            if error is None:
                self._metrics.seconds.labels(self.channel.name).observe(monotonic() - task.since)
                return self._tell(task, Ended(number))
            if self._ended.is_set():
                return None  # whoever gave it finds it again after the next start
            if error.is_final or number == self._tries:
                return self._tell(task, Ended(number, error.message))
            self._metrics.retries.labels(self.channel.name).inc()
            if number == 1:
                log.warning("channel failed", channel=self.channel.name, error=error.message)
            if self._ended.wait(max(error.retry_after_seconds, self._pause(number))):
                return None
        return None

    def _tried(self, send: Callable[[], None]) -> ChannelError | None:
        try:
            send()
        except ChannelError as error:
            return error
        except Exception as error:
            # A fault of the hub's: the thread goes on, and the type says where to look.
            log.exception("channel broke", channel=self.channel.name)
            return ChannelError(f"the channel broke: {type(error).__name__}", is_final=True)
        return None

    def _tell(self, task: Task, end: Ended) -> None:
        try:
            task.done(end)
        except Exception:
            log.exception("delivery not noted", channel=self.channel.name)

    def _pause(self, failures: int) -> float:
        """Half of it is chance ("equal jitter", AWS Architecture Blog)."""
        whole = min(self._first_seconds * 2.0 ** min(failures - 1, 30), LONGEST_SECONDS)
        return whole / 2 + self._random.uniform(0, whole / 2)

    def _refresh_if_due(self) -> None:
        if self._refreshed is None or self._ended.is_set():
            return
        now = monotonic()
        if self._next_refresh == float("inf"):
            self._next_refresh = now + self._refreshed.refresh_seconds
        elif now >= self._next_refresh:
            self._next_refresh = now + self._refreshed.refresh_seconds
            error = self._tried(self._refreshed.refresh)
            if error is not None:
                log.warning("refresh failed", channel=self.channel.name, error=error.message)
