"""The control store of a hub, opened by whatever first needs it."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.storage.alert_store import AlertStore
from llm_analytics_hub.storage.connector_states import ConnectorStates

if TYPE_CHECKING:
    from llm_analytics_hub.storage.control.opening import ControlStore


class LazyControl:
    """A control store that `open_store` opens when a part is used: that costs imports."""

    def __init__(self, open_store: "Callable[[], ControlStore]") -> None:
        self._open_store = open_store
        self._opened: ControlStore | None = None
        self._lock = threading.Lock()
        self._closed = False

    @property
    def connectors(self) -> ConnectorStates:
        """What connectors remember; opens the store. Raises: as `open_control`."""
        return self._store().connectors

    @property
    def alerts(self) -> AlertStore:
        """What alerting remembers; its first call opens the store, and raises as `open_control`."""
        return cast(AlertStore, _LazyAlerts(self._store))

    def close(self) -> None:
        """Close what was opened, and open nothing more. Idempotent."""
        with self._lock:
            self._closed = True
            if self._opened is not None:
                self._opened.close()

    def _store(self) -> "ControlStore":
        with self._lock:
            if self._closed:
                raise UnavailableError("the control store is closed")
            if self._opened is None:
                self._opened = self._open_store()
            return self._opened


class _LazyAlerts:
    """An `AlertStore` whose methods are looked up in the store when they are called."""

    def __init__(self, store: "Callable[[], ControlStore]") -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        return lambda *args, **options: getattr(self._store().alerts, name)(*args, **options)

    def close(self) -> None:
        """Leave that to the owner of the store, as others may use it."""


_METHODS = frozenset(name for name in vars(AlertStore) if not name.startswith("_"))
