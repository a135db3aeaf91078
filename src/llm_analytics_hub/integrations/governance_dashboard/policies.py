"""Policies, their violations and evaluations.

A stored violation has no severity, which is then unknown; the TypeScript type has one.
"""

from collections.abc import Iterable

from llm_analytics_hub.integrations.governance_dashboard.states import state_of
from llm_analytics_hub.integrations.integration import Shape, by_table, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, constant, read

DETECTED = "violation.detected"
EVALUATED = "policy.evaluated"
DESCRIBED = "policy.described"
NO_POLICY = ("none", "00000000-0000-0000-0000-000000000000")
"""What is written where no policy is meant: evaluations have the nil UUID."""


def _policy(reading: Reading) -> object:
    policy = reading.take("policy_id")
    return None if policy in NO_POLICY else policy


def _severity(reading: Reading) -> object:
    return reading.take("severity") or "unknown"


VIOLATION_COLUMNS: Columns = {
    "event_type": constant(DETECTED),
    "stream": constant("policy"),
    "original_type": lambda reading: reading.see("violation_type"),
    "event_id": "id",
    "occurred_at": ("created_at", "timestamp"),
    "policy_id": _policy,
    "severity": _severity,
    "user_id": "user_id",
    "account_id": "organization_id",
}


def violation(message: Message) -> Iterable[Row]:
    """A violation, and that it is resolved, once it is."""
    reading = Reading(message.document)
    row = read(reading, VIOLATION_COLUMNS)
    return [with_rest(row, reading.rest), *state_of(row, reading, "resolved")]


def _outcome(reading: Reading) -> object:
    return "ok" if reading.see("passed") else "denied"


EVALUATION_COLUMNS: Columns = {
    "event_type": constant(EVALUATED),
    "stream": constant("policy"),
    "status": _outcome,
    "occurred_at": ("timestamp", "created_at"),
    "policy_id": _policy,
}


def _version_id(reading: Reading) -> object:
    """Each state of a policy is an event: asking again brings nothing new."""
    return f"{reading.see('id')}@{reading.see('updated_at')}"


POLICY_COLUMNS: Columns = {
    "event_type": constant(DESCRIBED),
    "event_id": _version_id,
    "occurred_at": ("updated_at", "created_at"),
    "policy_id": "id",
    "user_id": "created_by",
}

VIOLATION = Shape("policy violation", has("violation_type", "policy_id"), violation)
EVALUATION = Shape("evaluation", has("passed", "violations"), by_table(EVALUATION_COLUMNS))
POLICY = Shape("policy", has("id", "name", "rules"), by_table(POLICY_COLUMNS))
