"""Where answers are kept: in memory, within a bound of bytes, or in Redis."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.query.cache.answer import KeptAnswer, decode_answer, encode_answer
from llm_analytics_hub.query.cache.redis_link import RedisLink
from llm_analytics_hub.telemetry.metrics import Metrics


class AnswerLayer(Protocol):
    """Keeps answers for a while; it may forget any of them at any time. Safe for many threads."""

    name: ClassVar[str]

    def get(self, key: str, /) -> KeptAnswer | None:
        """What was put under `key`, unless its time is over.

        Raises: UnavailableError when the layer is away.
        """
        ...

    def put(self, key: str, kept: KeptAnswer, until: datetime, /) -> None:
        """Keep an answer, at the longest `until` then. Raises: UnavailableError."""
        ...


class MemoryLayer:
    """The answers of this process, the least used forgotten first when `most_bytes` are full."""

    name: ClassVar[str] = "memory"

    def __init__(
        self, most_bytes: int, clock: Clock, metrics: Metrics, longest: timedelta = timedelta.max
    ) -> None:
        self._most_bytes = most_bytes
        self._clock = clock
        self._metrics = metrics
        self._longest = longest
        self._kept: OrderedDict[str, tuple[KeptAnswer, datetime, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def bytes_held(self) -> int:
        """Bytes of all answers, nearly."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str, /) -> KeptAnswer | None:
        """See `AnswerLayer.get`."""
        with self._lock:
            held = self._kept.get(key)
            if held is None:
                return None
            if held[1] <= self._clock.now():
                self._drop(key)
                self._report()
                return None
            self._kept.move_to_end(key)
            return held[0]

    def put(self, key: str, kept: KeptAnswer, until: datetime, /) -> None:
        """See `AnswerLayer.put`."""
        until = min(until, _later(self._clock.now(), self._longest))
        with self._lock:
            self._drop(key)
            self._hold(key, kept, until)

    def encoded(self, key: str, kept: KeptAnswer, form: str, make: "Encode") -> bytes:
        """The answer in `form`, its bytes kept beside it and counted, while it is here."""
        if form in kept.forms:
            return kept.forms[form]
        found = kept.encoded(form, make)
        with self._lock:
            held = self._kept.get(key)
            if held is not None and held[0] is kept:
                self._drop(key)
                self._hold(key, kept, held[1])
        return found

    def _hold(self, key: str, kept: KeptAnswer, until: datetime) -> None:
        size = kept.size
        if size <= self._most_bytes:
            self._kept[key] = (kept, until, size)
            self._bytes += size
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))
            self._metrics.cache_evictions.inc()
        self._report()

    def _drop(self, key: str) -> None:
        _, _, size = self._kept.pop(key, (None, None, 0))
        self._bytes -= size

    def _report(self) -> None:
        self._metrics.cache_bytes.set(self._bytes)
        self._metrics.cache_entries.set(len(self._kept))


Encode = Callable[[KeptAnswer], bytes]
"""From an answer to the body of a response, or the part of it that stays the same."""


class RedisLayer:
    """The answers of all hubs on one Redis."""

    name: ClassVar[str] = "redis"

    def __init__(self, link: RedisLink, clock: Clock) -> None:
        self._link = link
        self._clock = clock

    def get(self, key: str, /) -> KeptAnswer | None:
        """See `AnswerLayer.get`."""
        body = self._link.call(lambda redis: redis.get(key))
        if body is None:
            return None
        try:
            return decode_answer(body)
        except ValueError as error:
            raise UnavailableError(str(error)) from error

    def put(self, key: str, kept: KeptAnswer, until: datetime, /) -> None:
        """See `AnswerLayer.put`."""
        left = int((until - self._clock.now()).total_seconds() * 1000)
        if left > 0:
            body = encode_answer(kept)
            self._link.call(lambda redis: redis.set(key, body, px=left))


def _later(now: datetime, wait: timedelta) -> datetime:
    return datetime.max.replace(tzinfo=now.tzinfo) if wait == timedelta.max else now + wait
