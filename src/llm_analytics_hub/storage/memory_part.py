"""What the parts of a control store in memory share: one at a time, until it is closed."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from llm_analytics_hub.errors import UnavailableError

PlaceId = TypeVar("PlaceId", int, str)
Row = TypeVar("Row")


class MemoryPart:
    """A lock, and whether it is closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """Further calls raise UnavailableError. Idempotent."""
        with self._lock:
            self._closed = True

    @contextmanager
    def _open(self) -> Iterator[None]:
        with self._lock:
            if self._closed:
                raise UnavailableError("the control store is closed")
            yield


def page(
    rows: Iterable[tuple[tuple[datetime, PlaceId], Row]],
    before: tuple[datetime, PlaceId] | None,
    limit: int,
) -> list[tuple[tuple[datetime, PlaceId], Row]]:
    """The `limit` newest of `rows`, each with its place, that come before `before`."""
    found = [row for row in rows if before is None or row[0] < before]
    return sorted(found, key=lambda row: row[0], reverse=True)[:limit]
