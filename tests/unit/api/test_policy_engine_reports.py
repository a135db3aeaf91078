"""What the policy engine is answered, of messages that came through its own doors."""

import os
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from llm_analytics_hub.api.app import HANDLERS
from llm_analytics_hub.api.body import BodyLimits
from llm_analytics_hub.api.ingest import IngestDoor
from llm_analytics_hub.api.integrations.routes import integration_routes
from llm_analytics_hub.bootstrap import Hub
from llm_analytics_hub.connectors.feed_desk import FeedDesk

from .engine_messages import AUDIT, Row, decision, telemetry, violation

DOOR = "/api/v1/ingest/policy-engine"
ENGINE = "/api/v1/integrations/policy-engine"
REPORT = f"{ENGINE}/compliance/report"
HOUR = {"from": "2025-11-19T09:00:00Z", "to": "2025-11-19T10:00:00Z"}

LAST_HOUR = [
    *(decision(n, f"2025-11-19T09:0{n}:00Z") for n in range(6)),
    decision(6, "2025-11-19T09:10:00Z", allowed=False),
    decision(7, "2025-11-19T09:11:00Z", allowed=False, policy="rate_limit", severity="critical"),
    decision(8, "2025-11-19T09:12:00Z", is_kept=False, policy="rate_limit", severity="warning"),
    decision(9, "2025-11-19T09:59:59.999Z", allowed=False),
    telemetry(6, "2025-11-19T09:10:00Z"),
]
"""Ten evaluations: six clean, three denied, one allowed with a broken constraint."""

HOUR_BEFORE = [
    decision(10, "2025-11-19T08:00:00Z"),
    decision(11, "2025-11-19T08:10:00Z"),
    decision(12, "2025-11-19T08:20:00Z"),
    decision(13, "2025-11-19T08:59:59.999Z", allowed=False),
    decision(14, "2025-11-19T08:30:00Z", allowed=False),
]


@pytest.fixture
def tenant(client: httpx.AsyncClient) -> str:
    """A tenant of its own."""
    client.headers["x-tenant"] = name = f"t{os.urandom(8).hex()}"
    return name


@pytest.fixture
async def told(client: httpx.AsyncClient, tenant: str) -> str:
    """A tenant whose engine told its decisions of two hours, everything twice."""
    sent = [*LAST_HOUR, *HOUR_BEFORE]
    for _ in range(2):
        answer = (await client.post(DOOR, json=sent)).json()
        assert answer["rejected"] == []
    return tenant


async def ask(client: httpx.AsyncClient, measures: list[str], **members: Any) -> list[list[Any]]:
    body = {"measures": measures, "time_range": HOUR, **members}
    rows: list[list[Any]] = (await client.post("/api/v1/query", json=body)).json()["rows"]
    return rows


@pytest.mark.usefixtures("told")
async def test_the_report_of_the_last_hour_counts_a_denial_once(client: httpx.AsyncClient) -> None:
    assert (await client.get(REPORT)).json() == {
        "reportId": "rep-2025-11-19T10",
        "timestamp": "2025-11-19T10:00:00.000Z",
        "timeRange": {"start": "2025-11-19T09:00:00.000Z", "end": "2025-11-19T10:00:00.000Z"},
        "metrics": {
            "totalEvaluations": 10,
            "compliantRequests": 6,
            "violations": 4,
            "complianceRate": 0.6,
            "violationsByType": {"piiGuard": 2, "rateLimit": 2},
            "violationsBySeverity": {"critical": 1, "high": 2, "medium": 1, "low": 0},
        },
        # Of the hour before: three of five evaluations, two violations.
        "trends": {"complianceRateChange": 0.0, "violationRateChange": 1.0},
    }


@pytest.mark.usefixtures("told")
async def test_a_report_says_what_the_query_door_says(client: httpx.AsyncClient) -> None:
    metrics = (await client.get(REPORT, params=HOUR)).json()["metrics"]
    of_policy = {"field": "stream", "value": "policy"}
    decided = {"field": "status", "op": "in", "value": ["ok", "denied"]}
    assert await ask(client, ["events"], filters=[of_policy, decided]) == [
        [metrics["totalEvaluations"]]
    ]
    assert await ask(client, ["violations"]) == [[metrics["violations"]]]
    detected = [{"field": "event_type", "value": "violation.detected"}]
    for dimension, told in (
        ("severity", "violationsBySeverity"),
        ("policy_id", "violationsByType"),
    ):
        rows = await ask(client, ["violations"], dimensions=[dimension], filters=detected)
        known = {name: count for name, count in metrics[told].items() if count}
        assert sorted(count for _, count in rows) == sorted(known.values())
        assert sum(metrics[told].values()) == metrics["violations"]


@pytest.mark.usefixtures("told")
async def test_a_report_by_day_is_of_the_last_whole_day(client: httpx.AsyncClient) -> None:
    report = (await client.get(REPORT, params={"period": "day"})).json()
    assert (report["reportId"], report["metrics"]["totalEvaluations"]) == ("rep-2025-11-19T00", 0)
    whole = (await client.get(REPORT, params={"from": "2025-11-19", "to": "2025-11-20"})).json()
    assert (whole["metrics"]["totalEvaluations"], whole["metrics"]["violations"]) == (15, 6)


@pytest.mark.usefixtures("tenant")
async def test_what_is_unknown_of_an_empty_period_is_null(client: httpx.AsyncClient) -> None:
    report = (await client.get(REPORT)).json()
    assert (report["metrics"]["totalEvaluations"], report["metrics"]["violations"]) == (0, 0)
    assert report["metrics"]["complianceRate"] is None
    assert report["trends"] == {"complianceRateChange": None, "violationRateChange": None}


@pytest.mark.usefixtures("told")
async def test_another_tenant_sees_none_of_it(client: httpx.AsyncClient) -> None:
    client.headers["x-tenant"] = f"t{os.urandom(8).hex()}"
    assert (await client.get(REPORT)).json()["metrics"]["totalEvaluations"] == 0
    for path in ("violations", "audit-trail"):
        (listed, cursor) = (await client.get(f"{ENGINE}/{path}")).json().values()
        assert (listed, cursor) == ([], None)


@pytest.mark.usefixtures("tenant")
async def test_more_violations_than_evaluations_make_compliance_unknown(
    client: httpx.AsyncClient,
) -> None:
    at = "2025-11-19T09:30:00Z"
    await client.post(DOOR, json=[decision(1, at), violation(1, at), violation(2, at, "Low")])
    metrics = (await client.get(REPORT)).json()["metrics"]
    assert (metrics["violations"], metrics["violationsByType"]) == (2, {"piiGuard": 2})
    unknown = ("totalEvaluations", "compliantRequests", "complianceRate")
    assert [metrics[name] for name in unknown] == [None] * 3


@pytest.mark.usefixtures("tenant")
async def test_a_denial_without_a_violation_is_not_compliant(client: httpx.AsyncClient) -> None:
    rows = [
        {"source": "policy-engine", "event_type": "policy.evaluated", "event_id": f"e{n}",
         "occurred_at": "2025-11-19T09:30:00Z", "status": "denied" if n == 0 else "ok"}
        for n in range(4)
    ]  # fmt: skip
    await client.post("/api/v1/events", json=rows)
    metrics = (await client.get(REPORT)).json()["metrics"]
    assert (metrics["compliantRequests"], metrics["violations"]) == (3, 0)
    assert await ask(client, ["compliance_rate"]) == [[metrics["complianceRate"]]] == [[0.75]]


@pytest.mark.usefixtures("tenant")
async def test_types_beyond_those_a_report_names_are_counted_together(
    client: httpx.AsyncClient,
) -> None:
    at = "2025-11-19T09:30:00Z"
    await client.post(
        DOOR, json=[decision(n, at, allowed=False, policy=f"p{n}") for n in range(53)]
    )
    metrics = (await client.get(REPORT)).json()["metrics"]
    assert (len(metrics["violationsByType"]), metrics["violationsByType"]["other"]) == (51, 3)
    assert metrics["violations"] == sum(metrics["violationsBySeverity"].values()) == 53


@pytest.mark.parametrize(
    "params",
    [
        {"from": "2025-11-19"}, {"to": "2025-11-19"}, {"period": "week"}, {**HOUR, "period": "hour"},
        {"from": "2025-11-20", "to": "2025-11-19"}, {"from": "2020-01-01", "to": "2025-01-01"},
        {"from": "soon", "to": "later"}, {"from": "x" * 100, "to": "2025-11-19"},
    ],
    ids=str,
)  # fmt: skip
async def test_a_wrong_period_is_a_problem(client: httpx.AsyncClient, params: Row) -> None:
    answer = await client.get(REPORT, params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.usefixtures("told")
async def test_a_report_to_send_needs_a_target(client: httpx.AsyncClient) -> None:
    answer = await client.post(REPORT, json={"period": "hour"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_target")


Sent = list[tuple[str, Row]]


class Handed(FeedDesk):
    """Feeds to everybody, that note what they are to send."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: Sent = []

    def has(self, tenant: str, module: str, what: str) -> bool:
        return (module, what) == ("policy-engine", "compliance-report")

    async def send(self, tenant: str, module: str, what: str, body: Row) -> None:
        self.sent.append((tenant, body))


@pytest.fixture
async def sending(hub: Hub) -> AsyncIterator[tuple[httpx.AsyncClient, Sent]]:
    """A client of routes that send reports somewhere, and what was sent."""
    feeds = Handed()
    door = IngestDoor(hub.intake, hub.points, hub.clock, hub.metrics, BodyLimits())
    app = FastAPI(exception_handlers=HANDLERS)
    for router in integration_routes(hub.queries, hub.lists, door, hub.clock, feeds):
        app.include_router(router)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as made:
        yield made, feeds.sent


async def test_a_report_is_handed_over_and_answered(
    sending: tuple[httpx.AsyncClient, Sent], told: str
) -> None:
    client, sent = sending
    client.headers["x-tenant"] = told
    answer = await client.post(REPORT)
    assert (answer.status_code, answer.json()["reportId"]) == (202, "rep-2025-11-19T10")
    bounds = {"start": "2025-11-19T08:00:00Z", "end": "2025-11-19T09:00:00Z"}
    earlier = await client.post(REPORT, json={"timeRange": bounds})
    assert earlier.json()["metrics"]["violations"] == 2
    assert sent == [(told, answer.json()), (told, earlier.json())]
    wrong = await client.post(REPORT, json={"timeRange": bounds, "period": "day"})
    assert (wrong.status_code, len(sent)) == (400, 2)


@pytest.mark.usefixtures("told")
async def test_violations_are_listed_in_the_words_of_the_documents(
    client: httpx.AsyncClient,
) -> None:
    await client.post(DOOR, json=violation(31, "2025-11-19T09:30:00Z"))
    first = (await client.get(f"{ENGINE}/violations", params={**HOUR, "limit": 2})).json()
    assert first["violations"] == [
        {
            "violationId": "d9:violation", "timestamp": "2025-11-19T09:59:59.999Z",
            "policyId": "pii-guard", "assetId": None, "severity": "high",
            "description": "reason 9", "decisionId": "d9", "source": "policy-engine",
        },
        {
            "violationId": "v31", "timestamp": "2025-11-19T09:30:00.000Z",
            "policyId": "pii-guard", "assetId": "model-7", "severity": "high",
            "description": None, "decisionId": None, "source": "policy-engine",
        },
    ]  # fmt: skip
    after = {**HOUR, "limit": 10, "cursor": first["next_cursor"]}
    rest = (await client.get(f"{ENGINE}/violations", params=after)).json()
    assert [one["decisionId"] for one in rest["violations"]] == ["d8", "d7", "d6"]
    assert rest["next_cursor"] is None
    every = (await client.get(f"{ENGINE}/violations")).json()
    assert len(every["violations"]) == 7


@pytest.mark.usefixtures("tenant")
async def test_the_audit_trail_is_the_engines_own(client: httpx.AsyncClient) -> None:
    await client.post(DOOR, json=[AUDIT, decision(1, "2025-11-19T09:00:00Z")])
    log = {"action": "login", "resource_type": "user", "resource_id": "u", "id": "l1",
           "timestamp": "2025-11-19T09:00:00Z"}  # fmt: skip
    await client.post("/api/v1/ingest/governance-dashboard", json=log)
    (entry,) = (await client.get(f"{ENGINE}/audit-trail")).json()["entries"]
    assert entry == {
        "auditId": "a1", "timestamp": "2025-11-19T09:20:00.000Z", "eventType": "policy.updated",
        "action": "edit", "userId": "ann", "policyId": "pii-guard", "resource": None,
        "result": None, "details": {"policy_version": 3, "after_hash": "beef"},
    }  # fmt: skip


@pytest.mark.usefixtures("tenant")
async def test_feedback_is_kept_once_as_an_event_of_the_hub(client: httpx.AsyncClient) -> None:
    body = {"feedbackId": "f1", "policyId": "pii-guard", "feedbackType": "false_positive",
            "violationId": "d9:violation", "userId": "ann", "timestamp": "2025-11-19T09:40:00Z",
            "comment": "a test IBAN"}  # fmt: skip
    first = (await client.post(f"{ENGINE}/feedback", json=body)).json()
    again = (await client.post(f"{ENGINE}/feedback", json={"data": body})).json()
    assert (first["accepted"], first["rejected"], first["event_ids"]) == (1, [], ["f1"])
    assert (again["accepted"], again["duplicates"], again["event_ids"]) == (0, 1, ["f1"])
    (event,) = (await client.get("/api/v1/events", params={"event_id": "f1"})).json()["events"]
    wanted = {"source": "analytics-hub", "stream": "governance", "event_type": "policy.feedback",
              "original_type": "false_positive", "policy_id": "pii-guard", "user_id": "ann"}  # fmt: skip
    assert {name: event[name] for name in wanted} == wanted
    assert event["attributes"] == {"violation_id": "d9:violation", "comment": "a test IBAN"}


@pytest.mark.usefixtures("tenant")
async def test_feedback_that_says_nothing_is_refused(client: httpx.AsyncClient) -> None:
    answer = (await client.post(f"{ENGINE}/feedback", json=[{}, {"comment": "good"}])).json()
    assert [(one["index"], one["code"]) for one in answer["rejected"]] == [(0, "missing_field")]
    assert answer["accepted"] == 1


async def test_the_routes_are_described(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/api/openapi.json")).json()["paths"]
    names = {one["name"] for one in paths[REPORT]["get"]["parameters"]}
    assert names == {"from", "to", "period", "X-Tenant"}
    assert {"202", "409"} <= paths[REPORT]["post"]["responses"].keys()
    assert paths[f"{ENGINE}/feedback"]["post"]["requestBody"]["required"]
    assert {f"{ENGINE}/violations", f"{ENGINE}/audit-trail"} <= paths.keys()
