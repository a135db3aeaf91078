"""One asks for all: who asks what is being asked already waits for that answer."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from llm_analytics_hub.errors import CANCELLED, HubError
from llm_analytics_hub.query.cache.versions import Version

Found = TypeVar("Found")

PATIENCE_SECONDS = 35.0
"""Longest wait for another's answer: a little over the longest time of a question in the engine."""


@dataclass
class _Flight(Generic[Found]):
    seen: Version
    landed: threading.Event = field(default_factory=threading.Event)
    found: Found | None = None
    error: HubError | None = None


class Flights(Generic[Found]):
    """What is being asked now, by key. Safe for many threads."""

    def __init__(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._patience = patience_seconds
        self._flying: dict[str, _Flight[Found]] = {}
        self._lock = threading.Lock()

    def share(self, key: str, seen: Version, ask: Callable[[], Found]) -> tuple[Found, bool]:
        """What `ask` finds, and whether another had asked it already.

        `seen` is the version before asking: who comes after a write does not join who asked before
        it. An error of the hub's tree is everyone's who waits; after any other, when patience ends,
        and when who asked went away, each asks on its own. Nothing is remembered.

        Raises: as `ask`.
        """
        flight, is_first = self._board(key, seen)
        if is_first:
            return self._fly(key, flight, ask), False
        flight.landed.wait(self._patience)
        if flight.error is not None:
            raise flight.error
        return (ask(), False) if flight.found is None else (flight.found, True)

    def _board(self, key: str, seen: Version) -> tuple[_Flight[Found], bool]:
        with self._lock:
            flight = self._flying.get(key)
            if flight is not None and flight.seen.covers(seen):
                return flight, False
            self._flying[key] = mine = _Flight[Found](seen)
            return mine, True

    def _fly(self, key: str, flight: _Flight[Found], ask: Callable[[], Found]) -> Found:
        try:
            flight.found = found = ask()
        except HubError as error:
            if error.code != CANCELLED:
                flight.error = error
            raise
        else:
            return found
        finally:
            with self._lock:
                if self._flying.get(key) is flight:
                    del self._flying[key]
            flight.landed.set()
