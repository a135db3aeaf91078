"""The governance dashboard: what no sample shows, and what its documentation and types promise."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from llm_analytics_hub.ingest.submission import Decoded
from llm_analytics_hub.integrations.governance_dashboard import GOVERNANCE_DASHBOARD
from llm_analytics_hub.integrations.native import decode_native
from llm_analytics_hub.normalize.normalizer import Arrival, normalize

from .wire import NOW, RULES, Row

AT = "2025-11-19T10:00:00Z"
MOMENT = datetime(2025, 11, 19, 10, tzinfo=UTC)
USER = "d2a460df-08a4-4b7a-958f-635b540d90cb"


def decoded(payload: Any) -> Decoded:
    return decode_native(GOVERNANCE_DASHBOARD, json.dumps(payload).encode(), "", NOW)


def events(payload: Any) -> list[Row]:
    found = decoded(payload)
    assert not found.refused
    done = normalize(found.rows, Arrival("t", NOW), RULES)
    assert not done.faults
    return [
        row | {"attributes": json.loads(row["attributes"] or "{}")}
        for row in done.events.to_pylist()
    ]


def only(payload: Any) -> Row:
    (row,) = events(payload)
    return row


def parts(row: Row, expected: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in expected}


def webhook(name: Any, **data: Any) -> Row:
    return only({"event": name, "timestamp": AT, "data": data})


VIOLATION = {
    "policy_id": "p-1", "policy_name": "Daily Cost Limit", "user_id": USER,
    "violation": {"rule": "max_cost_per_day", "threshold": 100.0, "actual": 125.5, "severity": "High"},
    "context": {"provider": "openai", "model": "gpt-4", "request_cost": 0.05},
}  # fmt: skip


def test_a_violation_webhook_is_a_violation_and_its_request_is_not_paid_twice() -> None:
    row = webhook("policy.violation", **VIOLATION)
    expected = {
        "event_type": "violation.detected", "original_type": "policy.violation",
        "stream": "policy", "severity": "high", "policy_id": "p-1", "user_id": USER,
        "provider": "openai", "model": "gpt-4", "cost_usd": None, "occurred_at": MOMENT,
    }  # fmt: skip
    assert parts(row, expected) == expected
    assert row["attributes"]["request_cost"] == 0.05
    assert row["attributes"]["rule"] == "max_cost_per_day"


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [("auth.login.success", "ok", None), ("auth.login.failed", "denied", "invalid_credentials")],
)
def test_a_login_says_how_it_went(name: str, status: str, error: str | None) -> None:
    row = webhook(name, email="u@example.com", reason=error)
    assert (row["event_type"], row["status"], row["error_type"]) == (name, status, error)
    assert row["attributes"]["email"] == "u@example.com"


def test_a_budget_over_its_limit_is_more_than_one_and_no_cost() -> None:
    row = webhook("budget.exceeded", amount=1000.0, spent=1025.5, utilization_percentage=102.55)
    assert (row["value"], row["unit"], row["stream"]) == (pytest.approx(1.0255), "ratio", "cost")
    assert row["cost_usd"] is None
    assert row["attributes"]["spent"] == 1025.5


def test_a_cost_anomaly_has_its_deviation_as_value() -> None:
    row = webhook("cost.anomaly.detected", deviation_percentage=400, provider="openai", model="m")
    assert (row["value"], row["unit"], row["provider"]) == (4.0, "ratio", "openai")


def test_a_provider_that_is_down_is_an_error_until_it_recovers() -> None:
    down, up = (
        webhook(f"integration.provider.{state}", provider="openai")
        for state in ("down", "recovered")
    )
    assert (down["status"], up["status"], down["provider"]) == ("error", "ok", "openai")


def test_a_user_event_names_its_user_by_either_member() -> None:
    assert webhook("user.role.assigned", id=USER)["user_id"] == USER
    assert webhook("user.created", user_id=USER, id="other")["user_id"] == USER


def test_an_event_nobody_documented_is_kept_under_its_name_in_any_case() -> None:
    assert webhook("Quota.Nearly_Full")["event_type"] == "quota.nearly_full"


@pytest.mark.parametrize("name", [None, "no name!", 7.5, ""])
def test_an_event_without_a_name_is_kept(name: Any) -> None:
    row = webhook(name)
    assert row["event_type"] in {"webhook.received", "7.5"}


def test_a_webhook_without_data_is_kept() -> None:
    row = only({"event": "budget.reset", "timestamp": AT, "data": None})
    assert row["event_type"] == "budget.reset"


def test_two_subscriptions_tell_one_event_and_another_time_is_another() -> None:
    one, other, later = (
        only({"event": "budget.reset", "webhook_id": hook, "timestamp": at, "data": {}})
        for hook, at in (("w-1", AT), ("w-2", AT), ("w-1", "2025-11-19T11:00:00Z"))
    )
    assert one["event_id"] == other["event_id"] != later["event_id"]


LOG = {
    "id": "a-1", "timestamp": AT, "user_id": None, "action": "policy_update",
    "resource_type": "policy", "resource_id": "pii-guard", "ip_address": None,
    "details": {"status": "x"}, "checksum": "c",
}  # fmt: skip


def test_a_page_of_audit_logs_is_its_rows() -> None:
    page = {"data": {"logs": [LOG, {**LOG, "id": "a-2"}], "limit": 50, "offset": 0}}
    rows = events({"success": True, **page, "message": None})
    assert [row["event_id"] for row in rows] == ["a-1", "a-2"]
    expected = {
        "event_type": "audit.logged", "original_type": "policy_update", "user_id": None,
        "operation": "policy_update", "policy_id": "pii-guard", "stream": "governance",
    }  # fmt: skip
    assert parts(rows[0], expected) == expected
    assert rows[0]["attributes"]["details"] == {"status": "x"}
    assert rows[0]["attributes"]["action"] == "policy_update"


def test_only_a_policy_is_a_policy() -> None:
    assert only({**LOG, "resource_type": "user"})["policy_id"] is None


def test_an_audit_log_may_say_how_it_went() -> None:
    assert [only({**LOG, "status": said})["status"] for said in ("failure", "pending")] == [
        "error",
        "unset",
    ]


def test_an_audit_log_to_be_written_has_no_id_and_no_time() -> None:
    row = only({"action": "export", "resource_type": "report", "resource_id": "r", "details": {}})
    assert (row["occurred_at"], row["event_id"][:2]) == (NOW, "x-")


def test_a_changed_audit_log_is_an_alarm() -> None:
    check = {"log_id": "a-1", "is_valid": False, "stored_checksum": "a"}
    row = only({"success": True, "data": check})
    assert (row["event_type"], row["status"], row["severity"]) == (
        "audit.verified",
        "error",
        "high",
    )


def report(end: Any) -> Row:
    found = {"period": {"start": "2025-11-01", "end": end}, "total_actions": 5, "unique_users": 2}
    return only({"success": True, "data": {**found, "actions_by_type": {"login": 5}}})


@pytest.mark.parametrize("end", ["2026-12-31T00:00:00Z", "today", None, {}])
def test_a_report_whose_period_is_not_over_is_of_now(end: Any) -> None:
    assert report(end)["occurred_at"] == NOW


def test_a_report_counts_actions_at_the_end_of_its_period() -> None:
    row = report("2025-11-19T10:00:00.000000001+00:00")
    expected = {
        "event_type": "audit.summarized", "occurred_at": MOMENT, "value": 5.0, "unit": "actions",
    }  # fmt: skip
    assert parts(row, expected) == expected
    assert row["attributes"]["actions_by_type"] == {"login": 5}


STORED = {"id": "v-1", "policy_id": "p-1", "violation_type": "cost_limit", "created_at": AT}


def test_a_resolved_violation_is_a_second_event_with_an_id_that_stays() -> None:
    done = {"resolved": True, "resolved_at": "2025-11-19T11:00:00Z", "resolved_by": "boss"}
    open_row = only({**STORED, "severity": "LOW", "resolved": False})
    first, second = events({**STORED, "severity": "LOW", **done})
    assert open_row["event_id"] == first["event_id"] == "v-1"
    expected = {
        "event_type": "violation.resolved", "event_id": "v-1:resolved", "user_id": "boss",
        "policy_id": "p-1", "severity": "low", "occurred_at": MOMENT.replace(hour=11),
        "stream": "policy", "attributes": {"violation_id": "v-1"},
    }  # fmt: skip
    assert parts(second, expected) == expected


@pytest.mark.parametrize("policy", ["none", "00000000-0000-0000-0000-000000000000"])
def test_what_stands_for_no_policy_is_none(policy: str) -> None:
    assert only(STORED | {"policy_id": policy})["policy_id"] is None


def test_an_evaluation_that_found_something_is_denied() -> None:
    found = [{"rule_violated": "max_cost_per_request", "severity": "high"}]
    row = only({"success": True, "data": {"passed": False, "violations": found, "warnings": []}})
    assert (row["event_type"], row["status"]) == ("policy.evaluated", "denied")
    assert row["attributes"]["violations"] == found


def test_a_policy_is_described_once_for_each_of_its_states() -> None:
    policy = {"id": "p-1", "name": "n", "rules": {}, "updated_at": AT, "version": 2}
    (row,) = events({"success": True, "data": {"policies": [policy], "total": 1}})
    assert (row["event_type"], row["event_id"], row["policy_id"]) == (
        "policy.described", f"p-1@{AT}", "p-1",
    )  # fmt: skip


BUDGET = {
    "id": "b-1", "organization_id": "acme", "team_id": None, "user_id": None, "name": "Team",
    "amount": 1000.0, "period": "monthly", "alert_threshold_percentage": 80, "hard_limit": False,
    "current_spend": 850.0, "is_active": True, "created_at": AT, "updated_at": AT,
}  # fmt: skip


@pytest.mark.parametrize(
    "payload",
    [
        {"success": True, "data": [BUDGET], "message": None},
        {"success": True, "data": {"budget": BUDGET, "utilization_percent": 85.0}},
        BUDGET | {"amount": "1000.00", "current_spend": "850.00"},
    ],
    ids=["page", "one", "numbers as texts"],
)
def test_a_budget_is_the_share_that_is_spent_and_no_cost(payload: Any) -> None:
    row = only(payload)
    expected = {
        "event_type": "budget.described", "account_id": "acme", "value": 0.85, "unit": "ratio",
        "cost_usd": None, "stream": "cost", "occurred_at": MOMENT,
    }  # fmt: skip
    assert parts(row, expected) == expected
    assert row["attributes"]["alert_threshold_percentage"] == 80


def test_a_budget_that_spent_more_is_another_event() -> None:
    assert only(BUDGET)["event_id"] == only(BUDGET)["event_id"]
    assert only(BUDGET)["event_id"] != only(BUDGET | {"current_spend": 900.0})["event_id"]


@pytest.mark.parametrize("amount", [0, None, "much"])
def test_a_budget_of_nothing_has_no_share(amount: Any) -> None:
    assert only(BUDGET | {"amount": amount})["value"] is None


def test_a_quota_is_the_share_that_is_used() -> None:
    row = only({"id": "q", "quota_type": "x", "limit_value": 200, "current_value": 50})
    assert (row["event_type"], row["value"], row["unit"]) == ("quota.described", 0.25, "ratio")


def test_an_alert_has_the_times_of_its_table_and_its_later_states() -> None:
    alert = {
        "id": "al-1", "alert_type": "quota", "severity": "info", "title": "t",
        "triggered_at": "2025-11-19 10:00:00", "acknowledged_at": "2025-11-19 10:05:00",
        "acknowledged_by": USER, "resolved_at": None, "related_policy_id": "p-1",
    }  # fmt: skip
    first, second = events([alert])
    assert (first["event_type"], first["occurred_at"]) == ("alert.triggered", MOMENT)
    assert (first["original_type"], first["severity"], first["policy_id"]) == (
        "quota", "info", "p-1",
    )  # fmt: skip
    assert (second["event_type"], second["user_id"]) == ("alert.acknowledged", USER)


def test_a_budget_alert_of_the_dashboard_is_a_share() -> None:
    row = only({"budget_id": "b", "percentage_used": 120, "severity": "warning"})
    assert (row["event_type"], row["value"], row["severity"]) == ("budget.alerted", 1.2, "medium")


CALL = {
    "provider": "openai", "model": "gpt-4o", "tokens_in": 812, "tokens_out": 96, "latency_ms": 1432,
    "cost": 0.00299, "request_id": "r-1", "endpoint": "/v1/chat", "status": "success",
}  # fmt: skip


def test_a_body_for_the_metrics_service_is_a_model_call() -> None:
    row = only(CALL)
    expected = {
        "event_type": "inference.completed", "provider": "openai", "model": "gpt-4o",
        "input_tokens": 812, "output_tokens": 96, "total_tokens": 908, "latency_ms": 1432.0,
        "cost_usd": Decimal("0.00299"), "correlation_id": "r-1", "status": "ok", "occurred_at": NOW,
    }  # fmt: skip
    assert parts(row, expected) == expected


def test_the_documented_batch_has_other_names_for_tokens() -> None:
    documented = {"provider": "p", "model": "m", "tokens_input": 150, "tokens_output": 75}
    (row,) = events({"metrics": [documented]})
    assert (row["input_tokens"], row["output_tokens"], row["cost_usd"]) == (150, 75, None)


@pytest.mark.parametrize("said", ["timeout", "Rate_Limited"])
def test_a_call_that_failed_says_why(said: str) -> None:
    row = only(CALL | {"status": said})
    assert (row["status"], row["error_type"]) == ("error", said.lower())


def test_a_request_refers_to_its_model_by_a_number_that_is_no_name() -> None:
    request = {
        "id": "q-1", "organization_id": "acme", "user_id": USER, "model_id": USER,
        "prompt_tokens": 8, "completion_tokens": 2, "total_tokens": 10, "prompt_cost": 0.1,
        "completion_cost": 0.2, "total_cost": 0.3, "status": "success", "timestamp": AT,
    }  # fmt: skip
    row, named = only(request), only(request | {"model_id": "gpt-4o"})
    assert (row["model"], row["attributes"]["model_id"], named["model"]) == (None, USER, "gpt-4o")
    assert (row["cost_usd"], row["event_id"], row["account_id"]) == (Decimal("0.3"), "q-1", "acme")


def test_usage_of_a_period_is_no_call() -> None:
    hour = {"bucket": AT, "provider": "p", "model": "m", "request_count": 7, "total_cost": 1.5}
    (row,) = events({"success": True, "data": [hour]})
    expected = {
        "event_type": "usage.summarized", "value": 7.0, "unit": "requests", "cost_usd": None,
        "occurred_at": MOMENT,
    }  # fmt: skip
    assert parts(row, expected) == expected


def test_a_calculated_cost_is_neither_a_call_nor_a_cost() -> None:
    asked = {"provider": "p", "model": "m", "tokens_in": 1, "tokens_out": 1}
    answer = asked | {"input_cost": 1.0, "output_cost": 2.0, "total_cost": 3.0}
    row = only({"success": True, "data": answer})
    assert (row["event_type"], row["value"], row["unit"]) == ("cost.estimated", 3.0, "USD")
    assert row["cost_usd"] is None


def test_a_forecast_and_the_costs_of_a_period_are_values() -> None:
    forecast = only({"period": "monthly", "current_spend": 1.0, "forecasted_spend": 4.0})
    team = only({"period": {"end": AT}, "total_cost": 9.0, "breakdown": []})
    assert (forecast["event_type"], forecast["value"]) == ("cost.forecast", 4.0)
    assert (team["event_type"], team["value"], team["cost_usd"]) == ("cost.summarized", 9.0, None)


@pytest.mark.parametrize(
    "payload",
    [
        {"success": False, "data": None, "message": "no"},
        {"error": "400 Bad Request", "message": "Validation error"},
        {"detail": "no", "status_code": 403, "error_code": "x"},
    ],
)
def test_what_says_that_it_failed_is_no_event(payload: Any) -> None:
    found = decoded(payload)
    assert not found.rows
    assert [one.rejection.code for one in found.refused] == ["error_reply"]


def test_an_empty_page_is_nothing_and_an_unknown_reply_is_kept() -> None:
    assert events({"success": True, "data": []}) == []
    row = only({"success": True, "data": {"message": "Metrics ingested successfully"}})
    assert row["event_type"] == "governance-dashboard.message"
