"""What the marketplace sends, beyond what the samples show."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from llm_analytics_hub.integrations.catalog import INTEGRATIONS
from llm_analytics_hub.integrations.native import decode_native

from .wire import NOW, Row, events_of

AT = "2025-11-19T10:00:00.418903221+00:00"
CALL = {
    "event_type": "consumption_request",
    "request_id": "6f1c",
    "service_id": "961e",
    "consumer_id": "1005",
    "timestamp": AT,
    "latency_ms": 812,
    "usage": {"prompt_tokens": 700, "completion_tokens": 96, "total_tokens": 796},
    "cost": {"amount": 0.0123, "currency": "USD", "breakdown": {"model": "per-token"}},
    "status": "success",
    "metadata": {},
}
UNPRICED = {"amount": 0.0, "currency": "USD", "breakdown": {"error": "Unknown pricing model"}}
PREPAID = {"amount": 0.0, "currency": "USD", "breakdown": {"note": "pre-paid"}}


def sent(*documents: Row) -> list[Row]:
    body = json.dumps(documents[0] if len(documents) == 1 else documents).encode()
    return events_of("marketplace", body, "application/json")


def one(document: Row) -> Row:
    (row,) = sent(document)
    return row


def tagged(kind: object, **members: Any) -> Row:
    return one({"event_type": kind, "service_id": "961e", "timestamp": AT, **members})


def published(kind: str, **metadata: Any) -> Row:
    head = {"eventType": kind, "timestamp": "2025-11-19T09:00:00.000Z", "serviceId": "961e"}
    return one({**head, "metadata": {"serviceId": "961e", **metadata}})


def test_a_consumption_request_is_a_model_call() -> None:
    row = one(CALL)
    assert (row["event_type"], row["event_id"], row["stream"]) == (
        "inference.completed",
        "6f1c",
        "marketplace",
    )
    assert (row["input_tokens"], row["output_tokens"], row["total_tokens"]) == (700, 96, 796)
    assert (row["latency_ms"], row["cost_usd"], row["status"]) == (812.0, Decimal("0.0123"), "ok")
    assert (row["service"], row["account_id"]) == ("961e", "1005")
    assert row["occurred_at"] == datetime(2025, 11, 19, 10, 0, 0, 418903, UTC)
    assert row["attributes"] == {"cost_breakdown": {"model": "per-token"}}


def test_a_cost_of_nothing_beside_an_error_is_unknown_and_a_prepaid_one_is_nothing() -> None:
    unknown, prepaid = one({**CALL, "cost": UNPRICED}), one({**CALL, "cost": PREPAID})
    assert (unknown["cost_usd"], unknown["cost_amount"], unknown["cost_currency"]) == (None,) * 3
    assert unknown["attributes"]["cost_breakdown"] == {"error": "Unknown pricing model"}
    assert prepaid["cost_usd"] == 0


def test_a_cost_in_another_currency_is_no_dollars() -> None:
    row = one({**CALL, "cost": {"amount": 2.0, "currency": "xts", "breakdown": None}})
    assert (row["cost_amount"], row["cost_currency"], row["cost_usd"]) == (2, "XTS", None)


def test_a_call_may_lack_anything() -> None:
    nothing = dict.fromkeys(("usage", "cost", "metadata", "status", "latency_ms"))
    row = one({**CALL, **nothing})
    assert row["event_type"] == "inference.completed"
    assert (row["total_tokens"], row["cost_usd"], row["latency_ms"]) == (None, None, None)
    assert one({"event_type": "consumption_request"})["occurred_at"] == NOW


def test_a_kind_is_known_in_any_case_and_a_status_nobody_knows_is_kept() -> None:
    row = one({**CALL, "event_type": "Consumption_Request", "status": "throttled"})
    assert (row["event_type"], row["status"]) == ("inference.completed", "unset")
    assert row["attributes"]["original_status"] == "throttled"


def test_metadata_of_a_call_may_name_its_model() -> None:
    row = one({**CALL, "metadata": {"model": "gpt-4o", "provider": "openai", "team": "a"}})
    assert (row["model"], row["provider"], row["attributes"]["team"]) == ("gpt-4o", "openai", "a")


@pytest.mark.parametrize(
    ("metric", "actual", "unit", "value"),
    [
        ("latency", 2410.5, "ms", 2410.5),
        ("Latency", 2410.5, "ms", 2410.5),
        ("latency_seconds", 2.5, "ms", 2500.0),
        ("error_rate", 0.07, "ratio", 0.07),
        ("error_rate_percent", 7.0, "ratio", 0.07),
        ("throughput", 3.0, None, 3.0),
    ],
)
def test_what_violated_an_sla_is_a_value_with_its_unit(
    metric: str, actual: float, unit: str | None, value: float
) -> None:
    row = tagged("sla_violation", metric=metric, threshold=0.5, actual=actual, severity="warning")
    assert (row["event_type"], row["severity"]) == ("sla.violated", "medium")
    assert (row["value"], row["unit"]) == (pytest.approx(value), unit)
    assert row["attributes"] == {"metric": metric, "threshold": 0.5}
    assert row["latency_ms"] is None


def test_a_quota_is_a_ratio_and_its_tokens_are_of_no_call() -> None:
    row = tagged("quota_exceeded", tier="premium", used_tokens=150, total_tokens=100)
    assert (row["value"], row["unit"], row["status"]) == (1.5, "ratio", "denied")
    assert row["total_tokens"] is None
    assert row["attributes"] == {"quota_tokens": 100, "tier": "premium", "used_tokens": 150}


@pytest.mark.parametrize("total", [0, None, "many"])
def test_a_quota_of_nothing_has_no_ratio(total: object) -> None:
    assert tagged("quota_exceeded", used_tokens=5, total_tokens=total)["value"] is None


def test_a_rate_limit_is_per_minute() -> None:
    row = tagged("rate_limit_exceeded", consumer_id="1005", tier="gold", limit=60)
    assert (row["event_type"], row["status"]) == ("rate_limit.exceeded", "denied")
    assert row["attributes"] == {"tier": "gold", "limit": 60, "limit_unit": "per_minute"}
    assert "limit_unit" not in tagged("rate_limit_exceeded", limit=None)["attributes"]


def test_a_policy_called_none_is_unknown() -> None:
    row = tagged("policy_violation", policy_id="none", severity="BLOCKER", message="m")
    assert (row["event_type"], row["policy_id"]) == ("violation.detected", None)
    assert (row["severity"], row["attributes"]["original_severity"]) == ("unknown", "BLOCKER")


@pytest.mark.parametrize(
    ("kind", "event_type"),
    [
        ("service_approved", "service.approved"),
        ("Service Approved", "service.approved"),
        ("user-role-changed", "user_role.changed"),
        ("extension.installed", "extension.installed"),
        ("login", "marketplace.event"),
        ("Größe geändert!", "marketplace.event"),
        ("a_" * 100 + "b", "marketplace.event"),
        ("", "marketplace.event"),
        (None, "marketplace.event"),
        (7, "marketplace.event"),
        ("inference_completed", "marketplace.event"),
        ("inference.completed", "marketplace.event"),
    ],
)
def test_free_text_makes_a_name_or_none_and_never_a_model_call(
    kind: object, event_type: str
) -> None:
    row = tagged(kind, data={"latency_ms": 5})
    assert row["event_type"] == event_type
    assert row["original_type"] == (str(kind) if kind not in (None, "") else None)


def test_an_administrators_time_is_of_utc_with_and_without_fraction() -> None:
    documents = [
        {"event_type": "service_approved", "timestamp": at, "data": {}}
        for at in ("2025-11-19T10:00:00.123456", "2025-11-19T10:00:00")
    ]
    expected = datetime(2025, 11, 19, 10, 0, tzinfo=UTC)
    assert [row["occurred_at"] for row in sent(*documents)] == [
        expected.replace(microsecond=123456),
        expected,
    ]


def test_an_event_is_not_named_by_the_thing_it_tells_of() -> None:
    rows = [tagged("quota_changed", id="quota-1", step=n) for n in (1, 2)]
    assert rows[0]["event_id"] != rows[1]["event_id"]
    data = {"id": "workflow-1", "timestamp": "2020-01-01T00:00:00", "user_id": "u-1"}
    rows = [tagged("workflow_changed", user_id=None, data={**data, "step": n}) for n in (1, 2)]
    assert rows[0]["event_id"] != rows[1]["event_id"]
    assert (rows[0]["user_id"], rows[0]["attributes"]["id"]) == ("u-1", "workflow-1")
    assert rows[0]["occurred_at"].year == 2025


def test_a_row_of_the_audit_log_has_its_own_id() -> None:
    row = tagged("role_changed", id="log-1", action="update", details={"role": "admin"})
    assert (row["event_id"], row["attributes"]["role"]) == ("log-1", "admin")


def test_particulars_of_a_published_service_lie_in_metadata_or_beside_it() -> None:
    nested = published("service_published", pricingModel="per-token", providerId="efd0")
    beside = one({
        "eventType": "service_published", "timestamp": "2025-11-19T09:00:00.000Z",
        "serviceId": "961e", "providerId": "efd0", "pricingModel": "per-token",
    })  # fmt: skip
    for row in (nested, beside):
        assert (row["event_type"], row["service"]) == ("service.published", "961e")
        assert row["attributes"] == {"provider_id": "efd0", "pricing_model": "per-token"}
        assert row["provider"] is None


def test_a_failure_of_publishing_is_an_error() -> None:
    row = published("publish_failed", errorCount=1)
    assert (row["event_type"], row["status"]) == ("publish.failed", "error")
    assert row["attributes"] == {"error_count": 1}


@pytest.mark.parametrize(
    "reply", [{"error": "not_found", "message": "no service"}, {"detail": "Not authenticated"}]
)
def test_a_reply_that_failed_is_no_event(reply: Row) -> None:
    decoded = decode_native(
        INTEGRATIONS["marketplace"], json.dumps(reply).encode(), "application/json", NOW
    )
    assert [one.rejection.code for one in decoded.refused] == ["error_reply"]


def test_an_event_that_tells_of_an_error_is_an_event() -> None:
    assert tagged("publish_failed", error="timeout", message="m")["status"] == "error"


def test_the_hub_takes_these_events_at_the_path_of_the_client() -> None:
    assert "/events" in INTEGRATIONS["marketplace"].sinks
