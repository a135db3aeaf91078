"""Rules judged by what a real store answers."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from llm_analytics_hub.alerts.evaluation import EvaluationSettings
from llm_analytics_hub.alerts.evaluator import Evaluator
from llm_analytics_hub.alerts.health import Health, HealthSources
from llm_analytics_hub.bootstrap import Hub, open_doors, open_hub
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.settings import Settings

from .evaluating import DELAY, MINUTE, NOW, Book, Over, Rules, rule


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Three models; calls of one of them fail. NOW is two minutes after the last."""
    folder = tmp_path_factory.mktemp("evaluator") / "data"
    clock = ManualClock(NOW)
    opened = open_hub(Settings(data_dir=folder), clock)
    asyncio.run(_send(opened))
    yield opened
    opened.close()


async def _send(hub: Hub) -> None:
    events = [
        {"source": "observatory", "event_type": "inference.completed", "event_id": str(number),
         "occurred_at": (NOW - timedelta(seconds=number)).isoformat(), "model": f"m{number % 3}",
         "latency_ms": 100 * (number % 3), "cost_usd": "0.25",
         "status": "error" if number % 3 == 1 else "ok"}
        for number in range(60)
    ]  # fmt: skip
    transport = httpx.ASGITransport(open_doors(hub, Settings(ui=False)).main)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        sent = await client.post("/api/v1/events", json=events)
        assert sent.json()["accepted"] == 60
        # A fresh question has everything stored where the rules, which ask no fresh ones, see it.
        counted = {"measures": ["events"], "time_range": {"last": "1h"}}
        await client.post("/api/v1/query", json=counted)


@pytest.mark.slow
def test_rules_are_judged_by_what_the_real_store_answers(hub: Hub) -> None:
    rules = Rules(
        rule("failing", "error_rate", 0.5, by=("model",), tenant="default"),
        rule("slow", "latency_ms_p95", 150, by=("model",), tenant="default"),
        rule("dear", "cost_usd", 14.9, tenant="default"),
        rule(
            "nothing",
            "error_rate",
            0,
            where='[{"field": "model", "value": "other"}]',
            tenant="default",
        ),
    )
    book, clock = Book(), ManualClock(NOW)
    evaluator = Evaluator(
        rules, book, hub.queries, Health(hub.metrics, HealthSources(Path())),
        clock, hub.metrics, EvaluationSettings(delay=DELAY), lambda one: Over(one.condition),  # type: ignore[arg-type]
    )  # fmt: skip
    evaluator.run_due(NOW)
    clock.set(NOW + MINUTE + DELAY)
    evaluator.run_due(clock.now())
    found = {name: {labels: finding.value for labels, finding in judgement.bad.items()}
             for name, judgement in book.told}  # fmt: skip
    assert found == {
        "failing": {(("model", "m1"),): 1.0},
        "slow": {(("model", "m2"),): 200.0},
        "dear": {(): 15.0},
        "nothing": {},
    }
    assert all(evaluator.state(one).error == "" for one in rules.all)
