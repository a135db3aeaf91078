"""The documents' own services: what modules ask and report over gRPC."""

from typing import Any

import grpc
import httpx
import pytest

from llm_analytics_hub.model.event import INFERENCE

from .calls import refused

REGISTRY, POLICY, OBSERVATORY = (
    f"analytics.integration.v1.{name}Integration"
    for name in ("Registry", "PolicyEngine", "Observatory")
)
AT_MS = 1_763_539_200_000  # 2025-11-19T08:00:00Z
DAY = {"start": AT_MS - 28_800_000, "end": AT_MS + 57_600_000}
Row = dict[str, Any]


async def post(client: httpx.AsyncClient, path: str, body: object, count: int) -> None:
    answer = await client.post(path, json=body)
    assert answer.json().get("accepted") == count, answer.text


def asset(number: int) -> Row:
    return {
        "id": f"a{number}", "asset_type": "model", "updated_at": "2025-11-19T08:00:00Z",
        "metadata": {"name": f"model {number}", "version": "1.2.0", "tags": ["eu"]},
    }  # fmt: skip


async def test_an_asset_is_told_in_the_words_of_the_documents(
    rpc: Any, client: httpx.AsyncClient
) -> None:
    await post(client, "/api/v1/ingest/registry", asset(1), 1)
    found = await rpc.one(REGISTRY, "GetAsset", {"asset_id": "a1"})
    assert (found.asset_id, found.asset_name, found.version) == ("a1", "model 1", "1.2.0")
    assert (found.metadata["asset_type"], found.metadata["tags"]) == ("model", '["eu"]')
    code, _ = await refused(rpc.one(REGISTRY, "GetAsset", {"asset_id": "a2"}))
    assert code == grpc.StatusCode.NOT_FOUND
    rpc.tenant += "x"
    code, _ = await refused(rpc.one(REGISTRY, "GetAsset", {"asset_id": "a1"}))
    assert code == grpc.StatusCode.NOT_FOUND


async def test_asset_events_come_in_order_and_go_on_behind_a_cursor(
    rpc: Any, client: httpx.AsyncClient
) -> None:
    for number in range(3):
        await post(client, "/api/v1/ingest/registry", asset(number), 1)
    method = "StreamAssetEvents"
    told = await rpc.many(REGISTRY, method)
    assert [one.asset.asset_id for one in told] == ["a0", "a1", "a2"]
    first = told[0]
    assert (first.event_type, first.timestamp, first.asset.asset_name) == (
        "asset.described", AT_MS, "model 0",
    )  # fmt: skip
    assert await rpc.many(REGISTRY, method, {"cursor": first.cursor}) == told[1:]
    assert await rpc.many(REGISTRY, method, {"limit": 2}) == told[:2]
    assert await rpc.many(REGISTRY, method, {"asset_ids": ["a1", "x"]}) == told[1:2]
    assert await rpc.many(REGISTRY, method, {"event_types": ["asset.deleted"]}) == []
    assert await rpc.many(REGISTRY, method, {"since": AT_MS + 10**10}) == []
    assert await rpc.many(REGISTRY, method, {"cursor": told[2].cursor}) == []
    rpc.tenant += "x"
    assert await rpc.many(REGISTRY, method) == []


REPORT: Row = {
    "report_id": "comp-1", "timestamp": AT_MS,
    "time_range": {"start": AT_MS - 3_600_000, "end": AT_MS},
    "total_evaluations": 5000, "compliant_requests": 4850, "violations": 150,
    "compliance_rate": 0.97, "violations_by_severity": {"high": 25, "low": 125},
    "compliance_rate_change": 0.02,
}  # fmt: skip


async def test_a_report_is_stored_once_before_it_is_answered(
    rpc: Any, client: httpx.AsyncClient
) -> None:
    told = await rpc.one(POLICY, "ReportCompliance", REPORT)
    assert (told.accepted, told.duplicates, list(told.event_ids)) == (1, 0, ["comp-1"])
    again = await rpc.one(POLICY, "ReportCompliance", REPORT)
    assert (again.accepted, again.duplicates, list(again.event_ids)) == (0, 1, ["comp-1"])
    (event,) = (await client.get("/api/v1/events")).json()["events"]
    assert (event["event_type"], event["source"]) == ("compliance.reported", "policy-engine")
    assert event["occurred_at"] == "2025-11-19T08:00:00.000000Z"
    metrics = event["attributes"]["metrics"]
    assert (metrics["totalEvaluations"], metrics["complianceRate"]) == (5000, 0.97)
    assert metrics["violationsBySeverity"] == {"high": 25, "low": 125}
    assert event["attributes"]["trends"] == {"complianceRateChange": 0.02}


async def test_a_report_without_an_id_is_refused_and_one_without_a_time_is_of_now(
    rpc: Any, client: httpx.AsyncClient
) -> None:
    code, details = await refused(rpc.one(POLICY, "ReportCompliance", {"timestamp": AT_MS}))
    assert code == grpc.StatusCode.INVALID_ARGUMENT
    assert details["BadRequest"].field_violations[0].field == "report_id"
    assert (await rpc.one(POLICY, "ReportCompliance", {"report_id": "r"})).accepted == 1
    (event,) = (await client.get("/api/v1/events")).json()["events"]
    assert event["occurred_at"] == "2025-11-19T10:00:00.000000Z"


async def test_a_report_that_cannot_be_stored_is_rejected_with_a_code(rpc: Any) -> None:
    told = await rpc.one(POLICY, "ReportCompliance", REPORT | {"timestamp": -(2**62)})
    assert (told.accepted, list(told.event_ids)) == (0, [])
    assert [bool(one.code and one.message) for one in told.rejected] == [True]


async def test_violations_are_those_a_report_counts(rpc: Any, client: httpx.AsyncClient) -> None:
    said = [
        {"violation_id": f"v{n}", "timestamp": "2025-11-19T08:00:00Z", "level": "high",
         "policy_name": "p", "asset": "a", "description": "too much"}
        for n in range(2)
    ]  # fmt: skip
    await post(client, "/api/v1/ingest/policy-engine", said, 2)
    told = await rpc.many(POLICY, "StreamViolations")
    assert sorted(one.violation_id for one in told) == ["v0", "v1"]
    first = told[0]
    assert (first.policy_id, first.asset_id, first.severity) == ("p", "a", "high")
    assert (first.timestamp, first.source) == (AT_MS, "policy-engine")
    assert await rpc.many(POLICY, "StreamViolations", {"cursor": first.cursor}) == told[1:]


async def test_metrics_are_the_measures_of_calls(rpc: Any, client: httpx.AsyncClient) -> None:
    events = [
        {"event_id": f"e{n}", "source": "observatory", "event_type": INFERENCE, "model": f"m{n % 2}",
         "occurred_at": "2025-11-19T08:30:00Z", "input_tokens": n, "latency_ms": 2.5}
        for n in range(5)
    ]  # fmt: skip
    await post(client, "/api/v1/events", events, 5)
    said = {"time_range": DAY, "by": ["model"], "measures": ["requests", "input_tokens"]}
    told = await rpc.one(OBSERVATORY, "GetMetrics", said | {"granularity": "hour"})
    found = {(one.name, one.labels["model"]): (one.value, one.timestamp) for one in told.metrics}
    assert found == {
        ("requests", "m0"): (3, AT_MS), ("requests", "m1"): (2, AT_MS),
        ("input_tokens", "m0"): (6, AT_MS), ("input_tokens", "m1"): (4, AT_MS),
    }  # fmt: skip
    assert (told.time_range.start, told.time_range.end) == (DAY["start"], DAY["end"])
    one = await rpc.one(OBSERVATORY, "GetMetrics", said | {"labels": {"model": "m1"}})
    assert [metric.value for metric in one.metrics] == [2, 4]
    usual = await rpc.one(OBSERVATORY, "GetMetrics", {"time_range": DAY})
    assert {"requests": 5.0, "latency_ms_p50": 2.5}.items() <= {
        metric.name: metric.value for metric in usual.metrics
    }.items()


async def test_a_metric_comes_as_it_was_told(rpc: Any, client: httpx.AsyncClient) -> None:
    events = [
        {"event_id": f"e{n}", "source": "observatory", "event_type": "metrics.collected",
         "occurred_at": f"2025-11-19T08:00:0{n}Z", "value": n, "unit": "ms",
         "attributes": {"metric": "queue.wait"}}
        for n in range(3)
    ]  # fmt: skip
    await post(client, "/api/v1/events", events, 3)
    said = {"metric": "queue.wait", "time_range": DAY, "limit": 2}
    told = await rpc.one(OBSERVATORY, "GetMetrics", said)
    assert [(one.value, one.timestamp, one.unit) for one in told.metrics] == [
        (2, AT_MS + 2000, "ms"), (1, AT_MS + 1000, "ms"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("service", "method", "said", "code", "field"),
    [
        (REGISTRY, "StreamAssetEvents", {"follow": True, "cursor": "x"}, "INVALID_ARGUMENT", "cursor"),
        (POLICY, "StreamViolations", {"follow": True, "limit": -1}, "INVALID_ARGUMENT", "limit"),
        (OBSERVATORY, "StreamMetrics", {}, "UNIMPLEMENTED", None),
        (REGISTRY, "StreamAssetEvents", {"cursor": "x"}, "INVALID_ARGUMENT", "cursor"),
        (REGISTRY, "StreamAssetEvents", {"since": -1}, "INVALID_ARGUMENT", "since"),
        (REGISTRY, "StreamAssetEvents", {"since": 2**62}, "INVALID_ARGUMENT", "since"),
        (REGISTRY, "StreamAssetEvents", {"asset_ids": ["x"] * 1001}, "INVALID_ARGUMENT", "asset_ids"),
        (POLICY, "StreamViolations", {"limit": -1}, "INVALID_ARGUMENT", "limit"),
        (OBSERVATORY, "GetMetrics", {"by": ["nope"]}, "INVALID_ARGUMENT", "by"),
        (OBSERVATORY, "GetMetrics", {"labels": {"nope": "x"}}, "INVALID_ARGUMENT", "labels"),
        (OBSERVATORY, "GetMetrics", {"measures": ["nope"]}, "INVALID_ARGUMENT", "measures"),
        (OBSERVATORY, "GetMetrics", {"granularity": "x"}, "INVALID_ARGUMENT", "granularity"),
        (OBSERVATORY, "GetMetrics", {"metric": "m", "limit": -1}, "INVALID_ARGUMENT", "limit"),
        (OBSERVATORY, "GetMetrics", {"metric": "m", "by": ["model"]}, "INVALID_ARGUMENT", "by"),
        (OBSERVATORY, "GetMetrics", {"time_range": {"start": 2**62}}, "INVALID_ARGUMENT", "time_range"),
        (OBSERVATORY, "GetMetrics", {"time_range": {"start": 5, "end": 4}}, "INVALID_ARGUMENT", "time_range"),
    ],
)  # fmt: skip
async def test_what_cannot_be_asked_says_why(
    rpc: Any, service: str, method: str, said: Row, code: str, field: str | None
) -> None:
    ask = rpc.many if method.startswith("Stream") else rpc.one
    found, details = await refused(ask(service, method, said))
    assert found.name == code
    if field is None:
        assert details["ErrorInfo"].metadata["code"] == "unsupported"
    else:
        assert details["BadRequest"].field_violations[0].field == field
