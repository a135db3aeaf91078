"""Where a period ends if it goes on at its pace."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from llm_analytics_hub.alerts.detect.asking import Found
from llm_analytics_hub.alerts.detect.periods import Period
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.buckets import bucket_starts, next_bucket
from llm_analytics_hub.model.query import TimeRange

LEAST_SHARE = 0.15
"""Of a period, before a pace can be told."""

LEAST_BUCKETS = 3
"""Whole ones, before a pace can be told. The largest is left out of it: a single bill is no pace."""


def projected_end(
    at: datetime,
    period: Period,
    spent: Mapping[Labels, float],
    found: Found,
    measure: str,
    buckets: tuple[str, str],
) -> Mapping[Labels, float]:
    """What each group will have spent when the period ends; empty where it is too early to say.

    What is left goes on at the mean of the whole `buckets` (granularity, time zone) without the
    largest: a group that spent in one of them only is not foretold to go on.
    """
    whole = _whole(period, at, *buckets)
    if period.share(at) < LEAST_SHARE or len(whole) < LEAST_BUCKETS:
        return {}
    known = _by_group(found, measure, frozenset(whole))
    length = (next_bucket(whole[-1], *buckets) - whole[0]) / len(whole)
    left = (period.end - at) / length
    return {
        group: value + left * _pace(known.get(group, ()), len(whole))
        for group, value in spent.items()
    }


def _whole(period: Period, at: datetime, granularity: str, zone: str) -> list[datetime]:
    starts = bucket_starts(TimeRange(period.start, at), granularity, zone)
    return [
        one for one in starts if one >= period.start and next_bucket(one, granularity, zone) <= at
    ]


def _by_group(
    found: Found, measure: str, whole: frozenset[datetime]
) -> Mapping[Labels, Sequence[float]]:
    by_group: dict[Labels, list[float]] = {}
    rows = zip(found.groups, found.times or (), found.values[measure], strict=True)
    for group, time, value in rows:
        if value is not None and time in whole:
            by_group.setdefault(group, []).append(value)
    return by_group


def _pace(amounts: Sequence[float], buckets: int) -> float:
    """Of each bucket; those without a row cost nothing."""
    if len(amounts) < 2:
        return 0.0
    return max((sum(amounts) - max(amounts)) / (buckets - 1), 0.0)
