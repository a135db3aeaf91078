import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.query.cache.flights import Flights
from llm_analytics_hub.query.cache.versions import Version

from .parts import CacheHub, Said, asked, written

SECONDS = 60.0


class Held:
    """A question in the engine until it is let go."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.times = 0
        self.begun = threading.Event()
        self.let_go = threading.Event()
        self._error = error

    def __call__(self) -> Said:
        self.times += 1
        number = self.times
        self.begun.set()
        assert self.let_go.wait(SECONDS)
        if self._error is not None:
            raise self._error
        return Said(number)


def all_at_once(hub: CacheHub, store: Held, askers: int) -> list[Future[tuple[int, bool]]]:
    """Askers that all came while the first was asking."""
    with ThreadPoolExecutor(askers) as pool:
        first = pool.submit(hub.ask, store, asked())
        assert store.begun.wait(SECONDS)
        here = threading.Barrier(askers)

        def ask() -> tuple[int, bool]:
            here.wait(SECONDS)
            return hub.ask(store, asked())

        others = [pool.submit(ask) for _ in range(askers - 1)]
        here.wait(SECONDS)
        store.let_go.set()
    return [first, *others]


@pytest.mark.parametrize("with_redis", [False, True])
def test_a_hundred_who_ask_the_same_ask_the_store_once(
    request: pytest.FixtureRequest, with_redis: bool, tenant: str
) -> None:
    hub = CacheHub(request.getfixturevalue("redis").url if with_redis else None)
    hub.cache.touched(written())
    store = Held()
    found = [one.result() for one in all_at_once(hub, store, 100)]
    assert store.times == 1
    assert [value for value, _ in found] == [1] * 100
    assert [cached for _, cached in found] == [False] + [True] * 99


def test_an_error_wakes_all_and_is_not_kept() -> None:
    hub, store = CacheHub(), Held(InvalidQueryError("too much"))
    found = all_at_once(hub, store, 10)
    assert [type(one.exception()) for one in found] == [InvalidQueryError] * 10
    good = Held()
    good.let_go.set()
    assert hub.ask(good, asked()) == (1, False)


def test_who_asks_after_a_write_does_not_wait_for_an_answer_of_before() -> None:
    hub, before, after = CacheHub(), Held(), Held()
    after.let_go.set()
    with ThreadPoolExecutor(1) as pool:
        old = pool.submit(hub.ask, before, asked())
        assert before.begun.wait(SECONDS)
        hub.cache.touched(written())
        assert hub.ask(after, asked()) == (1, False)
        before.let_go.set()
        assert old.result() == (1, False)
    assert hub.ask(after, asked()) == (2, False)  # the slow one kept its own, which is old
    assert hub.ask(after, asked()) == (2, True)


def test_an_error_of_the_first_alone_is_not_the_others() -> None:
    flights: Flights[int] = Flights()
    begun, let_go = threading.Event(), threading.Event()

    def dies() -> int:
        begun.set()
        assert let_go.wait(SECONDS)
        raise KeyboardInterrupt

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(flights.share, "k", Version("", 0), dies)
        assert begun.wait(SECONDS)
        second = pool.submit(flights.share, "k", Version("", 0), lambda: 5)
        let_go.set()
        assert second.result() == (5, False)
        assert isinstance(first.exception(), KeyboardInterrupt)


def test_patience_ends() -> None:
    flights: Flights[int] = Flights(patience_seconds=0)
    begun, let_go = threading.Event(), threading.Event()

    def slow() -> int:
        begun.set()
        assert let_go.wait(SECONDS)
        return 1

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(flights.share, "k", Version("", 0), slow)
        assert begun.wait(SECONDS)
        assert flights.share("k", Version("", 0), lambda: 2) == (2, False)
        let_go.set()
        assert first.result() == (1, False)
