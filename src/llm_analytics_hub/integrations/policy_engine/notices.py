"""Incidents, alerts and security events the engine tells others, and violations of the documents."""

from llm_analytics_hub.integrations.integration import Shape, has
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.policy_engine.columns import policy, table
from llm_analytics_hub.integrations.policy_engine.judgement import DETECTED
from llm_analytics_hub.integrations.policy_engine.spelling import both, joined, one_of
from llm_analytics_hub.integrations.reading import Columns, Row, constant

INCIDENT, ALERT = "incident.created", "alert.raised"

_COMMON: Columns = {
    "event_id": ("event_id", "incident_id", "alert_id", "id"),
    "occurred_at": ("timestamp", "created_at"),
    "severity": "severity",
    "policy_id": policy("policy_id"),
    "user_id": "user_id",
    "correlation_id": "context.request_id",
}
"""The calls have neither id nor time; should a later version send them, they count."""

_told = table(_COMMON, opened=("context",))


def noticed(message: Message) -> list[Row]:
    """An incident, or an alert where it came under that path: the two look the same."""
    is_alert = "alerts" in message.subject or "alert_id" in message.document
    event_type = ALERT if is_alert else INCIDENT
    return [{"event_type": event_type, **row} for row in _told(message)]


_SECURITY: Columns = joined(_COMMON, {
    "event_type": constant("security.reported"),
    "stream": constant("security"),
    "original_type": "event_type",
})  # fmt: skip

_VIOLATION: Columns = {
    "event_type": constant(DETECTED),
    "event_id": "violation_id",
    "occurred_at": "timestamp",
    "severity": ("level", "severity"),
    "policy_id": policy(("policy_id", "policy_name")),
    "asset_id": ("asset_id", "asset"),
}

NOTICE = Shape("incident or alert", has("title", "severity"), noticed)
SECURITY_EVENT = Shape(
    "security event",
    both(has("event_type"), one_of("description", "source_ip")),
    table(_SECURITY, opened=("context",)),
)
VIOLATION = Shape("violation as the documents describe it", has("violation_id"), table(_VIOLATION))
