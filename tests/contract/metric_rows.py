"""Metric points as every store takes them."""

from datetime import timedelta
from typing import Any

import pyarrow as pa

from llm_analytics_hub.model.metric import METRIC_SCHEMA
from llm_analytics_hub.storage.interface import EventStore, Table

from .strategies import NOON

Row = dict[str, Any]


def point(tenant: str, number: int, **columns: Any) -> Row:
    """A gauge's point, `number` seconds after noon."""
    return {
        "tenant": tenant, "source": "observatory", "metric": "m", "unit": None, "kind": "gauge",
        "temporality": None, "is_monotonic": False, "service": None, "environment": None,
        "scope": None, "labels": [], "occurred_at": NOON + timedelta(seconds=number),
        "started_at": None, "received_at": NOON, "value": None, "count": None, "min": None,
        "max": None, "bucket_bounds": [], "bucket_counts": [], "quantile_levels": [],
        "quantile_values": [], "series": 1, "point_key": number, "total": None,
        "total_count": None, "total_buckets": [], "expires_on": (NOON + timedelta(7)).date(),
    } | columns  # fmt: skip


def histogram(tenant: str, number: int, bounds: list[float], counts: list[int]) -> Row:
    return point(tenant, number, kind="histogram", bucket_bounds=bounds, bucket_counts=counts)


def write(store: EventStore, rows: list[Row]) -> None:
    store.write({Table.METRICS: pa.RecordBatch.from_pylist(rows, METRIC_SCHEMA)})
