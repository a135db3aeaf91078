"""Versions that several hubs on one store share, in Redis.

A hash for each tenant: places and their numbers, `n` the last number given, `epoch` a random word
made with the hash. A hash that was lost comes back with another epoch, so no answer of before holds.
"""

import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.query.cache.places import Place, touched_by
from llm_analytics_hub.query.cache.redis_link import Redis, RedisLink
from llm_analytics_hub.query.cache.versions import Version
from llm_analytics_hub.storage.interface import WriteSet

MOST_PLACES = 5_000
"""Of a tenant: fourteen years of days. Beyond, its hash begins anew."""

KEPT_SECONDS = 2 * 86_400
"""A hash without writes goes; far longer than any answer is kept."""

_PREFIX = "analytics:versions:v1:"
_ALL = "analytics:versions:v1"
_MOST_UNTOLD = 10_000

_TOUCH = """
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[2]) then redis.call('DEL', KEYS[1]) end
redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1])
local number = redis.call('HINCRBY', KEYS[1], 'n', 1)
for i = 4, #ARGV do redis.call('HSET', KEYS[1], ARGV[i], number) end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return number
"""


class SharedVersions:
    """Versions in Redis. While Redis is away no one can tell them, and what was written is noted.

    It is told before Redis is asked again. So this hub's own answers are never older than its writes;
    those of others may be until Redis is back, but no longer than their time to live.
    """

    is_near = False

    def __init__(self, link: RedisLink, most: int = MOST_PLACES) -> None:
        self._link = link
        self._most = most
        self._untold: dict[str, set[Place]] = {}
        self._all_untold = False
        self._lock = threading.Lock()

    def touched(self, rows: WriteSet, /) -> None:
        """See `RangeVersions.touched`."""
        found = touched_by(rows)
        try:
            self._tell_late()
            if found:
                self._tell(found)
        except UnavailableError:
            self._note(found)

    def touched_all(self) -> None:
        """See `RangeVersions.touched_all`."""
        with self._lock:
            self._all_untold = True
        try:
            self._tell_late()
        except UnavailableError:
            return  # noted above

    def of(self, tenant: str, places: Iterable[Place], /) -> Version | None:
        """See `RangeVersions.of`."""
        name, asked = _PREFIX + tenant, ["epoch", *places]
        try:
            self._tell_late()
            epoch, numbers = self._link.call(lambda redis: _read(redis, name, asked))
        except UnavailableError:
            return None
        return Version(epoch, max(numbers, default=0))

    def _tell(self, found: Mapping[str, set[Place]]) -> None:
        def touch(redis: Redis) -> None:
            calls = redis.pipeline(transaction=False)
            for tenant, places in found.items():
                values = (_word(), self._most, KEPT_SECONDS, *places)
                calls.eval(_TOUCH, 1, _PREFIX + tenant, *values)
            calls.execute()

        self._link.call(touch)

    def _note(self, found: Mapping[str, set[Place]]) -> None:
        with self._lock:
            for tenant, places in found.items():
                self._untold.setdefault(tenant, set()).update(places)
            if sum(map(len, self._untold.values())) > _MOST_UNTOLD:
                self._untold, self._all_untold = {}, True

    def _tell_late(self) -> None:
        """Tell what was noted; who asks meanwhile waits, or it would not see it."""
        if not self._untold and not self._all_untold:
            return
        with self._lock:
            if self._all_untold:
                self._link.call(lambda redis: redis.set(_ALL, _word()))
                self._all_untold = False
            if self._untold:
                self._tell(self._untold)
            self._untold = {}


def _read(redis: Redis, name: str, asked: Sequence[str]) -> tuple[str, list[int]]:
    """The epoch of a tenant's hash and of all hashes together, and the numbers of its places."""
    look = redis.pipeline(transaction=False).hmget(name, asked).get(_ALL)
    (epoch, *numbers), everywhere = look.execute()
    if epoch is None:
        redis.pipeline().hsetnx(name, "epoch", _word()).expire(name, KEPT_SECONDS).execute()
        look.hmget(name, asked).get(_ALL)
        (epoch, *numbers), everywhere = look.execute()
    return f"{epoch!r}/{everywhere!r}", [int(number or 0) for number in numbers]


def _word() -> str:
    return uuid.uuid4().hex
