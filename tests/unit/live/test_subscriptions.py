import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import InvalidQueryError, SaturatedError
from llm_analytics_hub.live.frames import (
    Events,
    Frame,
    Missed,
    Quiet,
    from_cursor,
    texts_of,
    to_cursor,
)
from llm_analytics_hub.live.settings import LiveSettings
from llm_analytics_hub.live.stream import LAST_KEY, LiveStream
from llm_analytics_hub.live.subscriptions import Subscriptions
from llm_analytics_hub.model.query import All, Condition, Filter, Op, Place
from llm_analytics_hub.storage.interface import Table
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

from .events import NOON, batch

ALL = All()
OF_CHECKOUT = Condition("service", Op.EQ, ("checkout",))
pytestmark = pytest.mark.timeout(60)


class Hub:
    """A store, its live stream, and those who subscribed."""

    def __init__(self, waiting_rows: int = 100_000, **limits: Any) -> None:
        self.store, self.metrics = MemoryStore(), Metrics()
        self.stream = LiveStream(ManualClock(NOON), self.metrics, waiting_rows=waiting_rows)
        settings = LiveSettings(**limits)
        self.subscriptions = Subscriptions(self.stream, self.store, self.metrics, settings)
        self._commits = 0

    def commit(self, *ids: str, tenant: str = "default", **members: Any) -> None:
        self._commits += 1
        events = batch(ids, NOON + timedelta(seconds=self._commits), tenant, **members)
        self.store.write({Table.EVENTS: events})
        self.stream.publish(events)

    def frames(
        self, where: Filter = ALL, tenant: str = "default", after: Place | None = None
    ) -> AsyncIterator[Frame]:
        return aiter(self.subscriptions.frames(tenant, where, after))


def ids(frame: Frame) -> list[str]:
    assert isinstance(frame, Events)
    return [json.loads(text)["event_id"] for text in frame.texts]


async def gathered(frames: AsyncIterator[Frame], most: int) -> list[str]:
    found: list[str] = []
    while len(found) < most:
        found += ids(await anext(frames))
    return found


async def test_what_passes_comes_to_who_asked_for_it() -> None:
    hub = Hub()
    everything, checkout = hub.frames(), hub.frames(OF_CHECKOUT)
    assert ids(await anext(everything)) == ids(await anext(checkout)) == []
    hub.commit("a", service="checkout")
    hub.commit("b", service="search")
    hub.commit("c", "d", service="checkout")
    assert await gathered(everything, 4) == ["a", "b", "c", "d"]
    assert await gathered(checkout, 3) == ["a", "c", "d"]


async def test_an_event_comes_as_lists_show_it() -> None:
    hub = Hub()
    frames = hub.frames()
    await anext(frames)
    hub.commit("a", attributes='{"team": "x"}', latency_ms=12.5)
    frame = await anext(frames)
    assert isinstance(frame, Events)
    shown = json.loads(frame.texts[0])
    assert (shown["attributes"], shown["latency_ms"]) == ({"team": "x"}, 12.5)
    assert shown["received_at"] == "2025-11-19T12:00:01.000000Z"
    assert "tenant" not in shown
    assert "event_key" not in shown


async def test_nobody_gets_another_tenants_events() -> None:
    hub = Hub()
    mine, theirs = hub.frames(tenant="mine"), hub.frames(tenant="theirs")
    await anext(mine)
    await anext(theirs)
    hub.commit("a", tenant="theirs")
    hub.commit("b", tenant="mine")
    hub.commit("c", tenant="theirs")
    assert await gathered(mine, 1) == ["b"]
    assert await gathered(theirs, 2) == ["a", "c"]


async def test_who_comes_back_gets_what_was_stored_meanwhile_and_each_event_once() -> None:
    hub = Hub()
    first = hub.frames()
    await anext(first)
    hub.commit("a", "b")
    frame = await anext(first)
    assert ids(frame) == ["a", "b"]
    await first.aclose()  # type: ignore[attr-defined]
    hub.commit("c")
    hub.commit("x", tenant="other")
    hub.commit("d", "e")
    again = hub.frames(after=frame.place)
    assert sorted(await gathered(again, 3)) == ["c", "d", "e"]
    hub.commit("f")
    assert await gathered(again, 1) == ["f"]


async def test_what_is_committed_while_the_past_is_read_comes_once_too() -> None:
    hub = Hub()
    start = hub.stream.place
    for number in range(1200):
        hub.commit(f"past{number}")
    frames = hub.frames(after=start)
    found = ids(await anext(frames))
    hub.commit("meanwhile")
    assert await gathered(frames, 701) == [f"past{number}" for number in range(500, 1200)] + [
        "meanwhile"
    ]
    assert found == [f"past{number}" for number in range(500)]


async def test_who_is_slow_is_told_how_many_it_missed_and_can_fetch_them() -> None:
    hub = Hub(buffered_events=3)
    frames = hub.frames()
    await anext(frames)
    for number in range(10):
        hub.commit(f"e{number}")
    hub.stream.close()
    await asyncio.sleep(0)
    missed = await anext(frames)
    assert isinstance(missed, Missed)
    assert missed == Missed(missed.events, (NOON, LAST_KEY))
    rest = [f"e{number}" for number in range(missed.events, 10)]
    assert 1 <= len(rest) < 10
    assert await gathered(frames, len(rest)) == rest
    async with aclosing(hub.subscriptions.frames("default", ALL, missed.place)) as again:
        assert await gathered(again, 10) == [f"e{number}" for number in range(10)]


async def test_who_the_hub_was_too_slow_for_is_told_so() -> None:
    hub = Hub(waiting_rows=2)
    frames = hub.frames()
    await anext(frames)
    with hub.subscriptions._lock:  # holds the stream's thread up
        for number in range(10):
            hub.commit(f"e{number}")
    hub.stream.close()
    await asyncio.sleep(0)
    found = [await anext(frames) for _ in range(2)]
    missed = next(frame for frame in found if isinstance(frame, Missed))
    assert missed.is_at_most
    assert missed.events >= 7


async def test_silence_is_told_with_a_place_that_goes_on() -> None:
    hub = Hub(heartbeat=timedelta(seconds=0.05))
    frames = hub.frames(OF_CHECKOUT)
    await anext(frames)
    hub.commit("a", service="search")
    hub.stream.close()
    quiet = await anext(frames)
    assert isinstance(quiet, Quiet)
    assert quiet.place == hub.stream.place


async def test_there_may_be_only_so_many() -> None:
    hub = Hub(subscribers=1)
    first = hub.frames()
    await anext(first)
    with pytest.raises(SaturatedError, match="1 subscribers are connected"):
        await anext(hub.frames())
    await first.aclose()  # type: ignore[attr-defined]
    await anext(hub.frames())
    assert hub.metrics.registry.get_sample_value("hub_live_subscribers") == 1


async def test_a_filter_the_stream_cannot_tell_is_refused_at_once() -> None:
    hub = Hub()
    with pytest.raises(InvalidQueryError, match=r"asset\.owner"):
        await anext(hub.frames(Condition("asset.owner", Op.EQ, ("a",))))


def test_a_cursor_is_the_place_it_was_made_of() -> None:
    place = (NOON, LAST_KEY)
    assert from_cursor(to_cursor(place)) == place


@pytest.mark.parametrize("cursor", ["", "x", "W10=", "WzEsMl0=", "WyIyMDI1IiwtMV0=", "é", "e30="])
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidQueryError, match="the cursor is none of this stream"):
        from_cursor(cursor)


async def test_a_commit_that_cannot_be_looked_at_is_told_as_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = Hub()
    failures = [ValueError("a defect")]

    def texts_or_not(events: Any) -> list[bytes]:
        if failures:
            raise failures.pop()
        return texts_of(events)

    frames = hub.frames()
    first = await anext(frames)
    monkeypatch.setattr("llm_analytics_hub.live.subscriptions.texts_of", texts_or_not)
    hub.commit("lost", "gone")
    async with asyncio.timeout(30):
        missed = await anext(frames)
    assert missed == Missed(2, first.place, is_at_most=True)
    hub.commit("next")
    assert ids(await anext(frames)) == ["next"]
    hub.stream.close()
    assert hub.metrics.live_failures._value.get() == 1
