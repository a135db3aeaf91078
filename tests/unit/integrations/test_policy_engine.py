"""What no sample of the policy engine shows: other spellings, unknown words, missing members."""

import json
from typing import Any

import pytest

from llm_analytics_hub.integrations.native import decode_native
from llm_analytics_hub.integrations.policy_engine import POLICY_ENGINE

from .wire import NOW, TYPES, Row, events_of

JSON = TYPES[".json"]
DECISION: Row = {
    "event_id": "d1",
    "agent_id": "policy-enforcement-agent",
    "agent_version": "1.0.0",
    "decision_type": "policy_enforcement_decision",
    "outputs": {"decision": "policy_allow", "allowed": True, "matched_policies": ["p1", "p2"]},
    "constraints_applied": [],
    "execution_ref": {"request_id": "r1", "environment": "production"},
    "timestamp": "2025-11-19T10:00:12.349Z",
}


def sent(document: Any, subject: str = "") -> list[Row]:
    return events_of("policy-engine", json.dumps(document).encode(), JSON, subject)


def one(document: Any, subject: str = "") -> Row:
    (row,) = sent(document, subject)
    return row


def decision(**outputs: object) -> Row:
    return {**DECISION, "outputs": {**DECISION["outputs"], **outputs}}


def constraint(severity: object, satisfied: object = False) -> Row:
    return {"constraint_id": "c", "severity": severity, "satisfied": satisfied, "reason": "why"}


@pytest.mark.parametrize(
    ("outputs", "status", "is_violation"),
    [
        ({}, "ok", False),
        ({"decision": "policy_deny"}, "denied", True),
        ({"decision": "constraint_violation", "allowed": None}, "denied", True),
        ({"decision": "approval_required", "allowed": False}, "denied", True),
        ({"decision": "conditional_allow"}, "ok", False),
        ({"decision": "Policy_Deny", "allowed": None}, "denied", True),
        ({"decision": "perhaps"}, "ok", False),
        ({"decision": "perhaps", "allowed": None}, None, False),
        ({"decision": None}, "ok", False),
        ({"decision": "error", "allowed": False}, "error", False),
    ],
)
def test_a_decision_that_does_not_allow_is_a_violation(
    outputs: Row, status: str | None, is_violation: bool
) -> None:
    decided, *violations = sent(decision(**outputs))
    assert (decided["event_type"], decided["status"]) == ("policy.evaluated", status)
    assert [row["event_type"] for row in violations] == ["violation.detected"] * is_violation


def test_an_unknown_decision_word_is_kept() -> None:
    assert one(decision(decision="perhaps"))["attributes"]["decision"] == "perhaps"


def test_an_unsatisfied_constraint_is_a_violation_of_what_was_allowed() -> None:
    held, broken = constraint("critical", satisfied=True), constraint("warning")
    decided, violation = sent({**DECISION, "constraints_applied": [held, broken]})
    assert decided["status"] == "ok"
    assert violation["event_id"] == "d1:violation"
    assert violation["severity"] == "medium"
    assert violation["policy_id"] == "p1"
    assert violation["correlation_id"] == "r1"
    assert violation["attributes"]["description"] == "why"
    assert violation["attributes"]["constraints"] == [broken]


def test_a_violation_is_not_counted_as_a_second_denial() -> None:
    decided, violation = sent(decision(decision="policy_deny", allowed=False))
    assert (decided["status"], violation["status"]) == ("denied", None)


@pytest.mark.parametrize(
    ("severities", "worst"),
    [
        (["info", "critical", "error"], "critical"),
        (["warning", "info"], "medium"),
        (["blue", "info"], "info"),
        (["blue"], "unknown"),
        ([None, 3], None),
        ([], None),
    ],
)
def test_a_violation_is_as_grave_as_its_worst_constraint(
    severities: list[Any], worst: str | None
) -> None:
    constraints = [constraint(severity) for severity in severities]
    denied = {**decision(allowed=False), "constraints_applied": constraints}
    assert sent(denied)[1]["severity"] == worst


@pytest.mark.parametrize(
    "foreign",
    [
        {"agent_version": {"major": 1, "minor": 0, "patch": 0}},
        {"agent_version": None, "execution_ref": {"execution_id": "x"}},
    ],
)
def test_a_decision_event_of_costops_is_none_of_the_engine(foreign: Row) -> None:
    row = one({**decision(allowed=False), **foreign})
    assert (row["event_type"], row["event_id"]) == ("policy-engine.message", "d1")


def test_a_decision_without_reference_and_constraints_is_one_still() -> None:
    bare = {name: DECISION[name] for name in ("event_id", "decision_type", "timestamp")}
    row = one({**bare, "outputs": {}, "execution_ref": None, "constraints_applied": None})
    assert (row["event_type"], row["status"], row["policy_id"]) == ("policy.evaluated", None, None)


def test_texts_that_a_decision_changed_are_content() -> None:
    changes = {"llm.prompt": "my secret", "llm.maxTokens": 10}
    body = json.dumps(decision(decision="conditional_allow", modifications=changes)).encode()
    (row,) = decode_native(POLICY_ENGINE, body, JSON, NOW).rows
    assert row["content"] == {"modifications": {"llm.prompt": "my secret"}}
    assert "secret" not in json.dumps(row["attributes"])
    assert '"llm.maxTokens": 10' in json.dumps(row["attributes"])


def test_an_approval_has_no_status_and_its_times_are_milliseconds() -> None:
    step = {"step_id": "s1", "timeout_seconds": 60}
    outputs = {"decision": "auto_approved", "timeout_seconds": 1.5, "approval_chain": [step]}
    row = one({**DECISION, "decision_type": "approval_routing_decision", "outputs": outputs})
    assert (row["event_type"], row["status"]) == ("approval.routed", None)
    assert row["attributes"]["timeout_ms"] == 1500
    assert row["attributes"]["approval_chain"][0]["timeout_ms"] == 60_000


def test_an_approval_of_a_new_decision_type_is_known_by_its_approvers() -> None:
    outputs = {"decision": "pending_approval", "allowed": False, "required_approvers": []}
    row = one({**DECISION, "decision_type": "approval_chain", "outputs": outputs})
    assert (row["event_type"], row["original_type"]) == ("approval.routed", "approval_chain")


def test_the_telemetry_of_a_decision_is_another_event_of_the_same_id() -> None:
    told = {"eventId": "d1", "timestamp": DECISION["timestamp"], "policyId": "p1",
            "decision": "deny", "durationMs": 2.5}  # fmt: skip
    row = one(told)
    assert (row["event_type"], row["status"]) == ("policy.evaluated", "denied")
    assert (row["event_id"], one(DECISION)["event_id"]) == ("d1", "d1")
    assert (row["stream"], one(DECISION)["stream"]) == ("observatory", "policy")


@pytest.mark.parametrize("name", ["none", "None", " NONE "])
def test_the_policy_none_is_no_policy(name: str) -> None:
    told = {"event_id": "t1", "timestamp": DECISION["timestamp"], "policy_id": name}
    assert one({**told, "decision": "allow"})["policy_id"] is None
    assert one(decision(matched_policies=[name]))["policy_id"] is None


@pytest.mark.parametrize(
    "reply",
    [
        {"error": "POLICY_NOT_FOUND", "message": "no"},
        {"error": "INVALID_TOKEN", "message": "no", "details": {}, "correlationId": "c"},
        {"success": False, "error": {"code": "x"}},
    ],
)
def test_an_error_reply_is_no_event(reply: Row) -> None:
    decoded = decode_native(POLICY_ENGINE, json.dumps(reply).encode(), JSON, NOW)
    assert not decoded.rows
    assert [refused.rejection.code for refused in decoded.refused] == ["error_reply"]


def test_what_is_of_no_known_shape_is_kept() -> None:
    row = one({"id": "m1", "type": "policy_weather", "timestamp": 1763546413, "sun": True})
    assert (row["event_type"], row["original_type"]) == ("policy-engine.message", "policy_weather")
    assert row["attributes"] == {"sun": True}


def test_a_document_too_deep_to_read_is_refused_and_the_next_is_taken() -> None:
    deep = b'{"event_id": "x", "a": ' + b'{"a": ' * 900 + b"1" + b"}" * 901
    body = b"[" + deep + b", " + json.dumps(DECISION).encode() + b"]"
    decoded = decode_native(POLICY_ENGINE, body, JSON, NOW)
    assert [row["event_id"] for row in decoded.rows] == ["d1"]
    assert [refused.rejection.code for refused in decoded.refused] == ["attributes_too_deep"]
