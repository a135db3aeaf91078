"""What happens to assets: the same event as NATS message, as row of the event table, and flat.

The registry's names become the platform's; a name nobody knows stays as `original_type`.
"""

from collections.abc import Iterable

from llm_analytics_hub.integrations.integration import Shape, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, read

EVENT_TYPES = {
    "asset_registered": "asset.registered",
    "asset_updated": "asset.updated",
    "asset_deleted": "asset.deleted",
    "asset_status_changed": "asset.status_changed",
    "asset_downloaded": "asset.downloaded",
    "checksum_verified": "checksum.verified",
    "checksum_failed": "checksum.failed",
    "policy_validated": "policy.validated",
    "dependency_added": "dependency.added",
    "circular_dependency_detected": "circular_dependency.detected",
}
CUSTOM = "registry.custom"
DEPRECATED = "asset.deprecated"
"""What the documents call a change of status to `deprecated`, which is all the registry sends."""

COLUMNS: Columns = {
    "event_id": "event_id",
    "original_type": ("event_type", "type"),
    "occurred_at": "timestamp",
    "correlation_id": "correlation_id",
    "user_id": "actor",
    "asset_id": "asset_id",
    "asset_version": "asset_version",
    "policy_id": "policy_name",
    "region": "context.region",
}


def events(message: Message) -> Iterable[Row]:
    """The event of a message, whichever object holds its particulars."""
    reading = Reading(message.document)
    reading.take("source")
    reading.open("data", "payload", "context", "metadata")
    row = read(reading, COLUMNS)
    kind = reading.take("type") or row.get("original_type")
    reading.open("data")  # a custom event brings a map of its own
    return [with_rest({**row, **_judged(str(kind), reading)}, reading.rest)]


def _judged(kind: str, reading: Reading) -> Row:
    """Type, status and severity: the registry has no severities, and says failure in three ways."""
    event_type = EVENT_TYPES.get(kind, CUSTOM)
    if kind == "asset_status_changed" and reading.see("new_status") == "deprecated":
        event_type = DEPRECATED
    if kind == "checksum_failed" or reading.see("success") is False:
        return {"event_type": event_type, "status": "error", "severity": "high"}
    if reading.see("passed") is False:
        return {"event_type": event_type, "status": "denied", "severity": "medium"}
    return {"event_type": event_type}


STORED_EVENT = Shape("row of registry_events", has("event_type", "payload"), events)
NATS_EVENT = Shape("NATS message", has("event_type", "timestamp", "data"), events)
FLAT_EVENT = Shape("flattened event", has("type", "timestamp"), events)
