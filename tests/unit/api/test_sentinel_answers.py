"""What Sentinel is answered: security events, and what became of feedback about them."""

import os
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from llm_analytics_hub.api.integrations.sentinel import sentinel_routes
from llm_analytics_hub.bootstrap import Hub
from llm_analytics_hub.connectors.feed import FeedSettings
from llm_analytics_hub.connectors.feed_desk import FeedDesk
from llm_analytics_hub.feedback.threats import ThreatFeedbackDesk

BASE = "/api/v1/integrations/sentinel"
ALERT = "7b1b2c3d-0000-4000-8000-000000000001"
FEEDBACK = {
    "alert_id": ALERT, "verdict": "false_positive", "severity": "low", "confidence": 0.9,
    "comment": "a load test", "reported_by": "ada",
}  # fmt: skip


@pytest.fixture(autouse=True)
def tenant(client: httpx.AsyncClient) -> None:
    """A tenant of its own."""
    client.headers["x-tenant"] = f"t{os.urandom(8).hex()}"


def anomaly(number: int, severity: str, kind: str = "latency_spike") -> dict[str, Any]:
    return {
        "alert_id": f"{ALERT[:-1]}{number}", "timestamp": f"2025-11-19T09:0{number}:00Z",
        "severity": severity, "anomaly_type": kind, "service_name": "chat", "model": "gpt-4o",
        "detection_method": "z_score", "confidence": 0.9,
        "details": {"metric": "latency_ms", "value": 900.0, "baseline": 100.0, "threshold": 300.0},
        "context": {"time_window": "5m", "sample_count": 10}, "remediation": [], "related_alerts": [],
    }  # fmt: skip


async def detected(client: httpx.AsyncClient) -> None:
    alerts = [anomaly(1, "low"), anomaly(2, "critical", "security_threat"), anomaly(3, "critical")]
    answer = await client.post("/api/v1/ingest/sentinel", json=alerts)
    assert answer.json()["accepted"] == 3
    call = {"source": "sentinel", "stream": "observatory", "event_type": "inference.completed",
            "occurred_at": "2025-11-19T09:00:00Z", "event_id": "c"}  # fmt: skip
    assert (await client.post("/api/v1/events", json=call)).json()["accepted"] == 1


async def seen(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get(f"{BASE}/security-events", params=params)
    assert answer.status_code == 200, answer.text
    return [event["event_id"][-1] for event in answer.json()["events"]]


async def test_security_events_are_those_of_their_stream_newest_first(
    client: httpx.AsyncClient,
) -> None:
    await detected(client)
    assert await seen(client) == ["3", "2", "1"]
    assert await seen(client, severity="critical") == ["3", "2"]
    assert await seen(client, anomaly_type="security_threat") == ["2"]
    assert await seen(client, service="elsewhere") == []
    minutes = {"from": "2025-11-19T09:01:00Z", "to": "2025-11-19T09:02:00Z"}
    assert await seen(client, **minutes) == ["1"]
    body = {
        "measures": ["events"], "time_range": {"last": "30d"},
        "filters": [{"field": "stream", "value": "security"}],
    }  # fmt: skip
    assert (await client.post("/api/v1/query", json=body)).json()["rows"] == [[3]]


async def test_security_events_come_by_pages_and_to_their_tenant_only(
    client: httpx.AsyncClient,
) -> None:
    await detected(client)
    page = (await client.get(f"{BASE}/security-events", params={"limit": 2})).json()
    rest = {"limit": 2, "cursor": page["next_cursor"]}
    assert await seen(client, **rest) == ["1"]
    client.headers["x-tenant"] = "somebody-else"
    assert await seen(client) == []


async def test_a_feedback_is_kept_in_the_audit_trail_once(client: httpx.AsyncClient) -> None:
    first = (await client.post(f"{BASE}/threat-feedback", json=FEEDBACK)).json()
    again = (await client.post(f"{BASE}/threat-feedback", json=FEEDBACK)).json()
    assert first == {
        "feedback_id": first["feedback_id"], "accepted": 1, "duplicates": 0, "forwarded": False,
    }  # fmt: skip
    assert again == {**first, "accepted": 0, "duplicates": 1}
    (event,) = (await client.get("/api/v1/events")).json()["events"]
    kept = {
        "source": "analytics-hub", "stream": "governance", "event_id": first["feedback_id"],
        "event_type": "threat.feedback_reported", "correlation_id": ALERT, "severity": "low",
        "score": 0.9, "user_id": "ada", "occurred_at": "2025-11-19T10:00:00.000000Z",
        "attributes": {"verdict": "false_positive", "comment": "a load test"},
    }  # fmt: skip
    assert {name: event[name] for name in kept} == kept
    other = await client.post(f"{BASE}/threat-feedback", json=FEEDBACK | {"verdict": "confirmed"})
    assert other.json()["accepted"] == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"verdict": "perhaps"}, "invalid_request"),
        ({"confidence": 1.5}, "invalid_request"),
        ({"alert_id": ""}, "invalid_request"),
        ({"comment": "x" * 4097}, "invalid_request"),
        ({"other": 1}, "invalid_request"),
        ({"timestamp": "2031-01-01T00:00:00Z"}, "timestamp_in_future"),
    ],
)
async def test_a_feedback_that_is_none_is_refused(
    client: httpx.AsyncClient, said: dict[str, Any], code: str
) -> None:
    answer = await client.post(f"{BASE}/threat-feedback", json=FEEDBACK | said)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert (await client.get("/api/v1/events")).json()["events"] == []


async def test_an_answer_says_whether_a_feed_tells_sentinel(hub: Hub) -> None:
    tenant = f"t{os.urandom(8).hex()}"
    settings = FeedSettings(
        module="sentinel", what="threat-feedback", tenant=tenant, url="http://sentinel/feedback"
    )
    unused: Any = None
    feeds = FeedDesk()
    feeds.add(settings, unused)
    app = FastAPI()
    desk = ThreatFeedbackDesk(hub.intake, hub.clock)
    app.include_router(sentinel_routes(hub.lists, desk, hub.clock, feeds))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as made:
        for one in (tenant, f"{tenant}-other"):
            answer = await made.post(
                f"{BASE}/threat-feedback", json=FEEDBACK, headers={"x-tenant": one}
            )
            assert answer.json()["forwarded"] is (one == tenant)
