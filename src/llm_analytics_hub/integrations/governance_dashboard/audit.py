"""The audit trail: its rows, what was counted of them, and whether one was changed.

Its checksum is over user, action, resource and details: the time of a row is not covered.
"""

from collections.abc import Iterable

from llm_analytics_hub.integrations.governance_dashboard.periods import end_of_period
from llm_analytics_hub.integrations.integration import Shape, by_table, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, constant, read

LOGGED = "audit.logged"
SUMMARIZED = "audit.summarized"
VERIFIED = "audit.verified"


def _action(reading: Reading) -> object:
    return reading.see("action")


def _policy(reading: Reading) -> object:
    """What was acted on is a policy."""
    is_policy = str(reading.see("resource_type")).lower() == "policy"
    return reading.see("resource_id") if is_policy else None


LOG: Columns = {
    "event_type": constant(LOGGED),
    "original_type": _action,
    "operation": _action,
    "policy_id": _policy,
    "event_id": "id",
    "occurred_at": ("timestamp", "created_at"),
    "user_id": "user_id",
    "account_id": "organization_id",
    "session_id": "session_id",
    "correlation_id": "request_id",
    "status": "status",
}
"""The action is the name of what happened, and stays an attribute beside."""

REPORT: Columns = {
    "event_type": constant(SUMMARIZED),
    "value": "total_actions",
    "unit": constant("actions"),
}


def report(message: Message) -> Iterable[Row]:
    """The compliance report, at the end of its period: it counts actions, and says no rate."""
    reading = Reading(message.document)
    row = read(reading, REPORT) | end_of_period(message, "period.end")
    return [with_rest(row, reading.rest)]


def _intact(reading: Reading) -> object:
    return "ok" if reading.see("is_valid") else "error"


def _alarm(reading: Reading) -> object:
    return None if reading.see("is_valid") else "high"


CHECK: Columns = {
    "event_type": constant(VERIFIED),
    "status": _intact,
    "severity": _alarm,
}

COMPLIANCE_REPORT = Shape("compliance report", has("total_actions", "actions_by_type"), report)
AUDIT_LOG = Shape("audit log", has("action", "resource_type"), by_table(LOG))
AUDIT_CHECK = Shape("check of an audit log", has("log_id", "is_valid"), by_table(CHECK))
