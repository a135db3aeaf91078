"""Accounts in clusters: those whose tokens a day go the same way are together.

A rule, and no algorithm: the trend of an account's days (`series.trend`) names its cluster. An
account's features are log10(1 + mean tokens a day), and its growth over the window as a ratio.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from llm_analytics_hub.errors import NotFoundError
from llm_analytics_hub.feedback.questions import Filter, Row, one_of, same
from llm_analytics_hub.feedback.told import Told, costs_told, tokens_told
from llm_analytics_hub.feedback.usage_periods import Series
from llm_analytics_hub.integrations import series as numbers
from llm_analytics_hub.integrations.costops.outgoing import Json, forecasting_cluster
from llm_analytics_hub.integrations.usage import Member, Period
from llm_analytics_hub.query.body import MAX_ROWS

CLUSTERS = {
    "increasing": "growing-accounts",
    "decreasing": "shrinking-accounts",
    "stable": "steady-accounts",
    "unknown": "new-accounts",
}
"""Names of clusters, by the trend of their accounts; it is unknown of under three days."""

Days = Mapping[tuple[str, datetime], Period]


@dataclass(frozen=True)
class Account:
    """An account, where its tokens go, and what a cluster knows of it."""

    account_id: str
    trend: str
    member: Member


def forecasting_clusters(series: Series, told_by: Told, now: datetime) -> list[Json]:
    """A ForecastingCluster for each trend that an account has; `series` is of days.

    Accounts are those with most tokens, as many as the rows of one answer hold. All their days are
    from the first on which any of them used something.
    Raises: NotFoundError, code `no_usage`, `unknown_cost`; InvalidInputError, code
    `too_few_periods`, for under two days.
    """
    accounts = _accounts(series, told_by)
    by_trend = {
        trend: [one for one in accounts if one.trend == trend]
        for trend in CLUSTERS
        if any(one.trend == trend for one in accounts)
    }
    return [
        forecasting_cluster(
            f"trend-{trend}",
            CLUSTERS[trend],
            [one.member for one in found],
            now,
            others=[_features(rest) for other, rest in by_trend.items() if other != trend],
            hours=_hours(series, told_by, found),
        )
        for trend, found in by_trend.items()
    ]


def _features(accounts: Sequence[Account]) -> list[Sequence[float]]:
    return [one.member.features for one in accounts]


def _accounts(series: Series, told_by: Told) -> list[Account]:
    names = _names(series, tokens_told(told_by))
    days = _days(series, told_by, names)
    first = min(start for _, start in days)
    starts = list(series.starts(first))
    return [
        _account(name, [days.get((name, start), Period(start, 0, Decimal())) for start in starts])
        for name in names
    ]


def _account(name: str, days: Sequence[Period]) -> Account:
    tokens = [float(day.tokens) for day in days]
    trend = numbers.trend(tokens) if len(days) > 1 else numbers.Trend("unknown", 0.0)
    features = (math.log10(1 + numbers.mean(tokens)), trend.growth_percent / 100)
    return Account(name, trend.direction, Member(features, days))


def _names(series: Series, event_type: str) -> list[str]:
    period = series.questions.period
    most = (MAX_ROWS - 1) // max((period.end - period.start).days, 1)
    where = [*series.where, same("event_type", event_type), _has_account()]
    rows = series.questions.top(["total_tokens"], where, by=["account_id"], limit=min(most, 1000))
    names = [row["account_id"] for row in rows if row["total_tokens"] is not None]
    if not names:
        raise NotFoundError("no account has usage in this time", code="no_usage")
    return names


def _has_account() -> Filter:
    return {"field": "account_id", "op": "exists"}


def _days(series: Series, told_by: Told, names: Sequence[str]) -> Days:
    tokens = _by_day(series, tokens_told(told_by), "total_tokens", names)
    costs = _by_day(series, costs_told(told_by), "cost_usd", names)
    nothing: Row = {}
    return {
        key: Period(
            key[1],
            row["total_tokens"] or 0,
            costs.get(key, nothing).get("cost_usd") or Decimal(),
        )
        for key, row in tokens.items()
    }


def _by_day(
    series: Series, event_type: str, measure: str, names: Sequence[str]
) -> dict[tuple[str, datetime], Row]:
    where = [*series.where, same("event_type", event_type), one_of("account_id", names)]
    rows = series.questions.rows([measure], where, by=["account_id"], granularity="day")
    return {(row["account_id"], datetime.fromisoformat(row["time"])): row for row in rows}


def _hours(series: Series, told_by: Told, accounts: Sequence[Account]) -> list[Period]:
    """Tokens by hour, as far back as the events are kept: no rollup has hours by account."""
    where = [*series.where, one_of("account_id", [one.account_id for one in accounts])]
    hourly = replace(series, granularity="hourly", where=where)
    rows = hourly.rows(tokens_told(told_by), "total_tokens")
    return [Period(start, row["total_tokens"] or 0, Decimal()) for start, row in rows.items()]
