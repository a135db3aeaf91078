"""Analyses on a hub of its own: sixty days of costs of two models, a spike, a step."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pytest

from llm_analytics_hub.bootstrap import Hub, open_doors, open_hub
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.settings import Settings

NOW = datetime(2025, 11, 19, 10, 30, tzinfo=UTC)
FIRST = datetime(2025, 9, 20, tzinfo=UTC)
QUESTION = {
    "measures": ["cost_usd"],
    "dimensions": ["model"],
    "time_range": {"from": "2025-09-20", "to": "2025-11-20"},
    "granularity": "day",
}


def events() -> Iterator[dict[str, Any]]:
    """Model a: 20 a day, 8 on weekends, 90 on day 40. Model b: 10 a day, 20 from day 30 on."""
    dice = np.random.default_rng(1)
    for number in range(60):
        day = FIRST + timedelta(days=number, hours=12)
        a = 90 if number == 40 else 20 if day.weekday() < 5 else 8
        for model, count in (("a", a), ("b", 20 if number >= 30 else 10)):
            for place in range(count + int(dice.integers(0, 4))):
                yield {
                    "source": "costops", "event_type": "cost.recorded",
                    "event_id": f"{number}-{model}-{place}", "occurred_at": day.isoformat(),
                    "model": model, "cost_usd": "1.5",
                }  # fmt: skip


def client_of(hub: Hub) -> httpx.AsyncClient:
    doors = open_doors(hub, Settings(ui=False))
    transport = httpx.ASGITransport(doors.main, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://hub")


async def send(hub: Hub) -> None:
    async with client_of(hub) as client:
        sent = await client.post("/api/v1/events", json=list(events()))
    assert sent.json()["rejected"] == []


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("analysis") / "data"
    opened = open_hub(Settings(data_dir=folder), ManualClock(NOW))
    asyncio.run(send(opened))
    yield opened
    opened.close()


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(hub) as made:
        yield made


async def analyze(client: httpx.AsyncClient, method: str, **more: Any) -> httpx.Response:
    options = more.pop("options", {})
    body = {"method": method, "query": QUESTION | more, "options": options}
    return await client.post("/api/v1/analyze", json=body)


async def told(client: httpx.AsyncClient, method: str, **more: Any) -> dict[str, Any]:
    answer = await analyze(client, method, **more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def as_dicts(answer: dict[str, Any]) -> list[dict[str, Any]]:
    names = [column["name"] for column in answer["columns"]]
    return [dict(zip(names, row, strict=True)) for row in answer["rows"]]


async def test_the_spike_is_the_only_anomaly_of_its_model(client: httpx.AsyncClient) -> None:
    answer = await told(client, "anomalies", options={"only_anomalies": True, "direction": "up"})
    assert answer["columns"][2] == {"name": "cost_usd", "type": "decimal", "unit": "USD"}
    spikes = [row for row in as_dicts(answer) if row["model"] == "a"]
    assert [row["time"] for row in spikes] == ["2025-10-30T00:00:00Z"]
    assert spikes[0]["cost_usd"] > spikes[0]["upper"] > spikes[0]["expected"]
    method = answer["meta"]["method"]
    assert method["name"] == "robust seasonal z-score"
    assert method["threshold"] == 3.5
    assert method["series"][0] == {
        "model": "a", "points": 60, "anomalies": 1, "season": "weekday", "season_buckets": 7,
    }  # fmt: skip


async def test_the_day_that_has_not_ended_is_left_out(client: httpx.AsyncClient) -> None:
    answer = await told(client, "anomalies")
    assert len(answer["rows"]) == 2 * 60
    assert answer["rows"][59][0] == "2025-11-18T00:00:00Z"
    assert any("not whole" in note for note in answer["meta"]["notes"])


async def test_the_step_is_a_change_point(client: httpx.AsyncClient) -> None:
    rows = [row for row in as_dicts(await told(client, "trend")) if row["model"] == "b"]
    assert [row["is_change_point"] for row in rows] == [False, True]
    assert rows[1]["time"] == "2025-10-20T00:00:00Z"
    assert rows[0]["end"] == rows[1]["time"]
    assert rows[1]["relative_change"] == pytest.approx(0.9, abs=0.2)
    assert rows[1]["change_evidence"] == "very strong"


async def test_the_forecast_says_when_the_budget_is_gone(client: httpx.AsyncClient) -> None:
    options = {"horizon": 7, "until": {"total": 2000}}
    answer = await told(client, "forecast", options=options)
    rows = [row for row in as_dicts(answer) if row["model"] == "b"]
    assert [row["time"] for row in rows][:2] == ["2025-11-19T00:00:00Z", "2025-11-20T00:00:00Z"]
    assert len(rows) == 7
    assert all(row["lower"] <= row["expected"] <= row["upper"] for row in rows)
    assert rows[0]["expected"] == pytest.approx(32, abs=4)
    until = answer["meta"]["until"][1]
    spent = 2000 - until["so_far"]
    day = datetime(2025, 11, 19, tzinfo=UTC) + timedelta(days=int(spent / 32))
    assert until["state"] == "expected"
    assert abs(datetime.fromisoformat(until["expected_at"]) - day) <= timedelta(days=4)
    assert until["earliest_at"] <= until["expected_at"] <= until["latest_at"]


async def test_a_total_of_the_past_is_reached_already(client: httpx.AsyncClient) -> None:
    answer = await told(client, "forecast", options={"until": {"total": 1}})
    assert answer["meta"]["until"][0] == {
        "model": "a", "total": 1, "so_far": pytest.approx(1700, abs=200), "state": "reached",
        "expected_at": "2025-09-20T00:00:00Z", "earliest_at": "2025-09-20T00:00:00Z",
        "latest_at": "2025-09-20T00:00:00Z",
    }  # fmt: skip


async def test_two_measures_and_two_filters_are_correlated(client: httpx.AsyncClient) -> None:
    two = await told(client, "correlation", measures=["cost_usd", "events"], options={"lags": 2})
    best = [row for row in as_dicts(two) if row["is_best"]]
    assert [(row["model"], row["lag"], row["pearson_r"]) for row in best] == [
        ("a", 0, 1), ("b", 0, 1),
    ]  # fmt: skip
    assert "model a: cost_usd and events move at the same time" in two["meta"]["notes"][0]
    b = [{"field": "model", "value": "b"}]
    one = await told(client, "correlation", dimensions=[], filters=b, options={"against": b})
    (same,) = (row for row in as_dicts(one) if row["is_best"])
    assert (same["lag"], same["pearson_r"], same["points"]) == (0, 1, 60)


async def test_days_without_events_are_zero_for_sums_and_unknown_for_means(
    client: httpx.AsyncClient,
) -> None:
    longer = {"from": "2025-09-10", "to": "2025-11-10"}
    sums = await told(client, "anomalies", dimensions=[], time_range=longer)
    assert [row[1] for row in sums["rows"][:10]] == [0] * 10
    assert "10 bucket(s) without events: cost_usd is 0 there" in sums["meta"]["notes"]
    refused = await analyze(
        client, "anomalies", dimensions=[], time_range=longer, measures=["latency_ms_p95"]
    )
    assert refused.json()["code"] == "too_few_points"
    assert "there are 0" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("method", "change", "code"),
    [
        ("anomalies", {"time_range": {"from": "2025-11-10", "to": "2025-11-15"}}, "too_few_points"),
        ("anomalies", {"filters": [{"field": "model", "value": "z"}]}, "too_few_points"),
        ("trend", {"time_range": {"from": "2025-12-10", "to": "2025-12-15"}}, "too_few_points"),
        ("trend", {"granularity": "minute"}, "too_many_points"),
        ("trend", {"granularity": "hour", "dimensions": ["event_id"]}, "too_many_series"),
        ("trend", {"measures": ["cost_usd", "events"]}, "invalid_query"),
        ("correlation", {}, "invalid_query"),
        ("trend", {"granularity": "decade"}, "invalid_query"),
        ("trend", {"granularity": None}, "invalid_request"),
        ("nonsense", {}, "invalid_request"),
        ("forecast", {"options": {"until": {"total": 1, "level": 2}}}, "invalid_request"),
        ("forecast", {"options": {"horizon": 1001}}, "invalid_request"),
        ("trend", {"options": {"threshold": 3}}, "invalid_request"),
    ],
)
async def test_what_cannot_be_analysed_is_refused_with_a_code(
    client: httpx.AsyncClient, method: str, change: dict[str, Any], code: str
) -> None:
    refused = await analyze(client, method, **change)
    assert refused.status_code == 400
    assert refused.json()["code"] == code, refused.text


async def test_another_tenant_has_no_points(client: httpx.AsyncClient) -> None:
    body = {"method": "trend", "query": QUESTION, "options": {}}
    other = await client.post("/api/v1/analyze", json=body, headers={"x-tenant": "other"})
    assert other.json()["code"] == "too_few_points"


async def test_the_door_is_described(client: httpx.AsyncClient) -> None:
    described = (await client.get("/api/openapi.json")).json()
    assert "/api/v1/analyze" in described["paths"]
    assert "AnomalyOptions" in json.dumps(described["components"])


def test_a_hub_starts_without_the_libraries_of_analyses() -> None:
    code = (
        "import sys; import llm_analytics_hub.bootstrap; "
        "sys.exit(any(name in sys.modules for name in ('scipy', 'statsmodels')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
