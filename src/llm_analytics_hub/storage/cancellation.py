"""A way to end a question that is being answered, from another thread."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_AGAIN_SECONDS = 0.05


class Cancellation:
    """Shared by who waits for an answer and who makes it. Safe for many threads.

    Who makes it does the work inside `ends_by`; who no longer wants it calls `cancel`.
    """

    def __init__(self) -> None:
        self._changes = threading.Condition()
        self._end: Callable[[], None] | None = None
        self._cancelled = False

    @property
    def is_cancelled(self) -> bool:
        """Whether the answer is no longer wanted."""
        return self._cancelled

    @contextmanager
    def ends_by(self, end: Callable[[], None]) -> Iterator[None]:
        """Calling `end` ends the work of this block, if it has begun by then."""
        with self._changes:
            self._end = end
        try:
            yield
        finally:
            with self._changes:
                self._end = None
                self._changes.notify_all()

    def cancel(self) -> None:
        """End the work, and return when it has ended; none will begin later. Blocks."""
        with self._changes:
            self._cancelled = True
            while (end := self._end) is not None:
                # More than once: the engine may not know the statement yet.
                end()
                self._changes.wait(_AGAIN_SECONDS)
