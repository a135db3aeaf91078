"""CloudEvents 1.0 (JSON format, structured and batched) to raw events."""

import re
from collections.abc import Mapping
from datetime import datetime

from llm_analytics_hub.ingest.codecs.body_fields import from_data
from llm_analytics_hub.model.stream import SOURCE_SPELLINGS

Row = Mapping[str, object]

_CONTEXT = frozenset({
    "specversion", "id", "source", "type", "time", "subject", "datacontenttype", "dataschema",
    "data", "data_base64", "traceparent",
})  # fmt: skip
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_NOT_A_NAME = re.compile(r"[^a-z0-9._-]+")


def is_cloud_event(row: Row) -> bool:
    """Whether an object says it is a CloudEvent."""
    return "specversion" in row


def from_cloud_event(row: Row, received_at: datetime) -> Row:
    """The raw event in a CloudEvent. `time` is optional there: without it, the time of arrival.

    Source: CloudEvents 1.0.2, "Context Attributes"; distributed tracing extension.
    """
    data = row.get("data")
    body = data if isinstance(data, dict) else ({} if data is None else {"data": data})
    extra = {name: value for name, value in row.items() if name not in _CONTEXT}
    if isinstance(row.get("data_base64"), str):
        extra["data_base64"] = row["data_base64"]
    if isinstance(row.get("subject"), str):
        extra["subject"] = row["subject"]
    return from_data(body, extra=extra) | _context(row, received_at) | _trace(row)


def _context(row: Row, received_at: datetime) -> dict[str, object]:
    source, moment = row.get("source"), row.get("time")
    return {
        "event_id": row.get("id"),
        "source": _source_name(source) if isinstance(source, str) else source,
        "event_type": row.get("type"),
        "occurred_at": received_at if moment is None else moment,
        "schema_version": row.get("specversion"),
    }


def _source_name(uri: str) -> str:
    """The module a source URI names, else the URI as a name."""
    words = [word for word in re.split(r"[/:#?.]+", uri.lower()) if word]
    known = [SOURCE_SPELLINGS[word] for word in words if word in SOURCE_SPELLINGS]
    return known[-1] if known else _NOT_A_NAME.sub("-", uri.lower()).strip("-._")


def _trace(row: Row) -> dict[str, object]:
    found = _TRACEPARENT.fullmatch(str(row.get("traceparent", "")))
    return {"trace_id": found.group(1), "parent_span_id": found.group(2)} if found else {}
