"""The gate of the dashboard's questions: ten at once, a few waiting, none for too long."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from llm_analytics_hub.api.app import HANDLERS
from llm_analytics_hub.api.integrations.gate import QuestionGate
from llm_analytics_hub.api.integrations.governance_dashboard import dashboard_query_routes
from llm_analytics_hub.bootstrap import Hub
from llm_analytics_hub.errors import InvalidQueryError, QueryTimeoutError, SaturatedError
from llm_analytics_hub.query.answered import Answered
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.cancellation import Cancellation

QUESTION = {"measures": ["events"], "time_range": {"last": "1h"}}


class Held:
    """Questions that are held until `go` is set; how many ran at once, and in all."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.entered = threading.Semaphore(0)
        self.most = self.running = self.asked = 0
        self.cancelled = threading.Event()
        self._counting = threading.Lock()

    def ask(self, cancellation: Cancellation | None = None) -> str:
        self._count(1)
        if cancellation:
            with cancellation.ends_by(self.cancelled.set):
                return self._held()
        return self._held()

    def _held(self) -> str:
        self.entered.release()
        self.go.wait(60)
        self._count(-1)
        return "answer"

    async def wait_for(self, count: int) -> None:
        for _ in range(count):
            assert await asyncio.to_thread(self.entered.acquire, timeout=60)

    def _count(self, step: int) -> None:
        with self._counting:
            self.running += step
            self.asked += step > 0
            self.most = max(self.most, self.running)


@pytest.fixture
def held() -> Iterator[Held]:
    made = Held()
    yield made
    made.go.set()


async def test_ten_run_at_once_and_the_others_wait_their_turn(held: Held) -> None:
    gate = QuestionGate(seconds=60)
    tasks = [asyncio.create_task(gate.run(held.ask)) for _ in range(15)]
    await held.wait_for(10)
    assert (held.running, held.asked) == (10, 10)
    held.go.set()
    assert await asyncio.gather(*tasks) == ["answer"] * 15
    assert (held.most, held.asked) == (10, 15)


async def test_beyond_those_that_wait_a_question_is_sent_back(held: Held) -> None:
    gate = QuestionGate(at_once=2, waiting=1, seconds=60)
    tasks = [asyncio.create_task(gate.run(held.ask)) for _ in range(3)]
    await held.wait_for(2)
    with pytest.raises(SaturatedError):
        await gate.run(held.ask)
    held.go.set()
    await asyncio.gather(*tasks)
    assert await gate.run(held.ask) == "answer"  # there is room again


async def test_one_that_takes_too_long_keeps_its_place_and_one_that_waits_does_not(
    held: Held,
) -> None:
    gate = QuestionGate(at_once=1, waiting=1, seconds=0)
    with pytest.raises(QueryTimeoutError):
        await gate.run(held.ask)
    await held.wait_for(1)
    assert await asyncio.to_thread(held.cancelled.wait, 60)  # the store is told to end it
    with pytest.raises(QueryTimeoutError):
        await gate.run(held.ask)
    with pytest.raises(QueryTimeoutError):
        await gate.run(held.ask)  # the one before waits no more, or this were sent back
    assert held.asked == 1
    held.go.set()


async def test_an_error_of_a_question_is_told() -> None:
    def fail(_: Cancellation) -> None:
        raise InvalidQueryError("no such measure")

    with pytest.raises(InvalidQueryError):
        await QuestionGate().run(fail)


class HeldService(QueryService):
    """A service whose answers are held."""

    def __init__(self, hub: Hub, hold: Callable[[], object]) -> None:
        super().__init__(hub.store, hub.clock, hub.metrics)
        self._hold = hold

    def answer(self, *args: Any, **members: Any) -> Answered:
        self._hold()
        return super().answer(*args, **members)


def client_of(hub: Hub, held: Held, gate: QuestionGate) -> httpx.AsyncClient:
    app = FastAPI(exception_handlers=HANDLERS)
    app.include_router(dashboard_query_routes(HeldService(hub, held.ask), gate))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub")


async def test_too_many_and_too_long_are_problems(hub: Hub, held: Held) -> None:
    async with client_of(hub, held, QuestionGate(at_once=1, waiting=0, seconds=0)) as client:
        late = await client.post("/dashboard/query", json=QUESTION)
        assert (late.status_code, late.json()["code"]) == (504, "query_timeout")
        await held.wait_for(1)
        full = await client.post("/dashboard/query", json=QUESTION)
        assert (full.status_code, full.json()["code"]) == (429, "saturated")
        assert int(full.headers["retry-after"]) >= 1
        held.go.set()


async def test_a_dashboard_asks_as_everybody_does(client: httpx.AsyncClient) -> None:
    call = {"source": "observatory", "event_type": "inference.completed", "event_id": "g1",
            "occurred_at": "2025-11-19T09:30:00Z", "model": "o3"}  # fmt: skip
    await client.post("/api/v1/events", json=call, headers={"x-tenant": "gate"})
    asked = {"measures": ["requests"], "dimensions": ["model"],
             "time_range": {"from": "2025-11-19", "to": "2025-11-20"}}  # fmt: skip
    for path in ("/dashboard/query", "/api/v1/integrations/governance-dashboard/dashboard/query"):
        mine = await client.post(path, json=asked, headers={"x-tenant": "gate"})
        assert mine.json()["rows"] == [["o3", 1]]
        other = await client.post(path, json=asked, headers={"x-tenant": "other"})
        assert other.json()["rows"] == []
        wrong = await client.post(path, json={"measures": ["x"], "time_range": {"last": "1h"}})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_query")
