"""What the marketplace is answered, of events that came through its own door on a real store."""

import os
from typing import Any

import httpx
import pytest

from llm_analytics_hub.bootstrap import Doors

SERVICE = "961e38b5-146c-4b07-9078-f53dec9b699a"
OTHER = "0b1f6a52-9a44-4a0e-9df3-6a3a4f1f2a01"
PERIOD = {"from": "2025-11-19T08:00:00Z", "to": "2025-11-19T10:00:00Z"}
ANALYTICS = "/api/v1/integrations/marketplace/analytics"
PRICE_UNKNOWN = {"amount": 0.0, "currency": "USD", "breakdown": {"error": "unknown model"}}


@pytest.fixture(autouse=True)
def tenant(client: httpx.AsyncClient) -> None:
    """A tenant of its own."""
    client.headers["x-tenant"] = f"t{os.urandom(8).hex()}"


def call(number: int, **said: Any) -> dict[str, Any]:
    """A call as the consumption streamer tells it: 30 tokens, 100 ms times its number."""
    return {
        "event_type": "consumption_request",
        "request_id": f"r-{number}",
        "service_id": SERVICE,
        "consumer_id": "c-1",
        "timestamp": f"2025-11-19T09:0{number}:00+00:00",
        "latency_ms": 100 * number,
        "usage": {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30},
        "cost": {"amount": 0.25, "currency": "USD", "breakdown": {}},
        "status": "success",
        "metadata": {},
    } | said


CALLS = [
    call(1),
    call(2, consumer_id="c-2", cost={"amount": 2.5, "currency": "EUR", "breakdown": {}}),
    call(3, status="error"),
    call(4, cost=PRICE_UNKNOWN, metadata={"model": "gpt-4o", "provider": "openai"}),
    call(5, cost={"amount": 7.0, "currency": "CHF", "breakdown": {}}),
    call(6, service_id=OTHER, cost={"amount": 0.0, "currency": "USD", "breakdown": {}}),
    call(7, service_id=OTHER, cost={"amount": 0.0, "currency": "USD", "breakdown": {}}),
]
VIOLATION = {
    "event_type": "policy_violation",
    "service_id": SERVICE,
    "consumer_id": "c-9",
    "timestamp": "2025-11-19T09:30:00+00:00",
    "policy_id": "p-1",
    "policy_name": "pii",
    "severity": "high",
    "message": "no",
}

ELSEWHERE = [
    {
        "source": "observatory", "event_type": kind, "event_id": kind, "service": SERVICE,
        "occurred_at": "2025-11-19T09:20:00Z", "latency_ms": 10**6, "total_tokens": 10**6,
    }
    for kind in ("inference.completed", "violation.detected")
]  # fmt: skip
"""What others tell of the same service: no call of the marketplace."""


async def sent(client: httpx.AsyncClient, *messages: dict[str, Any]) -> None:
    answer = await client.post("/api/v1/ingest/marketplace", json=messages)
    assert answer.json()["accepted"] == len(messages), answer.text


async def asked(client: httpx.AsyncClient, *measures: str, **by: Any) -> list[list[Any]]:
    body = {"measures": measures, "time_range": PERIOD, **by}
    rows: list[list[Any]] = (await client.post("/api/v1/query", json=body)).json()["rows"]
    return rows


async def test_usage_and_revenue_are_told_by_service(client: httpx.AsyncClient) -> None:
    await sent(client, *CALLS, VIOLATION)
    answer = await client.get(ANALYTICS, params=PERIOD)
    first, second = answer.json()["services"]
    assert first == {
        "service_id": SERVICE, "requests": 5, "errors": 1, "error_rate": 0.2,
        "input_tokens": 100, "output_tokens": 50, "total_tokens": 150,
        "latency_ms_p95": first["latency_ms_p95"], "consumers": 2,
        "revenue_usd": 0.5, "revenue_by_other_currency": {"EUR": 2.5, "CHF": 7},
        "requests_of_unknown_revenue": 1,
    }  # fmt: skip
    assert 400 <= first["latency_ms_p95"] <= 500
    assert (second["revenue_usd"], second["requests_of_unknown_revenue"]) == (0, 0)
    wanted = ["requests", "error_rate", "total_tokens", "latency_ms_p95"]
    calls = {"field": "event_type", "value": "inference.completed"}
    rows = await asked(client, *wanted, dimensions=["service"], filters=[calls])
    assert rows == [[one["service_id"], *(one[name] for name in wanted)] for one in (first, second)]


async def test_revenue_nobody_knows_is_null_and_paid_before_is_nothing(
    client: httpx.AsyncClient,
) -> None:
    await sent(client, CALLS[3])
    (service,) = (await client.get(ANALYTICS, params=PERIOD)).json()["services"]
    assert (service["revenue_usd"], service["revenue_by_other_currency"]) == (None, {})
    assert service["requests_of_unknown_revenue"] == service["requests"] == 1
    assert (await asked(client, "cost_usd"))[0][0] > 0  # what a provider asks is no revenue


async def test_one_service_is_told_alone_and_only_to_its_tenant(client: httpx.AsyncClient) -> None:
    await sent(client, *CALLS)
    alone = await client.get(ANALYTICS, params={**PERIOD, "service_id": OTHER})
    assert [one["service_id"] for one in alone.json()["services"]] == [OTHER]
    elsewhere = await client.get(ANALYTICS, params=PERIOD, headers={"x-tenant": "somebody-else"})
    assert elsewhere.json()["services"] == []


@pytest.mark.parametrize(
    ("metric", "measure", "unit", "value"),
    [
        ("total_requests", "requests", None, 5),
        ("error_rate", "error_rate", "ratio", 0.2),
        ("latency", "latency_ms_avg", "ms", 300.0),
        ("total_tokens", "total_tokens", "tokens", 150),
        ("violations", "violations", None, 1),
    ],
)
async def test_a_metric_is_told_to_the_admin_client_in_times_without_a_zone(
    client: httpx.AsyncClient, metric: str, measure: str, unit: str | None, value: float
) -> None:
    await sent(client, *CALLS, VIOLATION)
    await client.post("/api/v1/events", json=ELSEWHERE)
    params = {
        "metric": metric, "service_id": SERVICE,
        "start_time": "2025-11-19T08:00:00", "end_time": "2025-11-19T10:00:00.500000",
    }  # fmt: skip
    answer = await client.get("/metrics", params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    told = answer.json()
    points = told.pop("data_points")
    assert told == {
        "metric": metric, "measure": measure, "unit": unit, "service_id": SERVICE,
        "start_time": "2025-11-19T08:00:00", "end_time": "2025-11-19T10:00:00.500000",
        "value": value,
    }  # fmt: skip
    assert points[0]["timestamp"] in {"2025-11-19T09:00:00", "2025-11-19T09:30:00"}
    if metric == "total_requests":
        assert [point["value"] for point in points] == [4, 1]  # by five minutes


async def test_a_metric_of_nothing_is_null_or_a_count_of_none(client: httpx.AsyncClient) -> None:
    for metric, value in (("requests", 0), ("latency", None), ("cost", None)):
        told = (await client.get("/metrics", params={"metric": metric})).json()
        assert (told["value"], told["data_points"], told["service_id"]) == (value, [], None)
        assert told["start_time"] == "2025-11-18T10:00:01"


@pytest.mark.parametrize("metric", ["nonsense", "cost_amount", "'; DROP TABLE events"])
async def test_a_metric_that_is_none_is_refused_with_those_there_are(
    client: httpx.AsyncClient, metric: str
) -> None:
    answer = await client.get("/metrics", params={"metric": metric})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_metric")
    assert "latency_ms_p95" in answer.json()["detail"]


async def test_without_a_metric_and_on_the_metrics_port_it_is_prometheus(doors: Doors) -> None:
    for app, query in ((doors.main, ""), (doors.metrics, ""), (doors.metrics, "?metric=requests")):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            answer = await client.get(f"/metrics{query}")
            assert answer.headers["content-type"].startswith("text/plain")
            assert "# HELP hub_" in answer.text


async def test_a_services_analytics_are_told_in_the_words_of_the_admin_service(
    client: httpx.AsyncClient,
) -> None:
    await sent(client, *CALLS)
    answer = await client.get(f"/services/{SERVICE}/analytics", params={"window": "7d"})
    told = answer.json()
    assert answer.status_code == 200
    ranks = [told.pop(f"p{rank}_response_time_ms") for rank in (50, 95, 99)]
    assert ranks == sorted(ranks)
    assert told == {
        "service_id": SERVICE, "window": "7d",
        "start_time": "2025-11-12T10:00:01", "end_time": "2025-11-19T10:00:01",
        "total_requests": 5, "total_errors": 1, "error_rate": 0.2, "avg_response_time_ms": 300.0,
        "total_tokens": 150, "active_users": 0, "active_consumers": 2,
        "revenue_usd": 0.5, "revenue_by_other_currency": {"EUR": 2.5, "CHF": 7},
        "requests_of_unknown_revenue": 1,
    }  # fmt: skip


async def test_a_service_nobody_called_has_no_calls_and_nothing_known(
    client: httpx.AsyncClient,
) -> None:
    told = (await client.get("/services/none/analytics")).json()
    assert (told["window"], told["total_requests"], told["active_consumers"]) == ("24h", 0, 0)
    unknown = ("error_rate", "avg_response_time_ms", "total_tokens", "revenue_usd")
    assert [told[name] for name in unknown] == [None] * 4
    assert (await client.get("/services/none/analytics?window=soon")).status_code == 400


@pytest.mark.parametrize("path", ["/marketplace/metrics", f"{ANALYTICS[:-9]}metrics/report"])
async def test_a_report_of_metrics_is_taken_at_every_path(
    client: httpx.AsyncClient, path: str
) -> None:
    metric = {"metric_name": "latency_ms", "value": 12.5, "service_id": SERVICE}
    answer = await client.post(path, json=[metric])
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    assert (await client.post(path, json=[metric])).json()["duplicates"] == 1
    events = (await client.get("/api/v1/events", params={"source": "marketplace"})).json()
    assert [(one["event_type"], one["value"]) for one in events["events"]] == [
        ("metric.aggregated", 12.5)
    ]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("POST", "/ext-1/install"), ("DELETE", "/ext-1/uninstall")],
)
async def test_a_hub_without_plugins_says_so(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await client.request(method, f"/api/v1/integrations/marketplace/extensions{path}")
    assert (answer.status_code, answer.json()["code"]) == (501, "not_available")


async def test_amounts_of_two_currencies_are_never_summed(client: httpx.AsyncClient) -> None:
    await sent(client, *CALLS)
    body = {"measures": ["cost_amount"], "time_range": PERIOD}
    refused = await client.post("/api/v1/query", json=body)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_query")
    rows = await asked(client, "cost_amount", dimensions=["cost_currency"])
    assert {currency: amount for currency, amount in rows if currency} == {
        "USD": 0.5, "EUR": 2.5, "CHF": 7,
    }  # fmt: skip
