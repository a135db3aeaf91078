"""Alerting that is opened when it is first needed: its imports cost a third of a second."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from llm_analytics_hub.errors import HubError, UnavailableError

if TYPE_CHECKING:
    from llm_analytics_hub.alerts.alerting import Alerting

log = structlog.get_logger(__name__)

RETRY_SECONDS = 5.0
"""How long it waits for a store that is away when the hub starts."""


class LazyAlerting:
    """Alerting that is opened by whoever first asks for it: that costs imports. For any thread."""

    def __init__(self, open_alerting: "Callable[[], Alerting]") -> None:
        self._open = open_alerting
        self._lock = threading.Lock()
        self._opened: Alerting | None = None
        self._has_begun = False
        self._closed = False
        self._closing = threading.Event()

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
        self._closing.set()
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
        while not self._closing.is_set():
            try:
                self.get()
            except UnavailableError as error:
                log.warning("alerts wait for their store", error=error.message)
                self._closing.wait(RETRY_SECONDS)
            except HubError as error:
                log.error("there are no alerts: they could not be opened", error=error.message)
                return
            except Exception:
                log.exception("there are no alerts: they could not be opened")
                return
            else:
                return
