"""A control store in memory: nothing to install, nothing survives. For tests, plugins' too."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.storage.connector_states import check_cursor, check_name


class MemoryControlStore:
    """The `ConnectorStates` of one process; it keeps every promise but to survive."""

    def __init__(self) -> None:
        self._cursors: dict[str, str] = {}
        self._paused_by: dict[str, str] = {}
        self._lock = threading.Lock()
        self._closed = False

    def cursor(self, name: str, /) -> str | None:
        """See `ConnectorStates.cursor`."""
        with self._open(name):
            return self._cursors.get(name)

    def keep_cursor(self, name: str, cursor: str, /) -> None:
        """See `ConnectorStates.keep_cursor`."""
        check_cursor(cursor)
        with self._open(name):
            self._cursors[name] = cursor

    def is_paused(self, name: str, /) -> bool:
        """See `ConnectorStates.is_paused`."""
        return self.paused_by(name) is not None

    def paused_by(self, name: str, /) -> str | None:
        """See `ConnectorStates.paused_by`."""
        with self._open(name):
            return self._paused_by.get(name)

    def pause(self, name: str, by: str, /) -> None:
        """See `ConnectorStates.pause`."""
        check_name(by)
        with self._open(name):
            self._paused_by[name] = by

    def resume(self, name: str, by: str, /) -> None:
        """See `ConnectorStates.resume`."""
        check_name(by)
        with self._open(name):
            self._paused_by.pop(name, None)

    def close(self) -> None:
        """See `ConnectorStates.close`."""
        with self._lock:
            self._closed = True

    @contextmanager
    def _open(self, name: str) -> Iterator[None]:
        check_name(name)
        with self._lock:
            if self._closed:
                raise UnavailableError("the control store is closed")
            yield
