"""What a decision of the engine means: its status, and the violation it stands for.

The engine has no violations of its own (WIRE_FORMATS §3): a decision that does not allow, or one
with an unsatisfied constraint, is one.
"""

from collections.abc import Sequence

from llm_analytics_hub.integrations.policy_engine.spelling import word
from llm_analytics_hub.integrations.reading import Row, texts
from llm_analytics_hub.model.event import SEVERITIES
from llm_analytics_hub.normalize.severity import UNKNOWN, to_severity

EVALUATED = "policy.evaluated"
DETECTED = "violation.detected"

_STATUSES = {
    **dict.fromkeys(("allow", "policy_allow", "conditional_allow", "warn", "modify"), "ok"),
    **dict.fromkeys(("deny", "policy_deny", "constraint_violation"), "denied"),
    "error": "error",
}
_OF_A_VIOLATION = ("occurred_at", "policy_id", "correlation_id", "trace_id", "span_id",
                   "environment", "session_id", "user_id", "provider", "model",
                   "original_type")  # fmt: skip


def status_of(decision: object, allowed: object) -> str | None:
    """ok, denied or error; None for a word without a meaning and nothing said of `allowed`.

    A decision that says two things is the stricter one.
    """
    told = _STATUSES.get(word(decision))
    if told != "error" and allowed is False:
        return "denied"
    return told or ("ok" if allowed is True else None)


def judged(row: Row) -> list[Row]:
    """A decision with its status, and the violation it stands for, if any.

    `row` has its decision, `allowed` and constraints among its attributes.
    """
    attributes = row.get("attributes")
    said: Row = attributes if isinstance(attributes, dict) else {}
    status = status_of(said.get("decision"), said.get("allowed"))
    broken = unsatisfied(said.get("constraints_applied"))
    decision = {"event_type": EVALUATED, **row, "status": status}
    is_violation = status == "denied" or bool(broken)
    return [decision, _violation(row, said, broken)] if is_violation else [decision]


def unsatisfied(constraints: object) -> list[Row]:
    """Those of a decision's constraints that do not hold."""
    listed = constraints if isinstance(constraints, list) else []
    return [one for one in listed if isinstance(one, dict) and one.get("satisfied") is False]


def worst(severities: Sequence[str]) -> str | None:
    """The gravest of severities as it was sent; None where there are none."""
    return max(severities, key=_gravity, default=None)


def _gravity(severity: str) -> int:
    name = to_severity(severity)
    return -1 if name == UNKNOWN else SEVERITIES.index(name)


def _violation(row: Row, said: Row, broken: Sequence[Row]) -> Row:
    """The violation of a decision, without a status: the decision was counted as denied already."""
    decision_id, rules = row.get("event_id"), said.get("matched_rules")
    attributes = {
        "decision_id": decision_id,
        "decision": said.get("decision"),
        "description": said.get("reason") or _reason(broken),
        "rule_id": rules[0] if isinstance(rules, list) and rules else None,
        "constraints": list(broken) or None,
    }
    return {
        **{name: row[name] for name in _OF_A_VIOLATION if name in row},
        "event_type": DETECTED,
        "event_id": f"{decision_id}:violation" if decision_id else None,
        "severity": worst(texts(one.get("severity") for one in broken)),
        "attributes": {name: value for name, value in attributes.items() if value is not None},
    }


def _reason(broken: Sequence[Row]) -> object:
    return next((one["reason"] for one in broken if one.get("reason")), None)
