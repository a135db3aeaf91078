"""LLM-Sentinel: anomalies that it finds, and the model calls it looks at (WIRE_FORMATS §6)."""

from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.sentinel.alerts import ALERT, ANOMALY, PLAIN_ALERT
from llm_analytics_hub.integrations.sentinel.telemetry import TELEMETRY
from llm_analytics_hub.integrations.sentinel.webhook import wrapped


def _is_error(message: Message) -> bool:
    """`{code, message, …}`, or the wrapper `{success, data, error}` without success."""
    document = message.document
    if document.get("success") is False:
        return True
    return {"code", "message"} <= document.keys() and document.keys().isdisjoint({"alert_id", "id"})


_ALERTS = (ALERT, ANOMALY, PLAIN_ALERT)

SENTINEL = Integration(
    name="sentinel",
    shapes=(*_ALERTS, wrapped(_ALERTS), TELEMETRY),
    pages=("data", "anomalies"),
    is_error=_is_error,
)
