"""What the policy engine tells other services: signals, incidents, audits, policies."""

import json
from typing import Any

import pytest

from llm_analytics_hub.integrations.policy_engine import POLICY_ENGINE

from .wire import NOW, TYPES, Row, events_of

JSON = TYPES[".json"]
WHEN = "2025-11-19T10:06:00.500Z"


def sent(document: Any, subject: str = "") -> list[Row]:
    return events_of("policy-engine", json.dumps(document).encode(), JSON, subject)


def one(document: Any, subject: str = "") -> Row:
    (row,) = sent(document, subject)
    return row


def signal(kind: str, **payload: object) -> Row:
    return {"signal_id": "s1", "signal_type": kind, "severity": "low", "timestamp": WHEN,
            "execution_ref": {"request_id": "r1"}, "payload": payload}  # fmt: skip


def test_a_signal_that_asks_for_approval() -> None:
    asked = signal("APPROVAL_REQUIRED_SIGNAL", action_type="deploy", timeout_seconds=3600,
                   approval_context={"risk_level": "high"},
                   request_details={"prompt": "my secret", "size": 3})  # fmt: skip
    row = one(asked)
    assert (row["event_type"], row["event_id"]) == ("approval.required", "s1")
    assert row["attributes"]["timeout_ms"] == 3_600_000
    assert row["attributes"]["risk_level"] == "high"
    assert row["attributes"]["request_details"] == {"size": 3}


@pytest.mark.parametrize(
    ("level", "event_type"),
    [
        ("warning", "budget.threshold.warning"),
        ("exceeded", "budget.threshold.exceeded"),
        ("CRITICAL", "budget.threshold.critical"),
        ("purple", "budget.threshold.reached"),
        (None, "budget.threshold.reached"),
        (["warning"], "budget.threshold.reached"),
    ],
)
def test_a_budget_signal_is_named_by_its_level(level: object, event_type: str) -> None:
    row = one(signal("budget_threshold_signal", threshold_level=level, percentage_used=80))
    assert (row["event_type"], row["value"], row["unit"]) == (event_type, 0.8, "ratio")


def test_a_budget_signal_has_no_cost_and_an_unknown_percentage_no_unit() -> None:
    row = one(signal("budget_threshold_signal", current_spend=512.4, currency="USD"))
    assert (row["cost_usd"], row["value"], row["unit"]) == (None, None, None)
    assert row["attributes"]["current_spend"] == 512.4


def test_a_violation_signal_without_policy_and_severity() -> None:
    told = signal("policy_violation_signal", policy_id="none")
    row = one({**told, "severity": None, "execution_ref": None})
    assert (row["event_type"], row["policy_id"], row["severity"]) == (
        "violation.detected", None, None,
    )  # fmt: skip


def test_a_signal_of_a_new_kind_is_kept() -> None:
    row = one(signal("carbon_signal", grams=3))
    assert (row["event_type"], row["original_type"]) == ("governance.signaled", "carbon_signal")
    assert row["attributes"]["grams"] == 3


def test_signals_come_as_a_page() -> None:
    assert (
        len(sent({"signals": [signal("a"), {**signal("b"), "signal_id": "s2"}], "total": 2})) == 2
    )


INCIDENT = {"title": "t", "description": "d", "severity": "critical", "source": "llm-policy-engine"}


@pytest.mark.parametrize(
    ("subject", "event_type"),
    [
        ("/api/v1/incidents", "incident.created"),
        ("/api/v1/alerts", "alert.raised"),
        ("", "incident.created"),
    ],
)
def test_an_alert_is_told_from_an_incident_by_its_path(subject: str, event_type: str) -> None:
    row = one(INCIDENT, subject)
    assert (row["event_type"], row["occurred_at"]) == (event_type, NOW)
    assert row["event_id"].startswith("x-")


def test_incidents_that_differ_are_two_and_one_sent_twice_is_one() -> None:
    first, again, other = sent([INCIDENT, INCIDENT, {**INCIDENT, "description": "e"}])
    assert first["event_id"] == again["event_id"] != other["event_id"]


@pytest.mark.parametrize("kind", ["auth_failure", "anomaly_detected", "something_new"])
def test_a_security_event_is_of_the_security_stream(kind: str) -> None:
    row = one({"event_type": kind, "description": "d", "severity": "warning", "timestamp": WHEN})
    assert (row["event_type"], row["original_type"]) == ("security.reported", kind)
    assert (row["stream"], row["severity"]) == ("security", "medium")
    assert row["occurred_at"].isoformat() == "2025-11-19T10:06:00.500000+00:00"


def test_a_violation_in_the_words_of_the_documents_without_their_envelope() -> None:
    row = one({"violationId": "v1", "policyId": "p1", "assetId": "a1", "severity": "LOW",
               "description": "d"})  # fmt: skip
    assert (row["event_type"], row["event_id"], row["asset_id"]) == (
        "violation.detected",
        "v1",
        "a1",
    )
    assert (row["policy_id"], row["severity"]) == ("p1", "low")


@pytest.mark.parametrize("severity", ["blue", None])
def test_a_violation_of_no_known_level_is_kept(severity: object) -> None:
    row = one({"violation_id": "v1", "level": severity, "timestamp": 1763546412})
    assert row["severity"] == (severity and "unknown")


@pytest.mark.parametrize(
    ("result", "status"),
    [("success", "ok"), ("failure", "error"), ("denied", "denied"), ("skipped", "unset")],
)
def test_the_audit_log_of_typescript(result: str, status: str) -> None:
    row = one({"eventType": "policy_decision", "userId": "u1", "teamId": "t1", "resource": "gpt-4o",
               "action": "evaluate", "result": result, "timestamp": 1763546412000,
               "metadata": {"policyId": "p1", "note": "n"}})  # fmt: skip
    assert (row["event_type"], row["stream"], row["status"]) == (
        "audit.logged",
        "governance",
        status,
    )
    assert (row["policy_id"], row["user_id"], row["original_type"]) == (
        "p1",
        "u1",
        "policy_decision",
    )
    assert (row["operation"], row["attributes"]["team_id"]) == ("evaluate", "t1")
    assert row["occurred_at"].isoformat() == "2025-11-19T10:00:12+00:00"


@pytest.mark.parametrize(
    ("action", "event_type"),
    [
        ("create", "policy.created"),
        ("edit", "policy.updated"),
        ("disable", "policy.disabled"),
        ("delete", "policy.deleted"),
        ("ENABLE", "policy.enabled"),
        ("rename", "policy.changed"),
    ],
)
def test_a_change_of_a_policy_is_named_by_its_action(action: str, event_type: str) -> None:
    row = one(
        {"id": "a1", "policyId": "p1", "action": action, "actorIdentity": "u", "timestamp": WHEN}
    )
    assert (row["event_type"], row["original_type"]) == (event_type, action)
    assert (row["policy_id"], row["user_id"], row["status"]) == ("p1", "u", None)


POLICY = {"metadata": {"id": "p1", "name": "PII", "version": "1.2.0", "updatedAt": WHEN},
          "rules": [], "status": "active"}  # fmt: skip


@pytest.mark.parametrize(
    "reply", [POLICY, {"policy": POLICY, "cached": True}, {"policies": [POLICY]}]
)
def test_a_state_of_a_policy_is_one_event_however_it_is_asked_for(reply: Row) -> None:
    row = one(reply)
    assert (row["event_type"], row["policy_id"]) == ("policy.described", "p1")
    assert row["event_id"] == f"p1@{WHEN}"
    assert row["attributes"]["version"] == "1.2.0"


def test_names_that_are_somebody_elses_stay_as_they_are() -> None:
    row = one({**INCIDENT, "ruleId": "r", "context": {"maxDays": 3, "llm.maxTokens": 1, "days": 2}})
    assert row["attributes"]["rule_id"] == "r"
    assert {"maxDays", "llm.maxTokens", "days"} <= row["attributes"].keys()


def test_an_alert_with_an_id_and_a_time_keeps_them() -> None:
    row = one({**INCIDENT, "alertId": "al1", "createdAt": WHEN})
    assert (row["event_type"], row["event_id"]) == ("alert.raised", "al1")
    assert row["occurred_at"].isoformat() == "2025-11-19T10:06:00.500000+00:00"


@pytest.mark.parametrize("page", ["auditEntries", "audit_entries"])
def test_the_trail_of_a_policy_comes_as_a_page(page: str) -> None:
    row = {"id": "a1", "policy_id": "p1", "action": "edit", "after_hash": "h", "timestamp": WHEN}
    assert one({"policyId": "p1", page: [row], "total": 1})["event_id"] == "a1"


def test_the_hub_poses_as_those_the_engine_posts_to() -> None:
    assert set(POLICY_ENGINE.sinks) == {
        "/api/v1/decision-events", "/api/v1/decision-events/batch",
        "/api/v1/events/policy-evaluation", "/api/v1/governance-signals", "/api/v1/incidents",
        "/api/v1/audit/log", "/api/v1/track",
    }  # fmt: skip
