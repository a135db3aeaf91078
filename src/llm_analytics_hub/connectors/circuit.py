"""A circuit breaker: while a remote is down, one of its connectors tries now and then, not all.

Own, for the packages there are count failures of calls; a connection that lasts is none, and these
wait for the one that probes.
"""

import asyncio

from llm_analytics_hub.connectors.pace import Timer

FAILURES = 5
"""In a row, of whichever connector, that open the circuit."""

OPEN_SECONDS = 30.0


class Circuit:
    """Shared by the connectors of one remote. For one event loop."""

    def __init__(
        self, timer: Timer, *, failures: int = FAILURES, open_seconds: float = OPEN_SECONDS
    ) -> None:
        self._timer = timer
        self._most = failures
        self._open_seconds = open_seconds
        self._failures = 0
        self._tried_at: float | None = None
        self._closed = asyncio.Event()
        self._closed.set()

    @property
    def is_open(self) -> bool:
        """Whether the remote is taken to be down."""
        return self._tried_at is not None

    async def admitted(self) -> None:
        """Return when it is worth a try: at once, or when the remote is back or to be probed."""
        while self._seconds_left() > 0:
            waiting = [
                asyncio.ensure_future(self._timer.sleep(self._seconds_left())),
                asyncio.ensure_future(self._closed.wait()),
            ]
            try:
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in waiting:
                    task.cancel()
                await asyncio.gather(*waiting, return_exceptions=True)
        if self.is_open:
            self._tried_at = self._timer.now()

    def succeeded(self) -> None:
        """The remote answered: close the circuit."""
        self._failures, self._tried_at = 0, None
        self._closed.set()

    def failed(self) -> None:
        """A try came to nothing; the one that is too many opens the circuit."""
        self._failures += 1
        if self._failures >= self._most:
            self._tried_at = self._timer.now()
            self._closed.clear()

    def _seconds_left(self) -> float:
        if self._tried_at is None:
            return 0.0
        return self._tried_at + self._open_seconds - self._timer.now()
