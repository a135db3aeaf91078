"""The three historic envelopes of the platform (WIRE_FORMATS §1) to raw events.

camelCase with `data`, flat snake_case with `payload_type` and `data`, and snake_case with `data`
nested in `payload`. All are read; the hub itself writes none of them.
"""

from collections.abc import Mapping

from llm_analytics_hub.ingest.codecs.body_fields import from_data

Row = Mapping[str, object]

_HEAD = {
    "eventId": "event_id",
    "eventType": "event_type",
    "source_module": "source",
    "sourceModule": "source",
    "timestamp": "occurred_at",
    "schemaVersion": "schema_version",
    "correlationId": "correlation_id",
    "traceId": "trace_id",
    "spanId": "span_id",
    "userId": "user_id",
    "serviceId": "service",
}
ENVELOPE_MEMBERS = frozenset(_HEAD) | {"data", "payload", "payload_type"}
"""Members of an envelope that no canonical event has."""

_LABELS = ("attributes", "metadata", "tags")
_OPENED = frozenset({"data", "payload", "payload_type", *_LABELS})
_KINDS = ("telemetry_type", "security_type", "cost_type", "governance_type", "custom_type")
"""Members that name the variant of a payload."""


def from_envelope(row: Row) -> Row:
    """The raw event in an envelope; a canonical event comes back unchanged."""
    if not row.keys() & ENVELOPE_MEMBERS:
        return row
    data, kind = _body(row)
    head = {_HEAD.get(name, name): value for name, value in row.items() if name not in _OPENED}
    if "eventType" in row and "version" in head:
        head["schema_version"] = head.pop("version")
    names = _type(row, data, kind)
    extra = _labels(row) | _beside(row)
    if kind is not None and not names:
        extra["payload_type"] = kind
    return from_data(data, extra=extra) | _region(row) | head | names


def _body(row: Row) -> tuple[Mapping[str, object], object]:
    """The data of an envelope and the kind of payload it says it is."""
    payload = row.get("payload")
    if isinstance(payload, dict):
        data = payload.get("data", payload)
        return (data if isinstance(data, dict) else {"data": data}), payload.get("payload_type")
    data = row.get("data")
    if data is None or isinstance(data, dict):
        return data or {}, row.get("payload_type")
    return {"data": data}, row.get("payload_type")


def _labels(row: Row) -> dict[str, object]:
    labels: dict[str, object] = {}
    for name in _LABELS:
        value = row.get(name)
        if isinstance(value, dict):
            labels |= value
        elif value is not None:
            labels[name] = value
    return labels


def _beside(row: Row) -> dict[str, object]:
    """What lies in the wrapping beside the data, and a payload that wraps nothing."""
    payload = row.get("payload")
    if not isinstance(payload, dict):
        return {} if payload is None else {"payload": payload}
    inside = payload if "data" in payload else {}
    beside = {name: inside[name] for name in inside if name not in {"data", "payload_type"}}
    return beside if row.get("data") is None else {**beside, "data": row["data"]}


def _region(row: Row) -> dict[str, object]:
    region = _labels(row).get("region")
    return {"region": region} if isinstance(region, str) else {}


def _type(row: Row, data: Mapping[str, object], kind: object) -> dict[str, object]:
    """The dotted type of an event whose envelope only names a category."""
    variant = next((data[name] for name in _KINDS if isinstance(data.get(name), str)), None)
    category = kind if isinstance(kind, str) else row.get("event_type")
    if not isinstance(category, str) or variant is None:
        return {}
    return {
        "event_type": f"{category}.{variant}",
        "original_type": row.get("event_type", row.get("eventType")),
    }
