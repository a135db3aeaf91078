"""What the governance dashboard is fed, of messages that came through the modules' doors."""

import os

import httpx
import pytest

from .engine_messages import AUDIT, Row, decision, violation

ENGINE = "/api/v1/ingest/policy-engine"
OWN = "/api/v1/ingest/governance-dashboard"
FEED = "/api/v1/integrations/governance-dashboard"
AT = "2025-11-19T09:56:00Z"
LOG = {"action": "login", "resource_type": "user", "resource_id": "u", "id": "l1", "timestamp": AT}
BROKEN = {"id": "w1", "policy_id": "p9", "violation_type": "cost_limit", "user_id": "u",
          "resource_type": "llm_request", "resource_id": "r", "created_at": AT}  # fmt: skip
METERED = {"provider": "openai", "model": "gpt-4o", "tokens_in": 1, "tokens_out": 1, "cost": 1.0,
           "latency_ms": 5, "request_id": "own"}  # fmt: skip


def call(number: int, **members: object) -> Row:
    return {
        "source": "observatory", "event_type": "inference.completed", "event_id": f"c{number}",
        "occurred_at": AT, "provider": "openai", "model": "gpt-4o", "input_tokens": 1000,
        "output_tokens": 100, "latency_ms": 10.4, "status": "ok", "correlation_id": f"r{number}",
        **members,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def tenant(client: httpx.AsyncClient) -> str:
    """A tenant of its own."""
    client.headers["x-tenant"] = name = f"t{os.urandom(8).hex()}"
    return name


async def fed(client: httpx.AsyncClient, feed: str, **params: object) -> Row:
    answer = await client.get(f"{FEED}/{feed}", params={k: str(v) for k, v in params.items()})
    assert answer.status_code == 200, answer.text
    found: Row = answer.json()
    return found


async def test_compliance_is_fed_for_the_last_five_minutes(client: httpx.AsyncClient) -> None:
    early = decision(3, "2025-11-19T09:54:59Z", allowed=False)
    sent = [decision(1, AT), decision(2, AT, allowed=False), early]
    await client.post(ENGINE, json=sent)
    report = await fed(client, "compliance-feed")
    assert report["timeRange"]["start"] == "2025-11-19T09:55:00.000Z"
    assert (report["metrics"]["totalEvaluations"], report["metrics"]["violations"]) == (2, 1)
    assert report["trends"] == {"complianceRateChange": 0.5, "violationRateChange": 0.0}
    same = await client.get("/api/v1/integrations/policy-engine/compliance/report?period=5m")
    assert same.json() == report


async def test_what_came_from_the_dashboard_is_not_told_to_it(client: httpx.AsyncClient) -> None:
    await client.post(OWN, json=[LOG, BROKEN])
    await client.post(ENGINE, json=[AUDIT, violation(1, AT)])
    reports = (await fed(client, "violation-reports"))["violations"]
    assert [one["violationId"] for one in reports] == ["v1"]
    (log,) = (await fed(client, "audit-trail"))["logs"]
    assert log == {
        "action": "edit",
        "resource_type": "policy",
        "resource_id": "pii-guard",
        "details": {
            "eventId": "a1", "eventType": "policy.updated", "source": "policy-engine",
            "occurredAt": "2025-11-19T09:20:00.000Z", "userId": "ann", "status": None,
            "attributes": {"policy_version": 3, "after_hash": "beef"},
        },
    }  # fmt: skip
    report = await fed(client, "compliance-feed")
    assert report["metrics"]["violationsByType"] == {"costLimit": 1, "piiGuard": 1}


async def test_the_audit_trail_comes_in_batches_of_500(client: httpx.AsyncClient) -> None:
    trail = [
        {**AUDIT, "id": f"a{n}", "timestamp": f"2025-11-19T09:{n // 60:02}:{n % 60:02}Z"}
        for n in range(502)
    ]
    assert (await client.post(ENGINE, json=trail)).json()["accepted"] == 502
    first = await fed(client, "audit-trail")
    rest = await fed(client, "audit-trail", cursor=first["next_cursor"])
    assert (len(first["logs"]), len(rest["logs"]), rest["next_cursor"]) == (500, 2, None)
    ids = {log["details"]["eventId"] for log in first["logs"] + rest["logs"]}
    assert len(ids) == 502
    more = await client.get(f"{FEED}/audit-trail", params={"limit": "501"})
    assert more.status_code == 400


async def test_metrics_are_rows_of_calls_and_their_sums(client: httpx.AsyncClient) -> None:
    calls = [
        call(1), call(2, cost_usd="0.5"), call(3, cost_usd="0.25", status="error"),
        call(4, model="unpriced", latency_ms=None, output_tokens=None),
        {**call(5), "occurred_at": "2025-11-19T08:00:00Z"},
    ]  # fmt: skip
    assert (await client.post("/api/v1/events", json=calls)).json()["accepted"] == 5
    found = await fed(client, "metrics", limit=3)
    by_model = {row["model"]: row for row in found["aggregates"]}
    assert (by_model["gpt-4o"]["requests"], by_model["gpt-4o"]["errors"]) == (3, 1)
    assert by_model["gpt-4o"]["cost_usd"] == 0.7535  # 0.0035 by price, 0.5 and 0.25 as sent
    unknown = by_model["unpriced"]
    assert (unknown["requests"], unknown["latency_ms_avg"], unknown["cost_usd"]) == (1, None, None)
    rest = await fed(client, "metrics", limit=3, cursor=found["next_cursor"])
    rows = found["metrics"] + rest["metrics"]
    assert {row["request_id"] for row in rows} == {"r1", "r2", "r3"}
    assert (found["left_out"] + rest["left_out"], rest["next_cursor"]) == (1, None)
    assert {row["latency_ms"] for row in rows} == {10}


async def test_the_dashboards_own_calls_are_summed_and_not_sent_back(
    client: httpx.AsyncClient,
) -> None:
    await client.post(OWN, json=METERED)
    await client.post("/api/v1/events", json=call(1))
    span = {"from": "2025-11-19T09:00:00Z", "to": "2025-11-19T11:00:00Z"}
    found = await fed(client, "metrics", **span)
    assert [row["request_id"] for row in found["metrics"]] == ["r1"]
    assert [row["requests"] for row in found["aggregates"]] == [2]


async def test_an_empty_period_has_no_sums(client: httpx.AsyncClient) -> None:
    found = await fed(client, "metrics", period="day")
    assert (found["aggregates"], found["metrics"], found["next_cursor"]) == ([], [], None)
    report = await fed(client, "compliance-feed")
    assert report["metrics"]["complianceRate"] is None


async def test_the_feeds_and_the_question_are_described(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/api/openapi.json")).json()["paths"]
    feeds = {"compliance-feed", "violation-reports", "audit-trail", "metrics"}
    assert {f"{FEED}/{name}" for name in feeds} <= paths.keys()
    assert {"429", "504"} <= paths["/dashboard/query"]["post"]["responses"].keys()
