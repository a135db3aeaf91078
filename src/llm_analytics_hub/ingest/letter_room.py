"""How many dead letters a tenant may keep: a bad deploy must not fill the disk."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llm_analytics_hub.ingest.dead_letters import MAX_PAYLOAD, Letter
from llm_analytics_hub.telemetry.metrics import Metrics


@dataclass(frozen=True)
class LetterLimits:
    """Most letters of one tenant, and most characters of a letter's payload."""

    per_tenant_rows: int = 100_000
    payload_characters: int = MAX_PAYLOAD


class LetterRoom:
    """Counts the letters each tenant keeps, so that no batch asks the store. Safe for many threads.

    Derived from the store: learnt at start and after expiry, raised by what is stored, lowered by
    what is purged or replayed.
    """

    def __init__(self, metrics: Metrics, limits: LetterLimits | None = None) -> None:
        self.limits = limits or LetterLimits()
        self._metrics = metrics
        self._lock = threading.Lock()
        self._kept: Counter[str] = Counter()

    def learn(self, kept: Mapping[str, int]) -> None:
        """Forget what was counted: each tenant keeps so many letters."""
        with self._lock:
            self._kept = Counter(kept)

    def is_full(self, tenant: str) -> bool:
        """Whether further letters of `tenant` are counted only."""
        return self._kept[tenant] >= self.limits.per_tenant_rows

    def fitting(self, letters: Sequence[Letter]) -> Sequence[Letter]:
        """Those there is room for, the first of each tenant."""
        coming = Counter(letter.tenant for letter in letters)
        if all(self._left(tenant) >= count for tenant, count in coming.items()):
            return letters
        left = {tenant: self._left(tenant) for tenant in coming}
        return [letter for letter in letters if _takes_one(left, letter.tenant)]

    def stored(self, letters: Sequence[Letter], of: Sequence[Letter]) -> None:
        """Note that `letters` were stored, and that the rest `of` all was not."""
        kept = Counter(letter.tenant for letter in letters)
        with self._lock:
            self._kept += kept
        if len(letters) < len(of):
            for tenant, count in (Counter(letter.tenant for letter in of) - kept).items():
                self._metrics.dead_letters_dropped.labels(tenant).inc(count)

    def gone(self, tenant: str, count: int) -> None:
        """Note that `count` letters of `tenant` were purged."""
        with self._lock:
            self._kept[tenant] = max(self._kept[tenant] - count, 0)

    def _left(self, tenant: str) -> int:
        return max(self.limits.per_tenant_rows - self._kept[tenant], 0)


def _takes_one(left: dict[str, int], tenant: str) -> bool:
    left[tenant] -= 1
    return left[tenant] >= 0
