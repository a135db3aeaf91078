"""Metric points as columns: what OTLP metrics become; never events, never counted as model calls."""

import pyarrow as pa

from llm_analytics_hub.model.event import MEASURE, MOMENT, TEXT

COUNT = pa.uint64()

KINDS = ("sum", "gauge", "histogram", "exponential_histogram", "summary")
CUMULATIVE, DELTA = "cumulative", "delta"

METRIC_SCHEMA = pa.schema(
    [
        ("tenant", TEXT),
        ("source", TEXT),
        ("metric", TEXT),
        ("unit", TEXT),
        ("kind", TEXT),
        ("temporality", TEXT),
        ("is_monotonic", pa.bool_()),
        ("service", TEXT),
        ("environment", TEXT),
        ("scope", TEXT),
        ("labels", pa.map_(TEXT, TEXT)),
        ("occurred_at", MOMENT),
        ("started_at", MOMENT),
        ("received_at", MOMENT),
        ("value", MEASURE),
        ("count", COUNT),
        ("min", MEASURE),
        ("max", MEASURE),
        ("bucket_bounds", pa.list_(MEASURE)),
        ("bucket_counts", pa.list_(COUNT)),
        ("quantile_levels", pa.list_(MEASURE)),
        ("quantile_values", pa.list_(MEASURE)),
        ("series", pa.uint64()),
        ("point_key", pa.uint64()),
        ("total", MEASURE),
        ("total_count", COUNT),
        ("total_buckets", pa.list_(COUNT)),
        ("expires_on", pa.date32()),
    ]
)
"""Columns of a batch of metric points.

`temporality` is the sender's. Cumulative points that only rise (monotonic sums, histograms,
summaries) are stored as the increase since `started_at`; what the sender's counters stood at is in
`total`, `total_count` and `total_buckets`, so that counting goes on after a restart. Gauges and
sums that may fall are stored as levels, deltas as they came.

`value` is the number of a sum or gauge, and a histogram's or summary's sum; null = unknown.
Bucket i of `bucket_counts` holds what is greater than `bucket_bounds[i-1]` and at most
`bucket_bounds[i]`; there is one more count than bounds. No counts = not known.
`series` names what one instrument sent, `point_key` the point: a point seen again has the same.
"""

TOTALS_SCHEMA = pa.schema(
    [
        METRIC_SCHEMA.field(name)
        for name in ("series", "occurred_at", "total", "total_count", "bucket_bounds",
                     "total_buckets")
    ]
)  # fmt: skip
"""What the counters of cumulative series stood at when last seen."""
