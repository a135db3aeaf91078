"""One hub asks for all hubs: a short lock in Redis around a question none has the answer to."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from typing import Protocol

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.query.cache.answer import KeptAnswer
from llm_analytics_hub.query.cache.redis_link import Redis, RedisLink

HELD_FOR = timedelta(seconds=10)
"""After that a lock ends by itself: its owner may have died."""

LOOKS = 100
LOOK_EVERY = timedelta(milliseconds=20)
"""How often, at the longest, one looks whether the owner of the lock has the answer: two seconds."""

Look = Callable[[], KeptAnswer | None]


class Turns(Protocol):
    """Whose turn it is to ask. Safe for many threads."""

    def taken(self, key: str, look: Look, /) -> AbstractContextManager[KeptAnswer | None]:
        """Another's answer that `look` finds in time, or None: it is the caller's turn to ask.

        The turn ends with the context.
        """
        ...


class NoTurns:
    """Of a hub that has its answers for itself."""

    @contextmanager
    def taken(self, key: str, look: Look, /) -> Iterator[KeptAnswer | None]:
        """Always the caller's turn."""
        yield None


class RedisTurns:
    """Turns of several hubs; without Redis each asks on its own."""

    def __init__(self, link: RedisLink, pause: Callable[[float], None] = time.sleep) -> None:
        self._link = link
        self._pause = pause

    @contextmanager
    def taken(self, key: str, look: Look, /) -> Iterator[KeptAnswer | None]:
        """See `Turns.taken`."""
        lock, found = self._entered(key, look)
        try:
            yield found
        finally:
            if lock is not None and lock.local.token is not None:
                self._release(lock)

    def _entered(self, key: str, look: Look) -> tuple[Redis | None, KeptAnswer | None]:
        seconds, name = HELD_FOR.total_seconds(), f"analytics:lock:{key}"
        try:
            lock = self._link.call(
                lambda redis: redis.lock(name, timeout=seconds, blocking=False, thread_local=False)
            )
            return lock, self._waited(lock, look)
        except UnavailableError:
            return None, None

    def _waited(self, lock: Redis, look: Look) -> KeptAnswer | None:
        """Another's answer, or None: the lock is ours, or patience ended."""
        for _ in range(LOOKS):
            if self._link.call(lambda _: lock.acquire()):
                return None
            self._pause(LOOK_EVERY.total_seconds())
            if (found := look()) is not None:
                return found
        return None

    def _release(self, lock: Redis) -> None:
        from redis.exceptions import LockNotOwnedError

        def release(_: Redis) -> None:
            with suppress(LockNotOwnedError):  # it took longer than HELD_FOR: another's by now
                lock.release()

        with suppress(UnavailableError):  # it ends by itself
            self._link.call(release)
