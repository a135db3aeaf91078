"""The past of what a rule watches: whole buckets, and a series of each group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np

from llm_analytics_hub.alerts.detect.asking import Found
from llm_analytics_hub.alerts.detect.watched import adds_up
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.buckets import bucket_start, bucket_starts
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.analysis.anomalies import FULL_SEASONS
from llm_analytics_hub.query.analysis.numbers import Floats
from llm_analytics_hub.query.analysis.season import Season
from llm_analytics_hub.query.analysis.series import Buckets

LENGTHS: Mapping[str, timedelta] = {
    "minute": timedelta(minutes=1),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}
"""How long buckets of UTC are, the shortest first."""

ZONE = "UTC"


@dataclass(frozen=True)
class Past:
    """A group's values from its first known bucket on, and the seasons there; NaN is unknown."""

    values: Floats
    seasons: tuple[Season, ...]


def granularity_of(window: timedelta) -> str:
    """The bucket of that length. Raises: InvalidInputError if there is none."""
    for name, length in LENGTHS.items():
        if length == window:
            return name
    lengths = ", ".join(LENGTHS)
    raise InvalidInputError(f"no bucket is as long as the window: it must be one of {lengths}")


def whole_past(at: datetime, granularity: str, history: timedelta) -> Buckets:
    """The whole buckets that end at `at` or before, back to `history` before the last of them."""
    return _buckets_to(bucket_start(at, granularity, ZONE), granularity, history)


@lru_cache(maxsize=64)
def _buckets_to(end: datetime, granularity: str, history: timedelta) -> Buckets:
    """Thousands of moments and their places in seasons, the same for all rules that look so far."""
    start = bucket_start(end - history, granularity, ZONE)
    starts = tuple(bucket_starts(TimeRange(start, end), granularity, ZONE))
    return Buckets(starts, granularity, ZONE, 0)


def pasts_of(found: Found, measure: str, buckets: Buckets) -> Mapping[Labels, Past]:
    """Each group's past. It begins with the group: what was before says nothing of it."""
    places, seasons = _places(buckets)
    whole: dict[Labels, Floats] = {}
    rows = zip(found.groups, found.times or (), found.values[measure], strict=True)
    for group, time, value in rows:
        if value is not None and time in places:
            if group not in whole:
                whole[group] = np.full(len(places), np.nan)
            whole[group][places[time]] = value
    is_sum = adds_up(measure)
    return {group: _begun(values, seasons, is_sum=is_sum) for group, values in whole.items()}


def alike(past: Past) -> Floats:
    """The values of workdays only if the last is of one, else of weekends: the others are unknown.

    How much there is differs between them, and less than three weeks cannot tell the days of a week
    apart: else each Monday would be a jump after a Sunday. Weekends are Saturdays and Sundays of UTC.
    Nothing is known of a first Saturday, or of a first Monday after weekends only.
    """
    week = next((one for one in past.seasons if one.name == "time of week"), None)
    if week is None or len(past.values) >= FULL_SEASONS * week.length:
        return past.values
    a_day = week.length // 7
    is_weekend = week.places >= a_day * 5
    is_alike = is_weekend == is_weekend[-1]
    if not is_alike.all() and np.count_nonzero(is_alike) <= a_day:
        is_alike[:-1] = False
    return np.where(is_alike, past.values, np.nan)


def is_seen(values: Floats, seasons: Sequence[Season]) -> bool:
    """Whether the last value lies within those before, of a past too short to show its seasons.

    Until three days tell what each hour is like, a morning is no jump if the one before was as high.
    """
    before = values[:-1][~np.isnan(values[:-1])]
    shortest = min((one.length for one in seasons), default=0)
    if not shortest or len(before) >= FULL_SEASONS * shortest:
        return False
    return bool(before.min() < values[-1] < before.max())


@lru_cache(maxsize=16)
def _places(buckets: Buckets) -> tuple[Mapping[datetime, int], Sequence[Season]]:
    """Where each bucket stands in a series, and in its seasons: made once for all measures."""
    return {start: place for place, start in enumerate(buckets.starts)}, buckets.seasons


def _begun(values: Floats, seasons: Sequence[Season], *, is_sum: bool) -> Past:
    first = int(np.argmax(~np.isnan(values)))
    known = values[first:]
    if is_sum:
        known = np.nan_to_num(known, nan=0.0)
    cut = tuple(Season(one.name, one.length, one.places[first:]) for one in seasons)
    return Past(known, cut)
