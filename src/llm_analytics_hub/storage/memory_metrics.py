"""Metric points in memory: lists, histograms, and what was counted."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa

from llm_analytics_hub.model.metric import METRIC_SCHEMA, TOTALS_SCHEMA
from llm_analytics_hub.model.passing import Row
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.storage.interface import MetricState
from llm_analytics_hub.storage.quantile import Histogram


def points(
    rows: Sequence[Row], tenant: str, metric: str, time_range: TimeRange, limit: int
) -> pa.Table:
    """See `MetricReader.metric_points`."""
    found = list(_wanted(rows, tenant, metric, time_range))
    found.sort(key=lambda row: row["point_key"])
    found.sort(key=lambda row: row["occurred_at"], reverse=True)
    return pa.Table.from_pylist(found[:limit], METRIC_SCHEMA)


def histograms(
    rows: Sequence[Row], tenant: str, metric: str, time_range: TimeRange
) -> Iterator[Histogram]:
    """The buckets of the points that have some."""
    for row in _wanted(rows, tenant, metric, time_range):
        if row["bucket_counts"]:
            yield row["bucket_bounds"], row["bucket_counts"]


def state(rows: Sequence[Row], since: datetime, limit: int) -> MetricState:
    """See `MetricReader.metric_state`."""
    keys = [row["point_key"] for row in rows if row["received_at"] >= since]
    seen = [row for row in rows if row["total"] is not None or row["total_count"] is not None]
    last = {row["series"]: row for row in sorted(seen, key=lambda row: row["occurred_at"])}
    newest = sorted(last.values(), key=lambda row: row["occurred_at"])[-limit:]
    return MetricState(np.array(keys, np.uint64), pa.Table.from_pylist(newest, TOTALS_SCHEMA))


def _wanted(rows: Sequence[Row], tenant: str, metric: str, time_range: TimeRange) -> Iterator[Row]:
    for row in rows:
        is_named = row["tenant"] == tenant and row["metric"] == metric
        if is_named and time_range.start <= row["occurred_at"] < time_range.end:
            yield row
