"""Writes of what was told: one after the other, tried again while the store is away."""

import threading
from collections import deque
from collections.abc import Callable

import structlog

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.storage.alert_store import AlertStore

_log = structlog.get_logger(__name__)
_MOST_WAITING = 10_000

Write = Callable[[AlertStore], object]


class Ledger:
    """Writes to the store from several threads; what fails waits, what comes after it, too.

    Until it is written a crash means that a notice may be repeated.
    """

    def __init__(self, store: AlertStore) -> None:
        self._store = store
        self._writing = threading.Lock()
        self._waiting: deque[Write] = deque(maxlen=_MOST_WAITING)

    @property
    def is_behind(self) -> bool:
        """Whether something waits."""
        return bool(self._waiting)

    def keep(self, write: Write) -> None:
        """Write, now if nothing waits."""
        with self._writing:
            self._waiting.append(write)
            self._empty()

    def retry(self) -> None:
        """Write what waits."""
        with self._writing:
            self._empty()

    def _empty(self) -> None:
        while self._waiting:
            try:
                self._waiting[0](self._store)
            except UnavailableError as error:
                _log.warning("told, not kept yet", waiting=len(self._waiting), error=str(error))
                return
            except Exception:  # noqa: BLE001 - it would never pass: what waits behind it may
                _log.exception("told, not kept")
            self._waiting.popleft()
