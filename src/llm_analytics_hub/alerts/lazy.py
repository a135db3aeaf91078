"""Alerting that is opened when it is first needed: its imports cost a third of a second."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from llm_analytics_hub.errors import HubError, UnavailableError

if TYPE_CHECKING:
    from llm_analytics_hub.alerts.alerting import Alerting

log = structlog.get_logger(__name__)


class LazyAlerting:
    """Alerting that is opened by whoever first asks for it: that costs imports. For any thread."""

    def __init__(self, open_alerting: "Callable[[], Alerting]") -> None:
        self._open = open_alerting
        self._lock = threading.Lock()
        self._opened: Alerting | None = None
        self._has_begun = False
        self._closed = False

    def start(self) -> None:
        """Open it and begin, on a thread of its own: the hub serves meanwhile."""
        threading.Thread(target=self._start, name="alerts opening", daemon=True).start()

    def get(self) -> "Alerting":
        """All of alerting, opened and begun. Raises: as opening it, such as SettingsError."""
        with self._lock:
            opened = self._get()
            if not self._has_begun:
                self._has_begun = True
                opened.start()
            return opened

    def opened(self) -> "Alerting":
        """The same, not begun by this: to look at, and to change what is defined.

        Who opens a folder for one command wakes nobody. Raises: as `get`.
        """
        with self._lock:
            return self._get()

    def close(self) -> None:
        """Close what was opened, and open nothing more. Idempotent."""
        with self._lock:
            opened, self._opened, self._closed = self._opened, None, True
        if opened is not None:
            opened.close()

    def _get(self) -> "Alerting":
        if self._closed:
            raise UnavailableError("the hub is shutting down")
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _start(self) -> None:
        try:
            self.get()
        except HubError as error:
            log.error("there are no alerts: they could not be opened", error=error.message)
