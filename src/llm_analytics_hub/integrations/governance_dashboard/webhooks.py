"""Webhooks, as the module's documentation describes them: `{event, webhook_id?, timestamp, data}`.

`webhook_id` names the subscription, not the delivery, which has its id in a header only. So the id is
derived from the rest: a delivery repeated, or made to two subscriptions, is one event.
"""

import re
from collections.abc import Iterable

from llm_analytics_hub.integrations.integration import Shape, with_rest
from llm_analytics_hub.integrations.message import Document, Message
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, read
from llm_analytics_hub.normalize.identity import derived_id

EVENT_TYPES = {"policy.violation": "violation.detected"}
"""Where the platform's documents have another name; all others keep the module's own."""

UNNAMED = "webhook.received"
"""An event whose name is no name: it stays as `original_type`."""

STATUSES = {
    "auth.login.success": "ok",
    "auth.login.failed": "denied",
    "integration.provider.down": "error",
    "integration.provider.recovered": "ok",
}
STREAMS = {"policy.violation": "policy", "budget": "cost", "cost": "cost"}
"""By whole name, or by its first word."""

COLUMNS: Columns = {
    "original_type": "event",
    "occurred_at": "timestamp",
    "severity": ("data.violation.severity", "data.severity"),
    "policy_id": "data.policy_id",
    "user_id": "data.user_id",
    "account_id": "data.organization_id",
    "session_id": "data.session_id",
    "provider": ("data.provider", "data.context.provider"),
    "model": ("data.model", "data.context.model"),
    "correlation_id": "data.request_id",
}
SHARES = ("data.utilization_percentage", "data.deviation_percentage")
FAILED_LOGIN = "auth.login.failed"
THINGS = {"user": "user_id", "policy": "policy_id"}
"""What the `id` of an event is by the first word of its name."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")


def webhook_events(message: Message) -> Iterable[Row]:
    """The event of a webhook; a share of a budget, or a deviation, is its value."""
    reading = Reading(message.document)
    row = read(reading, COLUMNS)
    name = str(row.get("original_type", "")).strip().lower()
    found = {**_thing(reading, name), **row, **_identity(message.document), **_share(reading)}
    if name == FAILED_LOGIN:
        found["error_type"] = reading.take("data.reason")
    reading.open("data", "violation", "context")
    return [with_rest({**found, **_said_by(name)}, reading.rest)]


def _thing(reading: Reading, name: str) -> Row:
    field = THINGS.get(name.partition(".")[0])
    return {} if field is None else {field: reading.take("data.id")}


def _identity(document: Document) -> Row:
    if document.get("timestamp") is None:
        return {}
    told = {name: document.get(name) for name in ("event", "timestamp", "data")}
    return {"event_id": derived_id(told)}


def _said_by(name: str) -> Row:
    """What the name alone says: type, status and stream."""
    event_type = EVENT_TYPES.get(name, name)
    row: Row = {"event_type": event_type if _NAME.fullmatch(event_type) else UNNAMED}
    stream = STREAMS.get(name) or STREAMS.get(name.partition(".")[0])
    return {**row, "status": STATUSES.get(name), "stream": stream}


def _share(reading: Reading) -> Row:
    value = reading.take(*SHARES)
    return {} if value is None else {"value": value, "unit": "%"}


def _is_webhook(message: Message) -> bool:
    names = message.document.keys()
    return "event" in names and bool(names & {"data", "timestamp"})


WEBHOOK = Shape("webhook", _is_webhook, webhook_events)
