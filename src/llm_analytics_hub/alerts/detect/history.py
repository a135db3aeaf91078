"""The past of what a rule watches: whole buckets, and a series of each group."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from llm_analytics_hub.alerts.detect.asking import Found
from llm_analytics_hub.alerts.detect.watched import adds_up
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.buckets import bucket_start, bucket_starts
from llm_analytics_hub.model.query import TimeRange
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
    end = bucket_start(at, granularity, ZONE)
    start = bucket_start(end - history, granularity, ZONE)
    starts = tuple(bucket_starts(TimeRange(start, end), granularity, ZONE))
    return Buckets(starts, granularity, ZONE, 0)


def pasts_of(found: Found, measure: str, buckets: Buckets) -> Mapping[Labels, Past]:
    """Each group's past. It begins with the group: what was before says nothing of it."""
    places = {start: place for place, start in enumerate(buckets.starts)}
    whole: dict[Labels, Floats] = {}
    rows = zip(found.groups, found.times or (), found.values[measure], strict=True)
    for group, time, value in rows:
        if value is not None and time in places:
            if group not in whole:
                whole[group] = np.full(len(places), np.nan)
            whole[group][places[time]] = value
    seasons = buckets.seasons
    is_sum = adds_up(measure)
    return {group: _begun(values, seasons, is_sum=is_sum) for group, values in whole.items()}


def _begun(values: Floats, seasons: list[Season], *, is_sum: bool) -> Past:
    first = int(np.argmax(~np.isnan(values)))
    known = values[first:]
    if is_sum:
        known = np.nan_to_num(known, nan=0.0)
    cut = tuple(Season(one.name, one.length, one.places[first:]) for one in seasons)
    return Past(known, cut)
