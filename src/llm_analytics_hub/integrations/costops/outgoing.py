"""What the hub tells CostOps: UsageBaseline, HistoricalCurve, ForecastingCluster, and usage reports.

Members are exact: CostOps parses the first three strictly. Money is US dollars, as JSON numbers.
The formulas are in `series` and `clusters`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.integrations import clusters, series
from llm_analytics_hub.integrations.usage import (
    Member,
    Period,
    Point,
    Scope,
    Usage,
    in_order,
    summed,
)
from llm_analytics_hub.integrations.writing import in_milliseconds, in_utc, report_id, time_range

Json = dict[str, object]

STEPS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1)}


def usage_baseline(
    baseline_id: str, periods: Sequence[Period], granularity: str, scope: Scope, now: datetime
) -> Json:
    """UsageBaseline of periods of one length, in any order; trend and season are those of tokens.

    Raises: InvalidInputError, code `unknown_granularity` for none of hourly, daily, weekly,
    `too_few_periods` for under two, of which no deviation can be told.
    """
    step, ordered = _step(granularity), in_order(periods)
    tokens = [float(one.tokens) for one in ordered]
    season = series.seasonality(tokens, granularity)
    return {
        "baseline_id": baseline_id,
        "start_time": in_utc(ordered[0].start),
        "end_time": in_utc(ordered[-1].start + step),
        "granularity": granularity,
        **_scoped(scope),
        **_spread(tokens, [float(one.cost) for one in ordered]),
        "trend_direction": series.trend(tokens).direction,
        "seasonality_detected": season is not None,
        "seasonality_period": season,
        "computed_at": in_utc(now),
    }


def historical_curve(
    curve_id: str, metric: str, points: Sequence[Point], window: timedelta, scope: Scope,
    *, upper: Sequence[Point] | None = None, lower: Sequence[Point] | None = None,
    confidence: float | None = None,
) -> Json:  # fmt: skip
    """HistoricalCurve of `metric` (`token_usage`, `cost`, `latency`), each point of one `window`.

    Raises: InvalidInputError, code `too_few_periods` for no point, which CostOps refuses.
    """
    if not points:
        raise InvalidInputError("a curve without a point", code="too_few_periods")
    return {
        "curve_id": curve_id,
        "metric_type": metric,
        "data_points": _points(points),
        "upper_bound": None if upper is None else _points(upper),
        "lower_bound": None if lower is None else _points(lower),
        "confidence_level": confidence,
        **_scoped(scope),
        "window_seconds": int(window.total_seconds()),
    }


def forecasting_cluster(
    cluster_id: str, name: str, members: Sequence[Member], now: datetime,
    *, others: Sequence[clusters.Vectors] = (), hours: Sequence[Period] = (),
) -> Json:  # fmt: skip
    """ForecastingCluster: means are of a member's day; trend, growth and season of all summed up.

    `others` are the features of the other clusters, for the silhouette; `hours` the cluster's
    hours, if known. Distributions are shares of tokens, hours and days UTC, Monday first. Growth is
    from the first day to the last, in percent of the mean.
    Raises: InvalidInputError, code `too_few_periods` for under two days.
    """
    each = [day for member in members for day in member.days]
    days = summed(each)
    trend = series.trend([day.tokens for day in days])
    features = [member.features for member in members]
    return {
        "cluster_id": cluster_id,
        "cluster_name": name,
        "member_count": len(members),
        "centroid": clusters.centroid(features),
        "mean_daily_tokens": series.mean([day.tokens for day in each]),
        "mean_daily_cost": series.mean([float(day.cost) for day in each]),
        "growth_rate_percent": trend.growth_percent,
        "dominant_trend": trend.direction,
        "dominant_seasonality": series.seasonality([day.tokens for day in days], "daily"),
        "hourly_distribution": _shares(hours, lambda moment: moment.hour, 24),
        "daily_distribution": _shares(days, datetime.weekday, 7),
        "silhouette_score": clusters.silhouette(features, others),
        "cohesion": clusters.cohesion(features),
        "computed_at": in_utc(now),
    }


def usage_report(start: datetime, end: datetime, usage: Mapping[str, Usage], now: datetime) -> Json:
    """The usage report of a period, by model; its totals are their sums.

    The documents name this report and give no schema: the shape is ours, after the compliance one.
    """
    by_model = {
        model: {"requests": one.requests, "tokens": one.tokens} for model, one in usage.items()
    }
    totals = {
        "totalRequests": sum(one.requests for one in usage.values()),
        "totalTokens": sum(one.tokens for one in usage.values()),
    }
    return {
        "reportId": report_id("use", end),
        "timestamp": in_milliseconds(now),
        "timeRange": time_range(start, end),
        "usage": {**totals, "byModel": by_model},
    }


def _scoped(scope: Scope) -> Json:
    return {
        "organization_id": scope.organization_id,
        "provider": scope.provider,
        "model": scope.model,
    }


def _spread(tokens: series.Series, costs: series.Series) -> Json:
    ranks = {f"p{rank}": rank for rank in (50, 90, 99)}
    return {
        "mean_tokens_per_period": series.mean(tokens),
        "std_dev_tokens": series.deviation(tokens),
        "mean_cost_per_period": series.mean(costs),
        "std_dev_cost": series.deviation(costs),
        **{f"{name}_tokens": round(series.percentile(tokens, r)) for name, r in ranks.items()},
        **{f"{name}_cost": series.percentile(costs, r) for name, r in ranks.items()},
    }


def _points(points: Sequence[Point]) -> list[Json]:
    ordered = sorted(points, key=lambda point: point.at)
    return [
        {"timestamp": in_utc(one.at), "value": float(one.value), "count": one.count}
        for one in ordered
    ]


def _shares(
    periods: Sequence[Period], place: Callable[[datetime], int], size: int
) -> list[float] | None:
    sums = [0] * size
    for one in periods:
        sums[place(one.start.astimezone(UTC))] += one.tokens
    return series.shares(sums)


def _step(granularity: str) -> timedelta:
    if granularity not in STEPS:
        text = f"granularity {granularity[:80]!r} is none of {', '.join(STEPS)}"
        raise InvalidInputError(text, code="unknown_granularity")
    return STEPS[granularity]
