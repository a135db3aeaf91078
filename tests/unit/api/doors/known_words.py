"""A description of the API whose texts are words that a planted hub knows: else all is refused."""

import copy
from collections.abc import Mapping
from typing import Any

from llm_analytics_hub.api.answer_shapes import SHAPES

from .planted import ASSETS, TRACE
from .questions import WEEK, has

Json = dict[str, Any]


def _one_of(*values: Any) -> Json:
    return {"enum": list(values)}


def _some_of(*values: Any, least: int = 0) -> Json:
    return {"type": "array", "items": _one_of(*values), "minItems": least, "maxItems": 2}


_MEASURES = ("requests", "cost_usd", "latency_ms_p95", "error_rate", "users")
_DIMENSIONS = ("model", "provider", "asset.owner", "attributes.team.name")
_FILTER = (
    has("model", "prefix", "default-m"), {"or": [has("status", "in", ["ok", "error"])]},
    {"not": has("attributes.size", "ge", 5)}, has("latency_ms", "exists"),
)  # fmt: skip

_PLAIN: Mapping[str, Json] = {
    "granularity": _one_of("hour", "day", "week", "month"),
    "time_zone": _one_of("UTC", "Europe/Berlin", "Asia/Kathmandu"),
    "limit": {"type": "integer", "minimum": 1, "maximum": 20},
    "metric": _one_of("requests", "cost_usd", "gen_ai.load"),
    "period": _one_of("today", "last_week", "this_month"),
    "last": _one_of("7d", "24h"),
}
BODIES: Mapping[str, Json] = {
    **_PLAIN,
    "measures": _some_of(*_MEASURES, least=1),
    "dimensions": _some_of(*_DIMENSIONS),
    "filters": _some_of(*_FILTER),
    "having": _some_of(has("requests", "gt", 1)),
    "order_by": {"type": "array", "maxItems": 0},
    "top": _one_of({"dimension": "model", "limit": 2}),
    "time_range": _one_of(WEEK, {"last": "3d"}, {"period": "last_week"}),
    "what": _one_of("events"),
    "sql": _one_of("SELECT model, sum(cost_usd) FROM events GROUP BY model", "SELECT * FROM assets", "SELECT 1, now(), [1], map('a', 1)"),
}  # fmt: skip
PARAMETERS: Mapping[str, Json] = {
    **_PLAIN,
    "measures": _some_of(*_MEASURES, least=1),
    "dimensions": _some_of(*_DIMENSIONS),
    "where": _some_of("model^=default-m", "latency_ms>10", "status in ok,error"),
    "having": _some_of("requests>1"),
    "order_by": {"type": "array", "items": _one_of("requests:desc"), "maxItems": 0},
    "top": _one_of("model:2"),
    "format": _one_of("json", "csv", "jsonl", "arrow", "parquet", "xlsx"),
    "from": _one_of("2025-11-11T00:00:00Z", "2025-11-18"),
    "to": _one_of("2025-11-20"),
    "trace_id": _one_of(TRACE.format(1), "no"),
    "asset_id": _one_of(*ASSETS, "no"),
    "event_id": _one_of("shared-e1", "shared-a1", "no"),
    "level": {"type": "number", "minimum": 0, "maximum": 1},
}
_ONE_RANGE = ("last", "period")


def in_known_words(schema: Json) -> Json:
    """`schema` with such words in place of any text."""
    found = copy.deepcopy(schema)
    for item in found["paths"].values():
        for operation in item.values():
            _use_parameters(operation)
            _use_bodies(operation.get("requestBody", {}))
    parts = found["components"]["schemas"]
    for name in parts.keys() - SHAPES.keys():
        _use_bodies(parts[name])
    for name in ("question", "columns", "destination", "prefix"):
        parts["ExportBody"]["properties"].pop(name)
    return found


def _use_parameters(operation: Json) -> None:
    given = operation["parameters"]
    names = {one["name"] for one in given}
    if {"from", "last"} <= names:  # one way to say the time
        given[:] = [one for one in given if one["name"] not in _ONE_RANGE]
    for one in given:
        if one["name"] in PARAMETERS and one["name"] in names:
            one["schema"] = PARAMETERS[one["name"]]
            one["required"] = one.get("required", False) or one["name"] in ("from", "to")


def _use_bodies(part: Any) -> None:
    if isinstance(part, list):
        for one in part:
            _use_bodies(one)
    if not isinstance(part, dict):
        return
    members = part.get("properties", {})
    for name in members.keys() & BODIES.keys():
        members[name] = BODIES[name]
    for one in part.values():
        _use_bodies(one)
