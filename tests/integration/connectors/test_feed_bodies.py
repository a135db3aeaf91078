"""What each feed sends, beside what the modules' public code reads."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stamina

from llm_analytics_hub.bootstrap import Hub, open_hub
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.connectors.feed import FeedSettings
from llm_analytics_hub.feedback.compliance import ComplianceReports
from llm_analytics_hub.feedback.periods import Period, last_complete
from llm_analytics_hub.feedback.threats import ThreatFeedback, ThreatFeedbackDesk
from llm_analytics_hub.settings import Settings

from .feed_target import Fed, Sent, Target, in_turn, listening, receive

NOW = datetime(2025, 11, 19, 10, 30, tzinfo=UTC)
TEAM = "f894427c-c1c5-41f7-9da4-9605ef8b112f"
ASSET = "01K9ZZZZZZZZZZZZZZZZZZZZZZ"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    hub = open_hub(Settings(data_dir=tmp_path_factory.mktemp("hub")), ManualClock(NOW))
    yield hub
    hub.close()


@pytest.fixture
def hub(shared_hub: Hub) -> Iterator[Hub]:
    """The engine at `NOW`; nobody waits between two tries."""
    go_to(shared_hub, NOW)
    with stamina.set_testing(True, attempts=3, cap=True):
        yield shared_hub


@pytest.fixture
def tenant() -> str:
    return f"t{os.urandom(8).hex()}"


def go_to(hub: Hub, now: datetime) -> None:
    assert isinstance(hub.clock, ManualClock)
    hub.clock.set(now)


def feed(
    hub: Hub, tenant: str, target: Target, module: str, what: str, path: str = "/told", **more: Any
) -> Fed:
    url = f"{target.url}{path}"
    return Fed(hub, FeedSettings(module=module, what=what, tenant=tenant, url=url, **more))


def sample(shared: Path, name: str) -> Any:
    return json.loads((shared / "wire" / "samples" / f"{name}.json").read_text())


def call(number: int, at: str = "2025-11-19T09:30:00Z", **more: Any) -> dict[str, Any]:
    return {
        "source": "observatory", "event_type": "inference.completed", "event_id": f"c{number}",
        "occurred_at": at, "provider": "openai", "model": "gpt-4o", "status": "ok",
        "correlation_id": f"req-{number}", "input_tokens": 812, "output_tokens": 96,
        "latency_ms": 1432.0, "cost_usd": "0.00299", "account_id": "acme", **more,
    }  # fmt: skip


async def test_the_compliance_report_is_the_one_that_is_answered(
    hub: Hub, tenant: str, shared: Path
) -> None:
    reports = ComplianceReports(hub.queries, hub.clock)
    wanted = reports.report(tenant, last_complete(Period.HOUR, NOW))
    five = reports.report(tenant, last_complete(Period.FIVE_MINUTES, NOW))
    async with listening() as target:
        await feed(hub, tenant, target, "policy-engine", "compliance-report").look()
        await feed(hub, tenant, target, "governance-dashboard", "compliance").look()
        assert target.bodies == [wanted, five]
    document = sample(shared, "document/compliance_metrics_report")
    assert list(target.bodies[0]) == list(document)
    assert list(target.bodies[0]["metrics"]) == list(document["metrics"])
    assert target.bodies[1]["timeRange"] == {
        "start": "2025-11-19T10:25:00.000Z", "end": "2025-11-19T10:30:00.000Z",
    }  # fmt: skip


async def test_costops_is_told_what_it_parses(hub: Hub, tenant: str, shared: Path) -> None:
    days = [f"2025-11-{day}T09:30:00Z" for day in (15, 16, 17, 18)]
    receive(hub, tenant, *(call(number, at) for number, at in enumerate(days)), call(9))
    async with listening() as target:
        whats = ("usage-report", "usage-baseline", "historical-curve", "forecasting-clusters")
        for what in whats:
            await feed(hub, tenant, target, "costops", what).look()
        report, baseline, tokens, cost, latency, cluster = target.bodies
    assert list(report) == list(sample(shared, "document/usage_report_to_costops"))
    assert report["usage"]["byModel"] == {"gpt-4o": {"requests": 1, "tokens": 908}}
    assert baseline.keys() == sample(shared, "costops/from_hub_usage_baseline").keys()
    assert (baseline["end_time"], baseline["mean_tokens_per_period"]) == (
        "2025-11-19T00:00:00Z", 908.0,
    )  # fmt: skip
    curve = sample(shared, "costops/from_hub_historical_curve")
    assert tokens.keys() == cost.keys() == latency.keys() == curve.keys()
    types = [one["metric_type"] for one in (tokens, cost, latency)]
    assert types == ["token_usage", "cost", "latency"]
    assert cluster.keys() == sample(shared, "costops/from_hub_forecasting_cluster").keys()


async def test_a_baseline_of_one_account_by_the_hour(hub: Hub, tenant: str) -> None:
    receive(hub, tenant, call(1, "2025-11-19T08:30:00Z"), call(2), call(3, account_id="other"))
    scope = {"organization_id": "acme"}
    async with listening() as target:
        told = feed(hub, tenant, target, "costops", "usage-baseline", every=3600, scope=scope)
        await told.look()
        go_to(hub, NOW + timedelta(hours=5))
        await told.look()
        first, second = target.bodies
    assert (first["granularity"], first["organization_id"]) == ("hourly", "acme")
    assert (first["mean_tokens_per_period"], first["end_time"]) == (908.0, "2025-11-19T10:00:00Z")
    assert second["end_time"] == "2025-11-19T15:00:00Z"  # those between are of no use by now


async def test_nothing_is_told_of_no_usage(hub: Hub, tenant: str) -> None:
    async with listening() as target:
        told = feed(hub, tenant, target, "costops", "usage-baseline")
        await told.look(2)
        assert (target.taken, told.state.last_error) == ([], None)


async def test_the_audit_trail_is_told_as_logs(hub: Hub, tenant: str, shared: Path) -> None:
    changed = {
        "source": "policy-engine", "stream": "governance", "event_type": "policy.updated",
        "event_id": "a1", "occurred_at": "2025-11-19T10:00:00Z", "policy_id": "p-1",
        "user_id": "ada", "attributes": {"reason": "stricter"},
    }  # fmt: skip
    async with listening() as target:
        told = feed(hub, tenant, target, "governance-dashboard", "audit", "/api/v1/audit/logs")
        await told.look()
        receive(hub, tenant, changed, {**changed, "event_id": "a2", "event_type": "policy.deleted"})
        await told.look()
        assert [sent.path for sent in target.taken] == ["/api/v1/audit/logs"] * 2
        (log,) = (body for body in target.bodies if body["details"]["eventId"] == "a1")
    assert list(log) == list(sample(shared, "governance-dashboard/to_audit_log_create"))
    assert (log["action"], log["resource_type"], log["resource_id"]) == (
        "policy.updated", "policy", "p-1",
    )  # fmt: skip


async def test_metrics_are_told_as_one_array(hub: Hub, tenant: str, shared: Path) -> None:
    rows = sample(shared, "governance-dashboard/to_metrics_batch_array")
    endpoint = {"team_id": TEAM, "endpoint": "/v1/chat/completions"}
    async with listening() as target:
        told = feed(hub, tenant, target, "governance-dashboard", "metrics")
        await told.look()
        receive(hub, tenant, call(118, attributes=endpoint))
        limited = call(119, status="error", error_type="rate_limit", output_tokens=0, cost_usd="0")
        receive(hub, tenant, limited)
        receive(hub, tenant, {k: v for k, v in call(120).items() if k != "input_tokens"})
        await told.look()
    assert len(target.bodies) == 1
    assert target.bodies[0] == [rows[0], {**rows[1], "metadata": rows[0]["metadata"]}]
    assert told.state.sent == 2


async def test_a_refused_row_loses_no_other(hub: Hub, tenant: str) -> None:
    def answer(sent: Sent) -> tuple[int, dict[str, str]]:
        return (400 if any(row["request_id"] == "req-3" for row in sent.body) else 201), {}

    async with listening(answer) as target:
        told = feed(hub, tenant, target, "governance-dashboard", "metrics")
        await told.look()
        receive(hub, tenant, *map(call, range(9)))
        await told.look()
        taken = sorted(row["request_id"] for body in target.bodies for row in body)
    assert taken == [f"req-{number}" for number in range(9) if number != 3]
    assert (told.state.sent, told.state.refused) == (8, 1)


async def test_sentinel_is_told_feedback_as_it_was_told(hub: Hub, tenant: str) -> None:
    said = {
        "alert_id": "7b1b2c3d", "verdict": "false_positive", "severity": "low", "confidence": 0.9,
        "threat_type": "spike", "comment": "a load test", "reported_by": "ada",
        "timestamp": "2025-11-19T09:00:00Z",
    }  # fmt: skip
    desk = ThreatFeedbackDesk(hub.intake, hub.clock)
    async with listening() as target:
        told = feed(hub, tenant, target, "sentinel", "threat-feedback")
        await told.look()
        kept = [desk.take(tenant, ThreatFeedback.model_validate(said)) for _ in range(2)]
        other = {**call(1), "source": "somebody", "event_type": "threat.feedback_reported"}
        receive(hub, tenant, other)
        await told.look()
    at = {"timestamp": "2025-11-19T09:00:00.000Z"}
    assert target.bodies == [{"feedback_id": kept[0].feedback_id, **said, **at}]


def used(number: int, at: str, asset: str = ASSET, **more: Any) -> dict[str, Any]:
    return call(number, at, asset_id=asset, **more)


async def test_the_registry_is_told_usage_where_it_changed(hub: Hub, tenant: str) -> None:
    receive(
        hub, tenant, used(1, "2025-11-19T09:59:59Z"),
        used(2, "2025-11-18T10:00:00Z", cost_usd="1e-7"), used(3, "2025-11-18T09:59:59Z"),
        used(4, "2025-11-19T10:00:00Z"), used(5, "2025-11-19T05:00:00Z", "steady"), call(6),
    )  # fmt: skip
    async with listening() as target:
        told = feed(hub, tenant, target, "registry", "annotations", "/v1/assets/{asset_id}")
        await told.look(2)
        assert [sent.path for sent in target.taken] == [f"/v1/assets/{ASSET}", "/v1/assets/steady"]
        first = target.taken[0]
        assert (first.method, first.body) == (
            "PATCH", {"asset_id": ASSET, "add_annotations": annotated(2, 1816, "0.0029901")},
        )  # fmt: skip
        target.taken.clear()
        for hours in (0, 1):  # each with a start of its own: one call too old, another one whole
            go_to(hub, NOW + timedelta(hours=hours))
            await told.look(2)
        (second,) = target.taken
        assert second.body["add_annotations"] == annotated(2, 1816, "0.00598")
        target.taken.clear()
        go_to(hub, NOW + timedelta(days=2))
        await told.look(2)
        unused = {"add_annotations": annotated(0, 0, "0")}
        assert target.bodies == [{"asset_id": name, **unused} for name in (ASSET, "steady")]


async def test_unknown_costs_are_no_zero_and_ids_are_quoted(hub: Hub, tenant: str) -> None:
    free = {k: v for k, v in used(1, "2025-11-19T09:00:00Z", "a/../b?c").items() if k != "cost_usd"}
    receive(hub, tenant, {**free, "model": "house-model", "provider": "house"})
    async with listening(in_turn(404)) as target:
        told = feed(hub, tenant, target, "registry", "annotations", "/v1/assets/{asset_id}")
        await told.look(2)
        (refused,) = target.refused  # the registry does not know it: once is enough
    assert refused.path == "/v1/assets/a%2F..%2Fb%3Fc"
    assert refused.body == {
        "asset_id": "a/../b?c",
        "add_annotations": {"analytics.requests": "1", "analytics.tokens": "908"},
        "remove_annotations": ["analytics.cost_usd"],
    }
    assert told.state.refused == 1


def annotated(requests: int, tokens: int, cost_usd: str) -> dict[str, str]:
    return {
        "analytics.requests": str(requests),
        "analytics.tokens": str(tokens),
        "analytics.cost_usd": cost_usd,
    }
