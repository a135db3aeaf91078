"""Numbers over time: points of the storage's metrics, buckets of the metrics API, enriched metrics."""

from collections.abc import Iterable, Iterator

from llm_analytics_hub.integrations.integration import Shape, by_table, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.metric_names import unit_of
from llm_analytics_hub.integrations.providers import provider
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    constant,
    read,
    renamed,
)
from llm_analytics_hub.normalize.number import read_number

COLLECTED = "metrics.collected"

PARTIES: Columns = {
    "provider": provider("provider"),
    "model": "model",
    "environment": "environment",
    "user_id": "user_id",
    "session_id": "session_id",
}
_METRIC_NAMES = ("metric_name", "metricName", "metric", "name")

POINT_COLUMNS: Columns = {
    "event_type": constant(COLLECTED),
    "event_id": "id",
    "occurred_at": "timestamp",
    "value": "value",
    "service": "service_name",
}
NAMES: Columns = {"metric": _METRIC_NAMES, "stored_at": "created_at"}


def point(message: Message) -> Iterable[Row]:
    """A point of a stored metric; its unit is that of the metric's row, where somebody joined it."""
    reading = Reading(message.document)
    row = read(reading, POINT_COLUMNS)
    renamed(reading, NAMES)
    row["unit"] = reading.take("unit") or unit_of(reading.see("metric"))
    reading.rest["overflow_count"] = _overflow(reading)
    reading.open("attributes")
    return [with_rest({**row, **read(reading, PARTIES)}, reading.rest)]


def _overflow(reading: Reading) -> int | None:
    """How many values lie above the last boundary: buckets leave them out, the count does not."""
    buckets, count = reading.see("buckets"), read_number(reading.see("count"))
    if not isinstance(buckets, list) or count is None:
        return None
    counts = [read_number(one.get("count")) for one in buckets if isinstance(one, dict)]
    known = [one for one in counts if one is not None and one.is_finite()]
    return int(count - sum(known)) if count.is_finite() and len(known) == len(buckets) else None


def bucket(message: Message) -> Iterator[Row]:
    """One event for each number of a bucket: its columns are named after metrics."""
    reading = Reading(message.document)
    of_all = {"event_type": COLLECTED, **read(reading, {"occurred_at": "timestamp", **PARTIES})}
    rest = {name: value for name, value in reading.rest.items() if not _is_number(value)}
    for metric, value in reading.rest.items():
        if _is_number(value):
            row = {**of_all, "original_type": metric, "value": value, "unit": _unit(metric)}
            yield with_rest(row, {**rest, "metric": metric})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unit(metric: str) -> str | None:
    return _UNITS.get(metric) or unit_of(metric)


_UNITS = {
    **dict.fromkeys(("total_prompt_cost", "total_completion_cost", "total_cost"), "USD"),
    **dict.fromkeys(("request_count", "error_count", "success_count"), "count"),
    **dict.fromkeys(("unique_users", "unique_sessions"), "count"),
    "success_rate": "ratio",
    "throughput": "per_second",
}
_NO_BUCKET = frozenset(
    {"trace_id", "span_id", "event_id", "eventId", "event_type", "eventType", "type", "id", "data"}
)


def _is_bucket(message: Message) -> bool:
    """A time, dimensions as text and metrics as numbers, and nothing else."""
    document = message.document
    if "timestamp" not in document or document.keys() & _NO_BUCKET:
        return False
    values = [value for name, value in document.items() if name != "timestamp"]
    plain = all(value is None or isinstance(value, str) or _is_number(value) for value in values)
    return plain and any(map(_is_number, values))


def described(message: Message) -> Iterable[Row]:
    """What a metric is: one event for each state of its row."""
    reading = Reading(message.document)
    row = read(reading, {"service": "service_name", "occurred_at": "updated_at"})
    row["event_id"] = f"{reading.see('id')}@{row.get('occurred_at')}"
    renamed(reading, {"metric": "name", "metric_id": "id", "metric_unit": "unit"})
    return [with_rest({"event_type": "metric.described", **row}, reading.rest)]


ENRICHED_COLUMNS: Columns = {
    "event_type": constant(COLLECTED),
    "occurred_at": "timestamp",
    "asset_id": "assetId",
    "asset_version": "version",
    "score": "performanceScore",
    "value": "requestCount",
    "unit": constant("requests"),
}
ENRICHED_NAMES: Columns = {
    "asset_name": "assetName",
    "avg_latency": "avgLatency",
    "cost_per_request": "costPerRequest",
}
"""The document gives neither the unit of the latency nor the scale of the score."""


enriched = by_table(ENRICHED_COLUMNS, names=ENRICHED_NAMES)
"""Numbers of an asset as the documents describe them."""


def _is_point(message: Message) -> bool:
    """A row of the storage, or a metric that is named with its value."""
    names = message.document.keys()
    is_named = "value" in names and not names.isdisjoint(_METRIC_NAMES)
    return "timestamp" in names and ("metric_id" in names or is_named)


POINT = Shape("point of a metric", _is_point, point)
METRIC = Shape("metric", has("id", "name", "metric_type"), described)
BUCKET = Shape("bucket of metrics", _is_bucket, bucket)
ENRICHED = Shape("enriched metric", has("assetId", "requestCount"), enriched)
