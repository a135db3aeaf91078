"""What CostOps is answered: exact members, and numbers counted by hand of events it was told."""

import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from llm_analytics_hub.api.integrations.costops import costops_routes
from llm_analytics_hub.bootstrap import Hub
from llm_analytics_hub.connectors.feed_desk import FeedDesk
from llm_analytics_hub.feedback.budgets import Budgets
from llm_analytics_hub.feedback.costs import CostFeedback

from .conftest import NOW

BASE = "/api/v1/integrations/costops"
TODAY = NOW.replace(hour=0)
DAY = timedelta(days=1)
Maybe = type(None)

BASELINE: dict[str, tuple[type, ...]] = {
    "baseline_id": (str,), "start_time": (str,), "end_time": (str,), "granularity": (str,),
    "organization_id": (str, Maybe), "provider": (str, Maybe), "model": (str, Maybe),
    "mean_tokens_per_period": (float,), "std_dev_tokens": (float,),
    "mean_cost_per_period": (float,), "std_dev_cost": (float,),
    "p50_tokens": (int,), "p90_tokens": (int,), "p99_tokens": (int,),
    "p50_cost": (float,), "p90_cost": (float,), "p99_cost": (float,),
    "trend_direction": (str,), "seasonality_detected": (bool,),
    "seasonality_period": (str, Maybe), "computed_at": (str,),
}  # fmt: skip
CURVE: dict[str, tuple[type, ...]] = {
    "curve_id": (str,), "metric_type": (str,), "data_points": (list,),
    "upper_bound": (list, Maybe), "lower_bound": (list, Maybe),
    "confidence_level": (float, Maybe), "organization_id": (str, Maybe),
    "provider": (str, Maybe), "model": (str, Maybe), "window_seconds": (int,),
}  # fmt: skip
CLUSTER: dict[str, tuple[type, ...]] = {
    "cluster_id": (str,), "cluster_name": (str,), "member_count": (int,), "centroid": (list,),
    "mean_daily_tokens": (float,), "mean_daily_cost": (float,), "growth_rate_percent": (float,),
    "dominant_trend": (str,), "dominant_seasonality": (str, Maybe),
    "hourly_distribution": (list, Maybe), "daily_distribution": (list, Maybe),
    "silhouette_score": (float,), "cohesion": (float,), "computed_at": (str,),
}  # fmt: skip


def parsed(told: Any, members: dict[str, tuple[type, ...]]) -> dict[str, Any]:
    """`told`, if a strict parser of these members takes it (WIRE_FORMATS §7)."""
    assert told.keys() == members.keys()
    wrong = {name: told[name] for name, kinds in members.items() if type(told[name]) not in kinds}
    assert not wrong
    found: dict[str, Any] = told
    return found


@pytest.fixture(autouse=True)
def tenant(client: httpx.AsyncClient) -> None:
    """A tenant of its own."""
    client.headers["x-tenant"] = f"t{os.urandom(8).hex()}"


def at(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def usage(days_ago: int, tokens: int, hour: int = 9, **said: Any) -> dict[str, Any]:
    """What the usage webhook of CostOps carries."""
    moment = TODAY - days_ago * DAY + timedelta(hours=hour)
    return {
        "request_id": os.urandom(8).hex(),
        "timestamp": at(moment),
        "provider": "openai",
        "model": {"name": "gpt-4o", "version": "1", "context_window": 128000},
        "organization_id": "acme",
        "usage": {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens},
    } | said


def cost(days_ago: int, dollars: float, **said: Any) -> dict[str, Any]:
    """A record of the cost export."""
    return {
        "id": os.urandom(8).hex(), "usage_id": os.urandom(8).hex(), "provider": "openai",
        "model": "gpt-4o", "organization_id": "acme", "total_cost": dollars, "currency": "USD",
        "timestamp": at(TODAY - days_ago * DAY + timedelta(hours=9)),
    } | said  # fmt: skip


def call(days_ago: int, tokens: int, dollars: float | None, **said: Any) -> dict[str, Any]:
    """A model call."""
    return {
        "source": "observatory", "event_type": "inference.completed",
        "event_id": os.urandom(8).hex(), "occurred_at": at(TODAY - days_ago * DAY + 9 * DAY / 24),
        "account_id": "acme", "provider": "openai", "model": "gpt-4o", "latency_ms": 100,
        "total_tokens": tokens, "cost_amount": dollars, "cost_currency": "USD",
    } | said  # fmt: skip


async def sent(client: httpx.AsyncClient, *documents: dict[str, Any], door: str = "") -> None:
    answer = await client.post(door or "/api/v1/ingest/costops", json=documents)
    assert answer.json()["accepted"] == len(documents), answer.text


async def got(client: httpx.AsyncClient, path: str, **params: str) -> Any:
    answer = await client.get(f"{BASE}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def asked(client: httpx.AsyncClient, event_type: str, *measures: str, **by: Any) -> Any:
    body = {
        "measures": measures, "filters": [{"field": "event_type", "value": event_type}],
        "time_range": {"from": at(TODAY - 30 * DAY), "to": at(TODAY)}, **by,
    }  # fmt: skip
    return (await client.post("/api/v1/query", json=body)).json()["rows"]


async def test_a_baseline_is_of_usage_and_costs_as_costops_recorded_them(
    client: httpx.AsyncClient,
) -> None:
    tokens, dollars = {4: 100, 3: 300, 1: 200}, {4: 1.0, 3: 3.0, 1: 2.0}
    await sent(client, *(usage(ago, n) for ago, n in tokens.items()))
    await sent(client, *(cost(ago, n) for ago, n in dollars.items()))
    await sent(client, usage(0, 10**9), usage(40, 10**9))  # today is not over, the other too old
    told = parsed(await got(client, "usage-baseline", granularity="daily"), BASELINE)
    assert told["baseline_id"] == "bl-all-daily"
    assert (told["start_time"], told["end_time"]) == (at(TODAY - 4 * DAY), at(TODAY))
    # 100, 300, 0 (a quiet day), 200: mean 150, sample deviation sqrt(50000 / 3)
    assert told["mean_tokens_per_period"] == 150.0
    assert told["std_dev_tokens"] == pytest.approx((50_000 / 3) ** 0.5)
    assert (told["p50_tokens"], told["p90_tokens"], told["p99_tokens"]) == (150, 270, 297)
    assert (told["mean_cost_per_period"], told["p50_cost"]) == (1.5, 1.5)
    assert told["computed_at"] == at(NOW)
    ((total,),) = await asked(client, "usage.recorded", "total_tokens")
    ((spent,),) = await asked(client, "cost.recorded", "cost_usd")
    assert (told["mean_tokens_per_period"] * 4, told["mean_cost_per_period"] * 4) == (total, spent)


@pytest.mark.parametrize(
    ("granularity", "start", "end"),
    [
        ("hourly", TODAY - 2 * DAY + timedelta(hours=9), NOW),
        ("daily", TODAY - 2 * DAY, TODAY),
        ("weekly", TODAY - 16 * DAY, TODAY - 2 * DAY),
    ],
)
async def test_a_baseline_has_whole_periods_that_are_over(
    client: httpx.AsyncClient, granularity: str, start: datetime, end: datetime
) -> None:
    first = 16 if granularity == "weekly" else 2  # 2025-11-17 is a Monday
    await sent(client, usage(first, 10), cost(first, 0.5))
    told = parsed(await got(client, "usage-baseline", granularity=granularity), BASELINE)
    assert (told["start_time"], told["end_time"]) == (at(start), at(end))


async def test_a_baseline_has_the_scope_it_was_asked_for(client: httpx.AsyncClient) -> None:
    wanted = {"organization_id": "beta", "provider": "googlevertexai", "model": "gemini-1.5-pro"}
    model = {"name": "gemini-1.5-pro", "version": "1", "context_window": 1}
    google: dict[str, Any] = {
        "organization_id": "beta",
        "provider": "googlevertexai",
        "model": model,
    }
    await sent(client, usage(3, 7, **google), usage(1, 9, **google), cost(3, 1.0, **wanted))
    await sent(client, usage(3, 500), cost(3, 50.0))
    told = parsed(await got(client, "usage-baseline", **wanted), BASELINE)
    assert {name: told[name] for name in wanted} == wanted
    assert told["baseline_id"] == "bl-beta-googlevertexai-gemini-1.5-pro-daily"
    assert told["mean_tokens_per_period"] == pytest.approx(16 / 3)


async def test_a_call_told_by_its_trace_and_by_costops_counts_once(
    client: httpx.AsyncClient,
) -> None:
    await sent(client, call(2, 100, 1.0), call(1, 100, 1.0), door="/api/v1/events")
    await sent(client, usage(2, 90), usage(1, 90), cost(2, 0.5), cost(1, 0.5))
    means = [
        (await got(client, "usage-baseline", **params))["mean_tokens_per_period"]
        for params in ({}, {"counted": "calls"}, {"counted": "records"})
    ]
    assert means == [100.0, 100.0, 90.0]


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("usage-baseline", {}, "no_usage"),
        ("historical-curve", {"metric": "token_usage"}, "no_usage"),
        ("historical-curve", {"metric": "cost"}, "unknown_cost"),
        ("forecasting-clusters", {}, "no_usage"),
    ],
)
async def test_of_no_usage_nothing_is_told(
    client: httpx.AsyncClient, path: str, params: dict[str, str], code: str
) -> None:
    answer = await client.get(f"{BASE}/{path}", params=params)
    assert (answer.status_code, answer.json()["code"]) == (404, code)


async def test_unknown_costs_are_refused_and_not_told_as_nothing(
    client: httpx.AsyncClient,
) -> None:
    calls = [call(ago, 10, None, model="nobody-knows", cost_currency=None) for ago in (2, 1)]
    await sent(client, *calls, door="/api/v1/events")
    answer = await client.get(f"{BASE}/usage-baseline")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_cost")
    curve = await got(client, "historical-curve", metric="token_usage")
    assert [point["value"] for point in curve["data_points"]] == [10.0, 10.0]


async def test_a_curve_of_tokens_or_costs_has_a_point_for_every_day(
    client: httpx.AsyncClient,
) -> None:
    await sent(client, call(4, 40, 0.4), call(4, 2, 0.1), call(2, 20, 0.25), door="/api/v1/events")
    for metric, values in (("token_usage", [42.0, 0.0, 20.0, 0.0]), ("cost", [0.5, 0, 0.25, 0])):
        told = parsed(await got(client, "historical-curve", metric=metric), CURVE)
        points = told["data_points"]
        assert [point["value"] for point in points] == values
        assert [point["count"] for point in points] == [2, 0, 1, 0]
        assert [point["timestamp"] for point in points] == [
            at(TODAY - n * DAY) for n in (4, 3, 2, 1)
        ]
        assert (told["metric_type"], told["window_seconds"]) == (metric, 86400)
    rows = await asked(client, "inference.completed", "total_tokens", granularity="day")
    assert [row[1] for row in rows] == [42, 20]


async def test_a_curve_of_latency_leaves_out_what_nobody_measured(
    client: httpx.AsyncClient,
) -> None:
    calls = [call(3, 1, None, latency_ms=ms) for ms in (100, 200, 900)]
    await sent(client, *calls, call(1, 1, None, latency_ms=50), door="/api/v1/events")
    told = parsed(await got(client, "historical-curve", metric="latency"), CURVE)
    points = [(one["timestamp"], one["value"], one["count"]) for one in told["data_points"]]
    assert points == [(at(TODAY - 3 * DAY), 200.0, 3), (at(TODAY - DAY), 50.0, 1)]


async def test_a_time_may_be_named(client: httpx.AsyncClient) -> None:
    await sent(client, call(2, 40, 1.0), call(0, 60, 1.0), door="/api/v1/events")
    params = {"from": at(TODAY - 2 * DAY), "to": at(NOW), "metric": "token_usage"}
    told = await got(client, "historical-curve", **params)
    assert [point["value"] for point in told["data_points"]] == [40.0, 0.0, 60.0]


@pytest.mark.parametrize(
    "params",
    [
        {"granularity": "yearly"}, {"window": "soon"}, {"from": "2025-11-19"}, {"counted": "all"},
        {"from": "2025-11-19", "to": "2025-11-18"}, {"organization_id": "x" * 201},
    ],
)  # fmt: skip
async def test_what_cannot_be_asked_is_refused(
    client: httpx.AsyncClient, params: dict[str, str]
) -> None:
    answer = await client.get(f"{BASE}/usage-baseline", params=params)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def account(name: str, tokens: Callable[[int], int]) -> list[dict[str, Any]]:
    """Ten days of an account: on the n-th of them so many tokens, and a cent for each."""
    return [
        call(10 - n, tokens(n), tokens(n) / 100, account_id=name, event_id=f"{name}-{n}")
        for n in range(10)
    ]


async def test_accounts_are_together_whose_usage_goes_the_same_way(
    client: httpx.AsyncClient,
) -> None:
    documents = [
        *account("up-1", lambda n: 100 + 10 * n), *account("up-2", lambda n: 200 + 20 * n),
        *account("down", lambda n: 300 - 20 * n), *account("level", lambda _: 50),
        call(5, 10**9, 10.0, account_id=None),  # of no account
    ]  # fmt: skip
    await sent(client, *documents, door="/api/v1/events")
    found = [parsed(one, CLUSTER) for one in await got(client, "forecasting-clusters")]
    assert [(one["cluster_name"], one["member_count"]) for one in found] == [
        ("growing-accounts", 2), ("shrinking-accounts", 1), ("steady-accounts", 1),
    ]  # fmt: skip
    growing = found[0]
    assert growing["cluster_id"] == "trend-increasing"
    assert growing["dominant_trend"] == "increasing"
    assert growing["mean_daily_tokens"] == (145 + 290) / 2
    assert growing["mean_daily_cost"] == pytest.approx(2.175)
    assert growing["growth_rate_percent"] == pytest.approx(100 * 30 * 9 / 435)
    assert growing["hourly_distribution"][9] == 1.0
    assert len(growing["daily_distribution"]) == 7
    assert growing["silhouette_score"] > 0.5
    rows = await asked(client, "inference.completed", "total_tokens", dimensions=["account_id"])
    assert dict(rows)["up-1"] + dict(rows)["up-2"] == growing["mean_daily_tokens"] * 20


async def test_accounts_of_one_day_are_too_few_days(client: httpx.AsyncClient) -> None:
    await sent(client, call(1, 10, 0.1), door="/api/v1/events")
    answer = await client.get(f"{BASE}/forecasting-clusters")
    assert (answer.status_code, answer.json()["code"]) == (400, "too_few_periods")


async def test_cost_data_is_taken_as_at_the_door_of_costops(client: httpx.AsyncClient) -> None:
    record = cost(1, 0.25)
    answer = await client.post(f"{BASE}/cost-data/sync", json=[record])
    assert (answer.status_code, answer.json()["event_ids"]) == (200, [record["id"]])
    again = await client.post("/api/v1/ingest/costops", json=record)
    assert (again.json()["accepted"], again.json()["duplicates"]) == (0, 1)
    assert await asked(client, "cost.recorded", "cost_usd") == [[0.25]]


async def test_a_usage_report_is_of_the_last_whole_hour_or_of_a_time(
    client: httpx.AsyncClient,
) -> None:
    calls = [
        call(0, 100, 1.0), call(0, 50, 1.0, model="claude"), call(0, 7, 1.0, model="claude"),
        call(0, 1, 1.0, model=None), call(1, 1000, 1.0),
    ]  # fmt: skip
    await sent(client, *calls, door="/api/v1/events")
    told = await got(client, "usage/report")
    assert told == {
        "reportId": "use-2025-11-19T10", "timestamp": "2025-11-19T10:00:00.000Z",
        "timeRange": {"start": "2025-11-19T09:00:00.000Z", "end": "2025-11-19T10:00:00.000Z"},
        "usage": {
            "totalRequests": 4, "totalTokens": 158,
            "byModel": {
                "claude": {"requests": 2, "tokens": 57}, "gpt-4o": {"requests": 1, "tokens": 100},
                "unknown": {"requests": 1, "tokens": 1},
            },
        },
    }  # fmt: skip
    span = {"from": at(TODAY - DAY), "to": at(NOW)}
    daily = await got(client, "usage/report", granularity="daily")
    assert daily["usage"]["totalTokens"] == 1000
    posted = await client.post(f"{BASE}/usage/report", json=span)
    assert posted.json() == await got(client, "usage/report", **span)
    assert posted.json()["usage"]["totalTokens"] == 1158
    assert (await client.post(f"{BASE}/usage/report")).json() == told
    empty = await got(client, "usage/report", **{"from": "2024-01-01", "to": "2024-01-02"})
    assert empty["usage"] == {"totalRequests": 0, "totalTokens": 0, "byModel": {}}


async def test_a_report_that_is_posted_for_is_handed_to_its_sender(hub: Hub) -> None:
    from fastapi import FastAPI

    handed: list[tuple[str, dict[str, object]]] = []

    class Handed(FeedDesk):
        def has(self, tenant: str, module: str, what: str) -> bool:
            return (module, what) == ("costops", "usage-report")

        async def send(self, tenant: str, module: str, what: str, body: dict[str, object]) -> None:
            handed.append((tenant, body))

    app = FastAPI()
    costs = CostFeedback(hub.queries, hub.clock)
    routes = costops_routes(costs, Budgets(hub.lists), hub.clock, Handed())
    app.include_router(routes)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as made:
        answer = await made.post(f"{BASE}/usage/report", headers={"x-tenant": "acme"})
        await made.get(f"{BASE}/usage/report", headers={"x-tenant": "acme"})
    assert [(tenant, json.loads(json.dumps(report))) for tenant, report in handed] == [
        ("acme", answer.json())
    ]


WARNED = {
    "event": "budget.threshold.warning", "webhook_id": "w", "timestamp": "2025-11-18T10:00:00Z",
    "data": {
        "budget_id": "b-1", "budget_name": "Team", "amount": 1000.0, "spent": 850.0,
        "remaining": 150.0, "utilization_percentage": 85.0, "organization_id": "acme",
    },
}  # fmt: skip
SIGNAL = {
    "signal_id": "s-1", "budget_id": "b-1", "signal_type": "gating", "severity": "gating",
    "violation_type": "limit_exceeded", "current_spend": 1025.0, "budget_limit": 1000.0,
    "remaining_budget": -25.0, "utilization_percent": 102.5, "organization_id": "acme",
    "timestamp": "2025-11-19T09:00:00Z",
}  # fmt: skip
STANDING = {
    "id": "b-2", "organization_id": "beta", "name": "Small", "amount": 200.0, "period": "monthly",
    "alert_threshold_percentage": 50, "hard_limit": True, "current_spend": 120.0,
    "created_at": "2025-11-01T00:00:00Z", "updated_at": "2025-11-17T09:00:00Z",
}  # fmt: skip


async def test_budgets_stand_as_was_said_last_of_them(client: httpx.AsyncClient) -> None:
    dashboard = "/api/v1/ingest/governance-dashboard"
    await sent(client, WARNED, STANDING, door=dashboard)
    assert [one["state"] for one in (await got(client, "budgets"))["budgets"]] == ["warning"] * 2
    await sent(client, SIGNAL)
    told = await got(client, "budgets")
    first, second = told["budgets"]
    assert told["is_complete"] is True
    assert first == {
        "budget_id": "b-1", "name": None, "organization_id": "acme", "state": "exceeded",
        "severity": "critical", "utilization_ratio": 1.025, "limit_amount": 1000.0,
        "spent_amount": 1025.0, "remaining_amount": -25.0, "currency": "USD", "period": None,
        "as_of": "2025-11-19T09:00:00.000000Z", "source": "costops", "event_id": "s-1",
    }  # fmt: skip
    assert (second["budget_id"], second["utilization_ratio"], second["remaining_amount"]) == (
        "b-2", 0.6, None,
    )  # fmt: skip
    alone = await got(client, "budgets", organization_id="beta")
    assert [one["budget_id"] for one in alone["budgets"]] == ["b-2"]
    assert (await got(client, "budgets", to="2025-11-01"))["budgets"] == []


async def test_budgets_are_those_of_the_tenant(client: httpx.AsyncClient) -> None:
    await sent(client, SIGNAL)
    client.headers["x-tenant"] = "somebody-else"
    assert (await got(client, "budgets"))["budgets"] == []
