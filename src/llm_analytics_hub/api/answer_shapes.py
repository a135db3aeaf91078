"""Shapes of the answers to questions and lists, as JSON Schema, by the operations that give them."""

from collections.abc import Mapping
from typing import Any

from llm_analytics_hub.query.formats.format import Format

Json = dict[str, Any]

_TEXT = {"type": "string"}
_WHOLE = {"type": "integer"}
_NUMBER = {"type": "number"}
_CURSOR = {"type": ["string", "null"], "description": "of the next page; null on the last"}
_MOMENT = {"type": "string", "description": "UTC, with microseconds", "examples": ["2025-11-19T10:00:00.123456Z"]}  # fmt: skip
_SPAN = {"type": "object", "required": ["from", "to"], "properties": {"from": _TEXT, "to": _TEXT}}


def _object(needed: Mapping[str, Any], **more: Any) -> Json:
    return {"type": "object", "required": list(needed), "properties": {**needed, **more}}


def _many(name: str) -> Json:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


def _page(member: str, of: str, **more: Any) -> Json:
    return _object({member: _many(of), "next_cursor": _CURSOR, **more})


_META = _object(
    {"elapsed_ms": _NUMBER, "engine_ms": _NUMBER, "rows_read": _WHOLE},
    table=_TEXT, has_more={"type": "boolean"}, cached={"type": "boolean"},
    time_range=_SPAN, compared_with=_SPAN,
    truncated={"type": "boolean", "description": "of SQL: whether the limit cut rows off"},
)  # fmt: skip
_COLUMN = _object({"name": _TEXT, "type": _TEXT}, unit=_TEXT)
_ROWS = {"type": "array", "items": {"type": "array"}, "description": "as many values as columns; null is unknown"}  # fmt: skip
_ROLLUP = _object({"table": _TEXT, "why_not": {"type": "array", "items": _TEXT}})

SHAPES: Mapping[str, Json] = {
    "Answer": _object({"columns": {"type": "array", "items": _COLUMN}, "rows": _ROWS, "meta": _META}),
    "Analysis": _object({"columns": {"type": "array", "items": _COLUMN}, "rows": _ROWS, "meta": {"type": "object"}}),
    "Plan": _object({
        "table": _TEXT, "rows_to_read": {"type": ["integer", "null"]},
        "rollups": {"type": "array", "items": _ROLLUP}, "sql": _TEXT, "args": {"type": "object"},
        "limits": {"type": "object"},
    }),
    "Event": _object(
        {"source": _TEXT, "stream": _TEXT, "event_id": _TEXT, "event_type": _TEXT,
         "occurred_at": _MOMENT, "received_at": _MOMENT},
        attributes={}, children=_many("Event"),
    ),
    "EventPage": _page("events", "Event"),
    "TraceLine": _object({"trace_id": _TEXT, "started_at": _MOMENT, "duration_ms": _NUMBER, "events": _WHOLE}),
    "TracePage": _page("traces", "TraceLine"),
    "Trace": _object({"trace_id": _TEXT, "spans": _WHOLE, "roots": _many("Event")}),
    "Asset": _object({"asset_id": _TEXT}, asset_name=_TEXT, version=_TEXT, tags={"type": "array"}, metadata={}),
    "AssetPage": _page("assets", "Asset"),
    "VersionPage": _page("versions", "Asset", asset_id=_TEXT),
    "Content": _object({"event_id": _TEXT, "source": _TEXT, "stream": _TEXT, "content_id": _TEXT, "content": {}}),
    "MetricPoints": _object({"metric": _TEXT, "points": {"type": "array", "items": {"type": "object"}}}),
    "MetricQuantile": _object({"metric": _TEXT, "level": _NUMBER, "value": {"type": ["number", "null"]}}),
    "Export": _object(
        {"id": _TEXT, "what": _TEXT, "format": _TEXT, "made_at": _TEXT, "question": {"type": "object"},
         "destination": _TEXT, "status": {"type": "string", "enum": ["queued", "running", "done", "failed"]},
         "rows": _WHOLE},
        percent=_NUMBER, bytes=_WHOLE, sha256=_TEXT, data=_TEXT,
    ),
    "Exports": _object({"exports": _many("Export")}),
}  # fmt: skip

_ASSET_PATHS = ("/api/v1/assets", "/api/v1/integrations/registry/assets")

WHOLE: Mapping[str, str] = {
    "POST /api/v1/query": "Answer",
    "GET /api/v1/query": "Answer",
    "POST /api/v1/query/explain": "Plan",
    "POST /api/v1/sql": "Answer",
    "POST /api/v1/analyze": "Analysis",
    "GET /api/v1/events": "EventPage",
    "POST /api/v1/events/search": "EventPage",
    "GET /api/v1/events/{event_id}/content": "Content",
    "GET /api/v1/traces": "TracePage",
    "GET /api/v1/traces/{trace_id}": "Trace",
    **{f"GET {path}": "AssetPage" for path in _ASSET_PATHS},
    **{f"GET {path}/{{asset_id}}": "Asset" for path in _ASSET_PATHS},
    **{f"GET {path}/{{asset_id}}/versions": "VersionPage" for path in _ASSET_PATHS},
    "GET /api/v1/metrics/points": "MetricPoints",
    "GET /api/v1/metrics/quantile": "MetricQuantile",
    "GET /api/v1/exports": "Exports",
    "POST /api/v1/exports": "Export",
    "GET /api/v1/exports/{export_id}": "Export",
}
"""The shape of an operation's JSON answer."""

_BYTES = {"schema": {"type": "string", "format": "binary"}}
_ROWS_OF = {form.media_type: _BYTES for form in Format}
OTHERS: Mapping[str, Json] = {
    "POST /api/v1/query": _ROWS_OF,
    "GET /api/v1/query": _ROWS_OF,
    "POST /api/v1/sql": {Format.ARROW.media_type: _BYTES},
    "GET /api/v1/exports/{export_id}/data": _ROWS_OF,
    "GET /api/v1/graphql/schema": {"text/plain": {"schema": _TEXT}},
}
"""What else an operation answers in, or in place of JSON."""

_FILE_PART: Json = {"description": "the part that `Range` names", "content": _ROWS_OF}
_NOT_CHANGED: Json = {"description": "the answer is the one that `If-None-Match` names"}
STATUSES: Mapping[str, Mapping[str, Json]] = {
    "GET /api/v1/query": {"304": _NOT_CHANGED},
    "GET /api/v1/exports/{export_id}/data": {
        "206": _FILE_PART,
        "304": _NOT_CHANGED,
        "416": {"description": "the file has no such part"},
    },
}
"""Other statuses of an operation that are no errors."""
