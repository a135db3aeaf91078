"""A gate for questions: so many at once, so many waiting, so long at most."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from llm_analytics_hub.errors import QueryTimeoutError, SaturatedError
from llm_analytics_hub.storage.cancellation import Cancellation

Found = TypeVar("Found")


class QuestionGate:
    """Runs questions in threads of its own: a flood of them takes no thread from other doors.

    The limit of time begins when a question arrives. One that still waits then is never asked; one
    that runs is cancelled, and keeps its place until the store has let go of it, so that no more
    than `at_once` run.
    """

    def __init__(self, at_once: int = 10, waiting: int = 40, seconds: float = 5.0) -> None:
        self._threads = ThreadPoolExecutor(at_once, "hub-dashboard")
        self._most = at_once + waiting
        self._seconds = seconds
        self._inside = 0
        self._counting = threading.Lock()

    async def run(self, ask: Callable[[Cancellation], Found]) -> Found:
        """What `ask` returns. Raises: SaturatedError, QueryTimeoutError; as `ask`."""
        cancellation = Cancellation()
        asked = asyncio.wrap_future(self._admitted(lambda: ask(cancellation)))
        try:
            return await asyncio.wait_for(asked, self._seconds)
        except TimeoutError as error:
            asyncio.get_running_loop().run_in_executor(None, cancellation.cancel)
            message = f"no answer within {self._seconds:g} s: ask for a shorter time or less detail"
            raise QueryTimeoutError(message) from error

    def _admitted(self, ask: Callable[[], Found]) -> Future[Found]:
        with self._counting:
            if self._inside >= self._most:
                message = f"{self._most} questions run or wait already"
                raise SaturatedError(message, retry_after_seconds=self._seconds)
            self._inside += 1
        future = self._threads.submit(ask)
        future.add_done_callback(self._left)
        return future

    def _left(self, _: Future[Found]) -> None:
        with self._counting:
            self._inside -= 1
