"""Connectors under supervision: tried again, paused, resumed, none waiting for another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.connectors import supervisor
from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.connectors.state import ConnectorState, Phase
from llm_analytics_hub.connectors.supervisor import Supervisor
from llm_analytics_hub.errors import NotFoundError
from llm_analytics_hub.storage.memory_control import MemoryControlStore
from llm_analytics_hub.telemetry.metrics import Metrics

from .virtual_time import VirtualTime

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)


class Flaky:
    """Fails so many times, then answers and waits; notes when it was called."""

    def __init__(self, time: VirtualTime, failures: float) -> None:
        self.time = time
        self.failures = failures
        self.calls: list[float] = []
        self.ended = 0

    async def run(self, link: Link) -> None:
        self.calls.append(self.time.seconds)
        try:
            if len(self.calls) <= self.failures:
                raise ConnectionRefusedError("nobody listens")
            link.alive()
            await asyncio.Event().wait()
        finally:
            self.ended += 1


class House:
    """A supervisor with connectors of our own, in virtual time."""

    def __init__(self, memory: MemoryControlStore | None = None) -> None:
        self.time = VirtualTime()
        self.memory = memory or MemoryControlStore()
        self.clock, self.metrics = ManualClock(NOW), Metrics()
        self.supervisor = Supervisor(self.memory, self.clock, self.metrics, Random(7))

    def add(self, connector: Any, name: str = "one", remote: str = "mq:5672") -> ConnectorState:
        state = ConnectorState(name, "sentinel", "rabbitmq", "default", remote, NOW)
        landing: Any = None
        self.supervisor.add(connector, Link(state, landing, self.memory, self.clock, self.metrics))
        return state

    @asynccontextmanager
    async def running(self) -> AsyncIterator[VirtualTime]:
        await self.supervisor.start(self.time.timer)
        await self.time.settle()
        yield self.time
        await self.supervisor.stop()


async def test_what_fails_is_tried_again_each_time_later() -> None:
    house = House()
    connector = Flaky(house.time, failures=4)
    state = house.add(connector)
    async with house.running() as time:
        assert state.phase is Phase.RETRYING
        assert state.last_error == "ConnectionRefusedError: nobody listens"
        assert state.next_try_at is not None
        await time.pass_(30)
        assert state.phase is Phase.RUNNING
    waits = [later - earlier for earlier, later in pairwise(connector.calls)]
    assert len(waits) == 4
    for wait, longest in zip(waits, (1, 2, 4, 8), strict=True):
        assert longest / 2 <= wait <= longest
    assert state.failures == 4


class Disappointing(Flaky):
    """Connects each time, and fails right after."""

    async def run(self, link: Link) -> None:
        link.alive()
        await super().run(link)


async def test_connecting_is_no_success_yet() -> None:
    house = House()
    connector = Disappointing(house.time, failures=float("inf"))
    house.add(connector)
    async with house.running() as time:
        await time.pass_(600)
        assert len(connector.calls) < 25


async def test_one_that_did_its_work_begins_anew() -> None:
    house = House()
    connector = Flaky(house.time, failures=float("inf"))
    state = house.add(connector)
    async with house.running() as time:
        await time.pass_(600)
        house.supervisor._all["one"].link.sent(1)
        assert state.failures_in_a_row == 0


async def test_an_hour_of_failing_costs_a_try_a_minute() -> None:
    house = House()
    connector = Flaky(house.time, failures=float("inf"))
    house.add(connector)
    async with house.running() as time:
        await time.pass_(3600)
        assert 60 <= len(connector.calls) <= 130


async def test_one_that_hangs_stalls_no_other() -> None:
    house = House()
    house.add(Flaky(house.time, failures=float("inf")), "broken", "a:1")
    well = house.add(Flaky(house.time, failures=0), "well", "b:1")
    async with house.running():
        assert well.phase is Phase.RUNNING


async def test_a_remote_that_is_down_is_probed_by_one_of_its_connectors() -> None:
    house = House()
    both = [Flaky(house.time, failures=float("inf")) for _ in range(2)]
    states = [house.add(one, f"c{number}") for number, one in enumerate(both)]
    async with house.running() as time:
        await time.pass_(600)
        before = sum(len(one.calls) for one in both)
        await time.pass_(600)
        probes = sum(len(one.calls) for one in both) - before
        assert 8 <= probes <= 21  # one every 30 s at most, whichever of them it is
        for one in both:
            one.failures = 0
        await time.pass_(121)
        assert [state.phase for state in states] == [Phase.RUNNING] * 2


class Hanging(Flaky):
    """Fails five times, which opens the circuit, and does not come back from the sixth try."""

    async def run(self, link: Link) -> None:
        if len(self.calls) == 5:
            self.calls.append(self.time.seconds)
            await asyncio.Event().wait()
        await super().run(link)


async def test_a_probe_that_hangs_keeps_no_other_from_probing() -> None:
    house = House()
    hung, other = Hanging(house.time, failures=5), Flaky(house.time, failures=0)
    house.add(hung, "hung")
    state = house.add(other, "other")
    house.memory.pause("other", "test")
    async with house.running() as time:
        await time.pass_(300)
        assert len(hung.calls) == 6
        await house.supervisor.resume("default", "other", "test")
        await time.pass_(31)
        assert state.phase is Phase.RUNNING


async def test_a_pause_outlives_the_hub_and_ends_with_resume() -> None:
    house = House()
    state = house.add(Flaky(house.time, failures=0))
    async with house.running():
        await house.supervisor.pause("default", "one", "ann")
        assert (state.phase, state.paused_by) == (Phase.PAUSED, "ann")
    again = House(house.memory)
    connector = Flaky(again.time, failures=0)
    state = again.add(connector)
    async with again.running() as time:
        assert (state.phase, state.paused_by, connector.calls) == (Phase.PAUSED, "ann", [])
        for _ in range(2):
            await again.supervisor.resume("default", "one", "ann")
        await time.settle()
        assert (state.phase, state.paused_by, connector.calls) == (Phase.RUNNING, None, [0.0])


async def test_stopping_ends_every_connector() -> None:
    house = House()
    connectors = [Flaky(house.time, failures=0) for _ in range(3)]
    states = [house.add(one, f"c{number}") for number, one in enumerate(connectors)]
    async with house.running():
        pass
    assert [one.ended for one in connectors] == [1, 1, 1]
    assert {state.phase for state in states} == {Phase.STOPPED}


class Untidy(Flaky):
    """Fails on its way out."""

    async def run(self, link: Link) -> None:
        try:
            await super().run(link)
        finally:
            raise TimeoutError("it took too long to say goodbye")


async def test_one_that_fails_on_its_way_out_ends_all_the_same() -> None:
    house = House()
    state = house.add(Untidy(house.time, failures=0))
    async with asyncio.timeout(30), house.running():
        assert state.phase is Phase.RUNNING
    assert state.phase is Phase.STOPPED


class Deaf(Flaky):
    """Loses the first cancellation, as drivers do that wait for two things at once."""

    async def run(self, link: Link) -> None:
        with suppress(asyncio.CancelledError):
            await super().run(link)
        await asyncio.Event().wait()


async def test_one_that_did_not_hear_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "GOODBYE_SECONDS", 0.01)
    house = House()
    state = house.add(Deaf(house.time, failures=0))
    async with asyncio.timeout(30), house.running():
        assert state.phase is Phase.RUNNING
    assert state.phase is Phase.STOPPED


async def test_another_tenants_connector_is_not_there() -> None:
    house = House()
    house.add(Flaky(house.time, failures=0))
    async with house.running():
        assert house.supervisor.states("other") == []
        with pytest.raises(NotFoundError, match="no connector 'one'"):
            await house.supervisor.pause("other", "one", "eve")
