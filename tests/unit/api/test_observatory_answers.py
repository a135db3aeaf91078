"""What the Observatory is answered, of spans and metrics that came through its doors."""

import os
from typing import Any

import httpx
import pytest

from .conftest import NOW

BASE = "/api/v1/integrations/observatory"
SECOND = 1_000_000_000
PERIOD = {"from": "2025-11-19T08:00:00Z", "to": "2025-11-19T10:00:00Z"}


@pytest.fixture(autouse=True)
def tenant(client: httpx.AsyncClient) -> None:
    """A tenant of its own."""
    client.headers["x-tenant"] = f"t{os.urandom(8).hex()}"


def trace(number: int, hour: int, model: str, **said: Any) -> dict[str, Any]:
    """A trace of the analytics API: 10 tokens, 100 ms times its number."""
    return {
        "ts": f"2025-11-19T0{hour}:10:00Z", "trace_id": f"{number:032x}", "span_id": f"{number:016x}",
        "provider": "openai", "model": model, "prompt_tokens": 6, "completion_tokens": 4,
        "total_tokens": 10, "total_cost_usd": 0.5, "duration_ms": 100 * number, "status_code": "OK",
    } | said  # fmt: skip


async def traced(client: httpx.AsyncClient) -> None:
    sent = [
        trace(1, 8, "a"), trace(2, 9, "a"), trace(3, 9, "b"),
        trace(4, 9, "b", status_code="ERROR", error_message="no", total_cost_usd=None),
    ]  # fmt: skip
    answer = await client.post("/api/v1/ingest/observatory", json=sent)
    assert answer.json()["accepted"] == 4, answer.text
    other = {
        "source": "marketplace", "event_type": "inference.completed", "event_id": "m",
        "occurred_at": "2025-11-19T09:20:00Z", "model": "c",
    }  # fmt: skip
    assert (await client.post("/api/v1/events", json=other)).json()["accepted"] == 1


async def got(client: httpx.AsyncClient, path: str, **params: Any) -> dict[str, Any]:
    answer = await client.get(f"{BASE}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def asked(client: httpx.AsyncClient, measures: list[str], **by: Any) -> list[list[Any]]:
    body = {"measures": measures, "time_range": PERIOD, **by}
    rows: list[list[Any]] = (await client.post("/api/v1/query", json=body)).json()["rows"]
    return rows


async def test_calls_lately_are_told_with_their_units(client: httpx.AsyncClient) -> None:
    await traced(client)
    told = await got(client, "metrics")  # of the last hour
    (row,) = told["rows"]
    assert (told["from"], told["to"]) == ("2025-11-19T09:00:01Z", "2025-11-19T10:00:01Z")
    assert (row["requests"], row["errors"], row["total_tokens"]) == (3, 1, 30)
    assert row["cost_usd"] == 1.0
    units = {"latency_ms_p95": "ms", "cost_usd": "USD", "error_rate": "ratio"}
    assert {name: told["units"][name] for name in units} == units
    (row,) = (await got(client, "metrics", by="model", model="b"))["rows"]
    assert (row["model"], row["requests"], row["error_rate"]) == ("b", 2, 0.5)


async def test_history_is_what_the_query_engine_says(client: httpx.AsyncClient) -> None:
    await traced(client)
    measures = ["requests", "latency_ms_max", "cost_usd"]
    told = await got(client, "historical", by="model", measures=",".join(measures), **PERIOD)
    assert told["granularity"] == "hour"
    assert told["units"] == {"latency_ms_max": "ms", "cost_usd": "USD"}
    assert told["rows"] == [
        {"time": "2025-11-19T08:00:00Z", "model": "a", "requests": 1, "latency_ms_max": 100.0, "cost_usd": 0.5},
        {"time": "2025-11-19T09:00:00Z", "model": "a", "requests": 1, "latency_ms_max": 200.0, "cost_usd": 0.5},
        {"time": "2025-11-19T09:00:00Z", "model": "b", "requests": 2, "latency_ms_max": 400.0, "cost_usd": 0.5},
    ]  # fmt: skip
    where = [{"field": "stream", "value": "observatory"}]
    rows = await asked(client, measures, dimensions=["model"], granularity="hour", filters=where)
    assert rows == [list(row.values()) for row in told["rows"]]


async def test_of_no_calls_numbers_are_unknown(client: httpx.AsyncClient) -> None:
    (row,) = (await got(client, "metrics"))["rows"]
    assert (row["requests"], row["errors"]) == (0, 0)
    assert {row[name] for name in ("error_rate", "total_tokens", "cost_usd", "latency_ms_p95")} == {
        None
    }
    assert (await got(client, "historical"))["rows"] == []


def point(minute: int, value: float) -> dict[str, Any]:
    return {
        "metric_name": "queue_depth", "value": value, "timestamp": f"2025-11-19T09:{minute:02}:00Z",
        "provider": "openai", "unit": "count",
    }  # fmt: skip


def gauge(value: float) -> dict[str, Any]:
    nanos = int(NOW.timestamp() - 60) * SECOND
    points = [{"timeUnixNano": str(nanos), "asDouble": value, "attributes": []}]
    metric = {"name": "queue_depth", "unit": "1", "gauge": {"dataPoints": points}}
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}


async def test_a_metric_is_told_as_it_came_by_both_doors(client: httpx.AsyncClient) -> None:
    events = [point(10, 4.0), point(20, 6.0), point(5, 1.0) | {"metric_name": "other"}]
    answer = await client.post("/api/v1/ingest/observatory", json=events)
    assert answer.json()["accepted"] == 3, answer.text
    assert (await client.post("/v1/metrics", json=gauge(9.0))).json() == {"partialSuccess": {}}
    told = await got(client, "metrics", metric="queue_depth")
    assert [(one["time"][11:19], one["kind"], one["value"]) for one in told["points"]] == [
        ("09:59:00", "gauge", 9.0), ("09:20:00", "event", 6.0), ("09:10:00", "event", 4.0),
    ]  # fmt: skip
    assert told["points"][1]["labels"] == {"provider": "openai"}
    newest = await got(client, "metrics", metric="queue_depth", limit=1)
    assert newest["points"] == told["points"][:1]


async def test_the_history_of_a_metric_is_by_bucket_and_unit(client: httpx.AsyncClient) -> None:
    await client.post("/api/v1/ingest/observatory", json=[point(10, 4.0), point(20, 6.0)])
    told = await got(client, "historical", metric="queue_depth", **PERIOD)
    (row,) = told["rows"]
    assert row == {
        "time": "2025-11-19T09:00:00Z", "unit": row["unit"], "value_avg": 5.0, "value_min": 4.0,
        "value_max": 6.0, "value_sum": 10.0, "events": 2,
    }  # fmt: skip
    where = [{"field": "attributes.metric", "value": "queue_depth"}]
    assert await asked(client, ["value_avg", "value_sum"], filters=where) == [[5.0, 10.0]]


async def test_numbers_are_those_of_the_tenant(client: httpx.AsyncClient) -> None:
    await traced(client)
    await client.post("/api/v1/ingest/observatory", json=[point(10, 4.0)])
    client.headers["x-tenant"] = "somebody-else"
    assert (await got(client, "historical"))["rows"] == []
    assert (await got(client, "metrics", metric="queue_depth"))["points"] == []


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("metrics", {"by": "user_id"}),
        ("metrics", {"from": "2025-11-19", "to": "2025-11-18"}),
        ("metrics", {"limit": "10001"}),
        ("historical", {"measures": "nonsense"}),
        ("historical", {"granularity": "second"}),
        ("historical", {"from": "1990-01-01"}),
        ("historical", {"granularity": "minute", "from": "2025-01-01", "measures": "a'b"}),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    client: httpx.AsyncClient, path: str, params: dict[str, str]
) -> None:
    answer = await client.get(f"{BASE}/{path}", params=params)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
