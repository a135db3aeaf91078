"""The way to Redis, which may be gone: then it costs nothing to ask, and everything goes on."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import UnavailableError

PAUSE = timedelta(seconds=2)
"""How long a Redis that failed is left alone; then one caller tries."""

Redis = Any
"""Of `redis`, whose answers are typed as all forms of both protocols at once."""

Found = TypeVar("Found")
log = structlog.get_logger(__name__)


def connect(url: str, seconds: float) -> Redis:
    """A client that waits `seconds` at most; nothing is connected yet. Raises: ValueError."""
    from redis import Redis as Client  # imported late: most hubs have none
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Client.from_url(
        url,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 1),  # once more: a connection may be older than the server
        health_check_interval=0,
    )


class RedisLink:
    """Calls Redis, unless it failed a moment ago. Safe for many threads."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._again_at: datetime | None = None
        self._lock = threading.Lock()

    def call(self, ask: Callable[[Redis], Found]) -> Found:
        """What `ask` finds. Raises: UnavailableError when Redis is away, or was a moment ago."""
        from redis.exceptions import RedisError

        self._admit()
        try:
            found = ask(self._redis)
        except (RedisError, OSError) as error:
            self._failed(error)
            raise UnavailableError("the cache's Redis is away") from error
        self._answered()
        return found

    def _admit(self) -> None:
        with self._lock:
            if self._again_at is None:
                return
            now = self._clock.now()
            if now < self._again_at:
                raise UnavailableError("the cache's Redis is away")
            self._again_at = now + PAUSE  # this caller tries, the others need not

    def _failed(self, error: Exception) -> None:
        with self._lock:
            is_new, self._again_at = self._again_at is None, self._clock.now() + PAUSE
        if is_new:
            log.warning("cache without redis", reason=str(error))

    def _answered(self) -> None:
        if self._again_at is None:
            return
        with self._lock:
            is_news, self._again_at = self._again_at is not None, None
        if is_news:
            log.info("cache with redis again")
