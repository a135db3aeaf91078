"""SQL of metric points."""

from datetime import datetime

from llm_analytics_hub.model.metric import METRIC_SCHEMA, TOTALS_SCHEMA
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.storage.clickhouse.conditions import occurred_in
from llm_analytics_hub.storage.clickhouse.statement import Arguments, Statement

_DAYS = {"expires_on": "toDate32(expires_on) AS expires_on"}


def render_points(tenant: str, metric: str, time_range: TimeRange, limit: int) -> Statement:
    """The newest points of `metric`, all columns."""
    args = Arguments()
    columns = ", ".join(_DAYS.get(name, name) for name in METRIC_SCHEMA.names)
    sql = (
        f"SELECT {columns} FROM metrics WHERE {_scope(tenant, metric, time_range, args)} "
        f"ORDER BY toStartOfHour(occurred_at) DESC, occurred_at DESC, point_key LIMIT {int(limit)}"
    )
    return Statement(sql, args.values)


def render_histograms(tenant: str, metric: str, time_range: TimeRange) -> Statement:
    """Bucket bounds and the sums of their counts, once for each set of bounds."""
    args = Arguments()
    sql = (
        "SELECT bucket_bounds, sumForEach(bucket_counts) AS counts FROM metrics "
        f"WHERE {_scope(tenant, metric, time_range, args)} AND notEmpty(bucket_counts) "
        "GROUP BY bucket_bounds"
    )
    return Statement(sql, args.values)


def render_point_keys(since: datetime) -> Statement:
    """The keys of all tenants' points received from `since` on."""
    args = Arguments()
    sql = f"SELECT point_key FROM metrics WHERE received_at >= {args.moment(since)}"
    return Statement(sql, args.values)


def render_totals(limit: int) -> Statement:
    """Of each cumulative series its newest point; the newest series, oldest first."""
    columns = ", ".join(TOTALS_SCHEMA.names)
    sql = (
        f"SELECT {columns} FROM (SELECT {columns} FROM metrics "
        "WHERE isNotNull(total) OR isNotNull(total_count) "
        f"ORDER BY occurred_at DESC LIMIT 1 BY series LIMIT {int(limit)}) ORDER BY occurred_at"
    )
    return Statement(sql, {})


def _scope(tenant: str, metric: str, time_range: TimeRange, args: Arguments) -> str:
    return (
        f"tenant = {args.text(tenant)} AND metric = {args.text(metric)} "
        f"AND {occurred_in(time_range, args)}"
    )
