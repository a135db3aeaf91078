"""Many who ask while events are written: no answer is behind what was acknowledged before it was asked."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from .all_doors import all_doors
from .door import Body, Door, Told
from .planted import NOW
from .questions import ask
from .serving import Served

ASKING, QUESTIONS_EACH, WRITES, AT_ONCE = 32, 8, 60, 5
PRICE = Decimal("0.000000000001")
TENANTS = ("busy", "idle")
DOORS = ("REST", "REST, GET", "REST, arrow", "GraphQL", "gRPC", "gRPC, Arrow", "client")


def written(n: int) -> list[dict[str, Any]]:
    """The n-th write: a few calls that cost one unit each."""
    return [
        {"source": "observatory", "event_type": "inference.completed", "event_id": f"w{n}-{k}",
         "occurred_at": (NOW - timedelta(minutes=n + 1)).isoformat(), "cost_usd": str(PRICE),
         "model": f"m{k}", "latency_ms": n}
        for k in range(AT_ONCE)
    ]  # fmt: skip


def total(told: Told) -> tuple[int, Decimal]:
    """Calls and their cost, over all rows."""
    rows: Any = told.rows
    return sum(row[-2] for row in rows), sum((row[-1] or Decimal() for row in rows), Decimal())


ASKED: tuple[Body, ...] = (
    ask("requests", "cost_usd"),
    ask("requests", "cost_usd", by=("model",)),
    ask("requests", "cost_usd", granularity="hour", time_range={"last": "24h"}),
    ask("requests", "cost_usd", by=("model",), granularity="day", fill_gaps=True),
)


class Written:
    """How many events were acknowledged, and how many were begun to be sent."""

    def __init__(self) -> None:
        self.begun = self.acknowledged = 0


@pytest.fixture
def ways(at: Served) -> Iterator[Mapping[str, Door]]:
    with all_doors(at) as made:
        made["client"].ask(
            "busy", ASKED[0]
        )  # one connection of each, made before there are threads
        made["client"].ask("idle", ASKED[0])
        yield made


@pytest.mark.slow
def test_answers_hold_what_was_acknowledged_before(
    at: Served, http: httpx.Client, ways: Mapping[str, Door]
) -> None:
    so_far = Written()

    def write() -> None:
        for n in range(WRITES):
            so_far.begun += AT_ONCE
            answer = http.post("/api/v1/events", json=written(n), headers={"x-tenant": "busy"})
            assert answer.json()["accepted"] == AT_ONCE
            so_far.acknowledged += AT_ONCE

    def question(number: int) -> None:
        for step in range(QUESTIONS_EACH):
            door = ways[DOORS[(number + step) % len(DOORS)]]
            tenant, body = TENANTS[number % 8 == 0], ASKED[(number + step) % len(ASKED)]
            before = so_far.acknowledged
            calls, cost = total(door.ask(tenant, body))
            assert cost == calls * PRICE  # both of the same events
            assert (
                (before if tenant == "busy" else 0)
                <= calls
                <= (so_far.begun if tenant == "busy" else 0)
            )

    together(write, *(lambda number=number: question(number) for number in range(ASKING)))  # type: ignore[misc]
    for door in DOORS:
        assert {total(ways[door].ask("busy", body))[0] for body in ASKED} == {WRITES * AT_ONCE}
    for outcome in ("hit", "miss"):
        labels = {"layer": "memory", "outcome": outcome}
        assert at.hub.metrics.registry.get_sample_value("hub_cache_requests_total", labels) > 0


def together(*work: Callable[[], None]) -> None:
    """All of it at the same time. Raises: what any of it raises."""
    start = threading.Barrier(len(work))

    def begun(one: Callable[[], None]) -> None:
        start.wait()
        one()

    with ThreadPoolExecutor(len(work)) as threads:
        for done in [threads.submit(begun, one) for one in work]:
            done.result()
