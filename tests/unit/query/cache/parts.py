"""What the tests of the cache share: a clock that stands, caches on one Redis, small answers."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.cache.answer import KeptAnswer
from llm_analytics_hub.query.cache.cache import AnswerCache
from llm_analytics_hub.query.cache.opening import CacheSettings, open_cache
from llm_analytics_hub.query.cache.question_key import QuestionKey
from llm_analytics_hub.query.cache.versions import Version
from llm_analytics_hub.storage.interface import Table, WriteSet
from llm_analytics_hub.telemetry.metrics import Metrics

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
DAY = timedelta(days=1)
SPAN = TimeRange(NOW - 2 * DAY, NOW)


@dataclass(frozen=True)
class Said:
    """What a store said."""

    value: int
    columns: list[dict[str, str]] = field(
        default_factory=lambda: [{"name": "events", "type": "integer"}]
    )
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> pa.Table:
        return pa.table({"events": [self.value]})


class Counted:
    """A store that says how often it was asked."""

    def __init__(self) -> None:
        self.times = 0
        self._lock = threading.Lock()

    def __call__(self) -> Said:
        with self._lock:
            self.times += 1
            return Said(self.times)


class CacheHub:
    """A cache with its clock and its numbers."""

    def __init__(
        self, url: str | None = None, clock: ManualClock | None = None, **set_: Any
    ) -> None:
        self.clock = clock or ManualClock(NOW)
        self.metrics = Metrics()
        settings = CacheSettings(redis_url=url, redis_seconds=5, **set_)
        self.cache: AnswerCache = open_cache(settings, self.clock, self.metrics)

    def ask(self, store: Callable[[], Said], question: QuestionKey) -> tuple[int, bool]:
        found = self.cache.answer(question, store)
        return found.rows["events"][0].as_py(), found.meta["cached"]

    def count(self, layer: str, outcome: str) -> float:
        labels = {"layer": layer, "outcome": outcome}
        return self.metrics.registry.get_sample_value("hub_cache_requests_total", labels) or 0.0


def asked(tenant: str = "t", span: TimeRange = SPAN, **more: Any) -> QuestionKey:
    return QuestionKey(tenant, {"measures": ["events"]}, (span,), **more)


def written(tenant: str = "t", *moments: datetime, table: Table = Table.EVENTS) -> WriteSet:
    times = pa.array(moments or (NOW - DAY,), pa.timestamp("us", "UTC"))
    return {
        table: pa.record_batch({"tenant": pa.array([tenant] * len(times)), "occurred_at": times})
    }


def kept(value: int = 1, *, size: int = 1, made_at: datetime = NOW) -> KeptAnswer:
    rows = pa.table({"events": pa.array([value] * size, pa.int64())})
    said = Said(value)
    return KeptAnswer(
        said.columns, rows, {"table": "events"}, made_at, Version("e", 7), frozenset("a")
    )
