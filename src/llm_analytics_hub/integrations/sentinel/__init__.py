"""LLM-Sentinel: anomalies that it finds, and the model calls it looks at (WIRE_FORMATS §6)."""

from datetime import timedelta

from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.sentinel.alerts import ALERT, ANOMALY, PLAIN_ALERT
from llm_analytics_hub.integrations.sentinel.signature import HEADER, verify_signature
from llm_analytics_hub.integrations.sentinel.telemetry import TELEMETRY
from llm_analytics_hub.integrations.sentinel.webhook import wrapped
from llm_analytics_hub.integrations.wires import Paging, Pull, Signature, Wires


def _is_error(message: Message) -> bool:
    """`{code, message, …}`, or the wrapper `{success, data, error}` without success."""
    document = message.document
    if document.get("success") is False:
        return True
    return {"code", "message"} <= document.keys() and document.keys().isdisjoint({"alert_id", "id"})


_ALERTS = (ALERT, ANOMALY, PLAIN_ALERT)


def _rows(path: str) -> Pull:
    """`total_count` is the number of rows of the page; `start` counts only beside `end`."""
    return Pull(
        path,
        Paging.OFFSET,
        limit=1000,
        since="start",
        until="end",
        newest="timestamp",
        every=timedelta(minutes=1),
    )


WIRES = Wires(
    signature=Signature(HEADER, verify_signature),
    exchange="sentinel.alerts",
    routing_keys=("alert.*",),
    topics=("llm.telemetry",),
    pulls={
        # No notice is taken of `offset` here: what one page cannot hold is not shown.
        "anomalies": _rows("/api/v1/anomalies"),
        "telemetry": _rows("/api/v1/telemetry"),
    },
)

SENTINEL = Integration(
    name="sentinel",
    shapes=(*_ALERTS, wrapped(_ALERTS), TELEMETRY),
    pages=("data", "anomalies"),
    is_error=_is_error,
    wires=WIRES,
)
