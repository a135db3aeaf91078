"""What the policy engine sends, as small as its shapes allow."""

from typing import Any

Row = dict[str, Any]


def decision(number: int, at: str, *, allowed: bool = True, policy: str = "pii-guard",
             severity: str = "error", is_kept: bool | None = None) -> Row:  # fmt: skip
    """A decision event; `is_kept` says whether its constraint is satisfied, else as `allowed`."""
    satisfied = allowed if is_kept is None else is_kept
    word = "policy_allow" if allowed else "policy_deny"
    return {
        "event_id": f"d{number}",
        "agent_id": "policy-enforcement-agent",
        "agent_version": "1.0.0",
        "decision_type": "policy_enforcement_decision",
        "outputs": {"decision": word, "allowed": allowed, "matched_policies": [policy],
                    "reason": f"reason {number}"},
        "constraints_applied": [
            {"constraint_id": "c", "severity": severity, "satisfied": satisfied, "reason": "why"}
        ],
        "execution_ref": {"request_id": f"r{number}", "environment": "production"},
        "timestamp": at,
    }  # fmt: skip


def telemetry(number: int, at: str) -> Row:
    """The same evaluation, as the engine tells it to the Observatory."""
    return {
        "eventId": f"d{number}", "timestamp": at, "policyId": "pii-guard", "decision": "deny",
        "durationMs": 2.5, "cached": False, "context": {}, "labels": {},
    }  # fmt: skip


def violation(number: int, at: str, level: str = "High") -> Row:
    """A violation in the words of the documents: no decision tells of it."""
    return {"violation_id": f"v{number}", "policy_name": "pii-guard", "asset": "model-7",
            "level": level, "timestamp": at}  # fmt: skip


AUDIT = {
    "id": "a1", "policy_id": "pii-guard", "policy_version": 3, "action": "edit",
    "actor_identity": "ann", "timestamp": "2025-11-19T09:20:00Z", "after_hash": "beef",
}  # fmt: skip
