"""Two hubs on one Redis: they share answers, and each sees the other's writes."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Self

import pytest
from tests.services.process import Service

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.query.cache.redis_link import PAUSE, RedisLink, connect
from llm_analytics_hub.query.cache.turns import RedisTurns

from .parts import NOW, CacheHub, Counted, Said, asked, kept, written

OTHER_PROCESS = """
import sys
from tests.unit.query.cache.parts import CacheHub, Said, asked, written
url, tenant = sys.argv[1:]
hub = CacheHub(url)
print("open", flush=True)
for line in sys.stdin:
    if line.strip() == "write":
        hub.cache.touched(written(tenant))
        print("written", flush=True)
    else:
        print(*hub.ask(lambda: Said(77), asked(tenant)), flush=True)
"""


class OtherHub:
    """A hub in a process of its own that does as it is told."""

    def __init__(self, redis: Service, tenant: str) -> None:
        command = [sys.executable, "-c", OTHER_PROCESS, redis.url, tenant]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        assert self._line() == "open"

    def told(self, what: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=60)


def test_two_processes_share_answers_and_see_each_others_writes(
    redis: Service, tenant: str
) -> None:
    hub, store = CacheHub(redis.url), Counted()
    with OtherHub(redis, tenant) as other:
        assert hub.ask(store, asked(tenant)) == (1, False)
        assert other.told("ask") == "1 True"
        assert other.told("write") == "written"
        assert hub.ask(store, asked(tenant)) == (2, False)
        assert other.told("ask") == "2 True"
        hub.cache.touched(written(tenant))
        assert other.told("ask") == "77 False"
        assert hub.ask(store, asked(tenant)) == (77, True)


def test_an_answer_from_redis_is_then_in_memory(redis: Service, tenant: str) -> None:
    one, other, store = CacheHub(redis.url), CacheHub(redis.url), Counted()
    one.ask(store, asked(tenant))
    assert [other.ask(store, asked(tenant)) for _ in range(2)] == [(1, True)] * 2
    assert (other.count("redis", "hit"), other.count("memory", "hit")) == (1, 1)


def test_beside_redis_memory_keeps_less_than_a_minute(redis: Service, tenant: str) -> None:
    hub, store = CacheHub(redis.url), Counted()
    hub.ask(store, asked(tenant))
    hub.clock.set(NOW + timedelta(seconds=59))
    hub.ask(store, asked(tenant))
    assert hub.count("redis", "hit") == 1


def test_answers_go_on_without_redis_and_none_is_old(redis: Service, tenant: str) -> None:
    hub, store = CacheHub(redis.url), Counted()
    hub.ask(store, asked(tenant))
    with redis.outage():
        hub.cache.touched(written(tenant))
        assert [hub.ask(store, asked(tenant)) for _ in range(2)] == [(2, False), (3, False)]
        assert hub.count("versions", "error") == 2
    hub.clock.set(NOW + PAUSE)
    assert [hub.ask(store, asked(tenant)) for _ in range(2)] == [(4, False), (4, True)]


def test_redis_may_go_while_the_store_is_asked(redis: Service, tenant: str) -> None:
    hub = CacheHub(redis.url)

    def kills() -> Said:
        redis.kill()
        return Said(5)

    try:
        assert hub.ask(kills, asked(tenant)) == (5, False)
    finally:
        redis.start()


def test_a_dead_redis_is_not_called_again_and_again(redis: Service) -> None:
    calls = 0

    class Client:
        def get(self, _: str) -> None:
            nonlocal calls
            calls += 1
            raise ConnectionError

    hub = CacheHub(redis.url)
    link = RedisLink(Client(), hub.clock)
    for second in range(7):
        hub.clock.set(NOW + timedelta(seconds=second))
        with pytest.raises(UnavailableError):
            link.call(lambda client: client.get("k"))
    assert calls == 4  # at 0, 2, 4 and 6 seconds


def test_a_hub_that_starts_holds_no_answer_of_before(redis: Service, tenant: str) -> None:
    before, store = CacheHub(redis.url), Counted()
    before.ask(store, asked(tenant))
    # It is killed after the write and before it told; what is sent again then is a repeat.
    assert CacheHub(redis.url).ask(store, asked(tenant)) == (2, False)


def test_a_hub_starts_without_its_redis(redis: Service, tenant: str) -> None:
    with redis.outage():
        assert CacheHub(redis.url).ask(Counted(), asked(tenant)) == (1, False)


def test_two_hubs_ask_the_store_once(redis: Service, tenant: str) -> None:
    one, other = CacheHub(redis.url), CacheHub(redis.url)
    begun, looked = threading.Event(), threading.Event()
    turns = other.cache._turns
    assert isinstance(turns, RedisTurns)
    turns._pause = lambda _: looked.set() or landed.wait(60)  # type: ignore[func-returns-value, assignment]
    landed = threading.Event()
    store = Counted()

    def slow() -> Said:
        begun.set()
        assert looked.wait(60)
        return store()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(one.ask, slow, asked(tenant))
        assert begun.wait(60)
        second = pool.submit(other.ask, store, asked(tenant))
        assert first.result() == (1, False)
        landed.set()
        assert second.result() == (1, True)
    assert store.times == 1


def test_a_hub_whose_patience_ends_asks_itself(redis: Service, tenant: str) -> None:
    link = RedisLink(connect(redis.url, 5), ManualClock(NOW))
    pauses: list[float] = []
    with RedisTurns(link).taken(tenant, lambda: None) as found:
        assert found is None
        with RedisTurns(link, pauses.append).taken(tenant, lambda: None) as others:
            assert others is None
        assert pauses == [0.02] * 100
        assert connect(redis.url, 5).exists(f"analytics:lock:{tenant}")
    assert not connect(redis.url, 5).exists(f"analytics:lock:{tenant}")
    answer = kept()
    with RedisTurns(link).taken(tenant, lambda: answer) as free:
        assert free is None  # the lock was free: its turn
