"""Repeats: which keys were stored and still count, exactly, in eight bytes a key and a moment."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Seconds = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class _Run:
    """Sorted distinct keys and until when each counts."""

    keys: Keys
    until: Seconds

    def holds(self, keys: Keys, now: int) -> Mask:
        place = np.searchsorted(self.keys, keys)
        place[place == len(self.keys)] = 0
        found: Mask = (self.keys[place] == keys) & (self.until[place] > now)
        return found


class DedupWindow:
    """Remembers keys until their time is over. Owned by one thread.

    Keys lie in sorted runs; a run is merged into an older one that is not much longer, so that
    there are few, and a look-up is a handful of vectorised binary searches (log-structured merge).
    Derived from the store: rebuilt from it at start, and so never ahead of what is stored.
    """

    _GROWTH = 4

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def __len__(self) -> int:
        return sum(len(run.keys) for run in self._runs)

    def repeats(self, keys: Keys, now: int) -> Mask:
        """True where a key is known at `now` (unix seconds) or stood earlier in `keys`."""
        _, first = np.unique(keys, return_index=True)
        repeated = np.ones(len(keys), np.bool_)
        repeated[first] = False
        for run in self._runs:
            repeated |= run.holds(keys, now)
        return repeated

    def remember(self, keys: Keys, until: Seconds, now: int) -> None:
        """Note stored keys; `until` in unix seconds. Expired ones are dropped on the way."""
        if not len(keys):
            return
        run = _sorted(keys, until, now)
        while self._runs and len(self._runs[-1].keys) < self._GROWTH * len(run.keys):
            older = self._runs.pop()
            joined = np.concatenate([older.keys, run.keys])
            run = _sorted(joined, np.concatenate([older.until, run.until]), now)
        if len(run.keys):
            self._runs.append(run)


def _sorted(keys: Keys, until: Seconds, now: int) -> _Run:
    """The keys still counting, each once with its latest moment."""
    live = until > now
    keys, until = keys[live], until[live]
    order = np.lexsort((-until, keys))
    keys, until = keys[order], until[order]
    distinct = np.ones(len(keys), np.bool_)
    distinct[1:] = keys[1:] != keys[:-1]
    return _Run(keys[distinct], until[distinct])
