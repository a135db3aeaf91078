"""Versions of what is stored: they tell whether an answer still holds.

A write is numbered after the store has it and before it is acknowledged; the number goes to every
place it touched. An answer remembers the greatest number of its places, read before the question was
asked. While no place has a greater one, no acknowledged write is missing from the answer.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from llm_analytics_hub.query.cache.places import Place, touched_by
from llm_analytics_hub.storage.interface import WriteSet

MOST_PLACES = 100_000
"""Remembered of all tenants: some 25 MB at most."""


@dataclass(frozen=True)
class Version:
    """How far the writes to some places had come; only versions of one `epoch` can be compared."""

    epoch: str
    number: int

    def covers(self, present: "Version") -> bool:
        """Whether nothing was written between this version and `present`."""
        return self.epoch == present.epoch and self.number >= present.number


class RangeVersions(Protocol):
    """Numbers writes by the places they touch. Safe for many threads."""

    is_near: bool
    """Whether `of` answers at once, without asking another process."""

    def touched(self, rows: WriteSet, /) -> None:
        """Note that `rows` were written; call it after the write, before the acknowledgement.

        Never fails: what cannot be told others now is told later.
        """
        ...

    def touched_all(self) -> None:
        """Note a change anywhere, of any tenant: something was forgotten or restored."""
        ...

    def of(self, tenant: str, places: Iterable[Place], /) -> Version | None:
        """How far the writes to these places have come; None where no one can tell."""
        ...


class OwnVersions:
    """The versions of a hub that alone writes to its store: nothing but memory.

    Places touched longest ago are forgotten first. What is forgotten, or was never touched, has the
    number of the newest that was forgotten: answers become old too early, never too late.
    """

    is_near = True

    def __init__(self, most: int = MOST_PLACES) -> None:
        self._most = most
        self._last = self._floor = 0
        self._numbers: OrderedDict[tuple[str, Place], int] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._numbers)

    def touched(self, rows: WriteSet, /) -> None:
        """See `RangeVersions.touched`."""
        found = touched_by(rows)
        with self._lock:
            self._last += 1
            for tenant, places in found.items():
                for place in places:
                    self._numbers[tenant, place] = self._last
                    self._numbers.move_to_end((tenant, place))
            while len(self._numbers) > self._most:
                _, self._floor = self._numbers.popitem(last=False)

    def touched_all(self) -> None:
        """See `RangeVersions.touched_all`."""
        with self._lock:
            self._last += 1
            self._floor = self._last
            self._numbers.clear()

    def of(self, tenant: str, places: Iterable[Place], /) -> Version:
        """See `RangeVersions.of`."""
        with self._lock:
            numbers = (self._numbers.get((tenant, place), 0) for place in places)
            return Version("", max(self._floor, max(numbers, default=0)))
