"""An anomaly that was found, in the three forms in which it is told.

Its id is the alert's on every way, so that a queue, a webhook and a page that tell of the same one
tell of one event. What was measured is the event's value with its unit: a cost is not spent, and
tokens are not used, a second time by being reported.
"""

from collections.abc import Iterable

from llm_analytics_hub.integrations.integration import Shape, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.metric_names import unit_of
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    constant,
    custom,
    first_of,
    read,
    renamed,
    required_object,
)

DETECTED = "anomaly.detected"

COLUMNS: Columns = {
    "event_type": constant(DETECTED),
    "event_id": "alert_id",
    "occurred_at": "timestamp",
    "severity": "severity",
    "service": ("service_name", "service"),
    "model": ("model", "context.model_version"),
    "score": ("confidence", "analysis.confidence_score"),
    "value": ("details.value", "metrics.current_value"),
    "unit": lambda reading: unit_of(reading.see("details.metric")),
    "trace_id": "context.trace_id",
    "user_id": "context.user_id",
    "region": "context.region",
}
"""The second paths are of the alert that the module's documents describe and its code does not send."""

NAMES: Columns = {
    "anomaly_type": custom("anomaly_type"),
    "detection_method": custom("detection_method"),
    "baseline": ("details.baseline", "metrics.baseline_value"),
    "details_additional": "details.additional",
    "context_additional": "context.additional",
}


def anomaly(message: Message) -> Iterable[Row]:
    """The anomaly of a message; numbers that were not finite come as null and stay unknown."""
    reading = Reading(message.document)
    row = read(reading, COLUMNS)
    renamed(reading, NAMES)
    reading.open("details", "context", "metrics", "analysis")
    return [with_rest(row, _filled(reading.rest))]


def _filled(rest: Row) -> Row:
    """Without the lists and objects that are always sent and mostly empty."""
    return {name: value for name, value in rest.items() if value not in ([], {})}


def alert(message: Message) -> Iterable[Row]:
    """The anomaly in an alert, with title, description and tags; the alert may have another id."""
    document = dict(message.document)
    inner = required_object(document.pop("anomaly") or {}, "anomaly")
    if inner.get("alert_id") not in (None, document["alert_id"]):
        document["outer_alert_id"] = document["alert_id"]
    return anomaly(Message({**document, **inner}, message.received_at, message.subject))


PLAIN_COLUMNS: Columns = {
    "event_type": constant(DETECTED),
    "event_id": "id",
    "occurred_at": "timestamp",
    "severity": "severity",
    "service": first_of("affected_resources"),
    "score": "anomaly_score",
}


def plain_alert(message: Message) -> Iterable[Row]:
    """An alert as the incident manager expects it; the first resource it affects is the service."""
    reading = Reading(message.document)
    row = read(reading, PLAIN_COLUMNS)
    renamed(reading, {"anomaly_type": "category"})
    reading.open("metadata")
    return [with_rest(row, _filled(reading.rest))]


ALERT = Shape("alert with its anomaly", has("alert_id", "anomaly"), alert)
ANOMALY = Shape("anomaly", has("alert_id"), anomaly)
PLAIN_ALERT = Shape("alert of the incident manager", has("id", "severity", "category"), plain_alert)
