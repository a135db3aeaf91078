"""How a question looks, for the description of the API: its body, and the parameters of a short one."""

from typing import Any, get_args

from llm_analytics_hub.query.body import Comparison, QueryBody

_TEXT = {"type": "string", "maxLength": 4096}
_TEXTS = {"type": "array", "items": _TEXT}


def _inlined(schema: Any, parts: dict[str, Any]) -> Any:
    """A schema with its parts in place, for it stands outside of the document's components."""
    if isinstance(schema, list):
        return [_inlined(one, parts) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(parts[schema["$ref"].rpartition("/")[2]], parts)
    return {name: _inlined(one, parts) for name, one in schema.items() if name != "$defs"}


def _body() -> dict[str, Any]:
    schema = QueryBody.model_json_schema(by_alias=True)
    found: dict[str, Any] = _inlined(schema, schema.get("$defs", {}))
    return found


def _parameter(name: str, schema: dict[str, Any], means: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": means, **more}


ASKED: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": _body()}}}
}
ASKED_BRIEFLY: dict[str, Any] = {
    "parameters": [
        _parameter("measures", _TEXTS, "names, with commas between", required=True, explode=False),
        _parameter("dimensions", _TEXTS, "names, with commas between", explode=False),
        _parameter("last", _TEXT, "time range up to now: 15m, 24h, 7d, 4w"),
        _parameter("period", _TEXT, "time range of the calendar: today, last_month, …"),
        _parameter("from", _TEXT, "start of the time range, included"),
        _parameter("to", _TEXT, "end of the time range, excluded"),
        _parameter("granularity", _TEXT, "minute, 5m, 15m, hour, day, week or month"),
        _parameter("time_zone", _TEXT, "whose days and hours, such as Europe/Berlin"),
        _parameter(
            "where", _TEXTS, "model=gpt-4o, latency_ms>100, status in error,denied; all hold"
        ),
        _parameter("having", _TEXTS, "cost_usd>10: conditions on the measures of the answer"),
        _parameter(
            "order_by", _TEXTS, "columns, with commas between; cost_usd:desc", explode=False
        ),
        _parameter("limit", {"type": "integer", "minimum": 1, "maximum": 10_000}, "most rows"),
        _parameter("top", _TEXT, "model:5 or model:5:cost_usd; all others are one row"),
        _parameter("compare", {"type": "string", "enum": list(get_args(Comparison))}, "with what"),
        _parameter("fill_gaps", {"type": "boolean"}, "a row for every bucket"),
        _parameter("format", _TEXT, "json, csv, jsonl, arrow, parquet or xlsx"),
    ]
}
