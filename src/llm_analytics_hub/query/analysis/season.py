"""Seasons of the calendar: which one a series has, and the value usual at each place of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from llm_analytics_hub.model.buckets import MINUTES
from llm_analytics_hub.query.analysis.numbers import Floats, Places, mad, median

WORTH = 0.85
"""A season must shrink the spread to at most this part of it, at values it was not learnt from."""

_MOST_ERROR = 10.0


@dataclass(frozen=True)
class Season:
    """A calendar season: its name, its length in buckets, the place of each bucket in it."""

    name: str
    length: int
    places: Places


def seasons_of(times: Sequence[datetime], granularity: str, time_zone: str) -> list[Season]:
    """The seasons that buckets of this size can show, the shortest first."""
    zone = ZoneInfo(time_zone)
    local = [moment.astimezone(zone) for moment in times]
    if granularity in MINUTES:
        step = MINUTES[granularity]
        a_day = 1440 // step
        slots = [(t.hour * 60 + t.minute) // step for t in local]
        weekly = [t.weekday() * a_day + slot for t, slot in zip(local, slots, strict=True)]
        found = [("time of day", a_day, slots), ("time of week", 7 * a_day, weekly)]
    elif granularity == "day":
        found = [("weekday", 7, [t.weekday() for t in local])]
    elif granularity == "month":
        found = [("month of the year", 12, [t.month - 1 for t in local])]
    else:
        found = []
    return [Season(name, length, np.asarray(places)) for name, length, places in found]


def choose(values: Floats, seasons: Sequence[Season], full: int) -> Season | None:
    """The season that foretells held-out values best; None where none is worth it.

    A season is tried when `full` of it fit in the series. Every second value at a place is foretold
    by the median of the others there (two folds); the mean error must fall to `WORTH` of that
    without a season. One error counts for ten usual ones at most: an anomaly makes no season, a
    quiet Sunday does.
    """
    known = int(np.count_nonzero(~np.isnan(values)))
    tried = [season for season in seasons if known >= full * season.length]
    if not tried:
        return None
    most = _MOST_ERROR * mad(values) or np.inf
    errors = [_error(values - foretold(values, season.places), most) for season in tried]
    least = int(np.argmin(errors))
    without = _error(values, most)
    return tried[least] if without > 0 and errors[least] <= WORTH * without else None


def usual(values: Floats, places: Places) -> Floats:
    """For each value the usual deviation at its place: the median there, shrunk towards 0.

    The shrinkage is that of empirical Bayes: a median of few values counts by how much places differ
    beside how uncertain it is (a median of m normal values has pi/2 of their variance by m).
    """
    found = np.zeros(len(values))
    uncertain = np.zeros(len(values))
    for place in np.unique(places):
        here = places == place
        known = int(np.count_nonzero(~np.isnan(values[here])))
        if known:
            found[here] = median(values[here])
            uncertain[here] = np.pi / 2 / known
    noise = mad(values - found) ** 2
    apart = float(np.var(found))
    whole = apart + uncertain * noise
    shrunk: Floats = found * np.divide(apart, whole, out=np.ones_like(whole), where=whole > 0)
    return shrunk


def _error(rests: Floats, most: float) -> float:
    sizes = np.abs(rests[~np.isnan(rests)] - median(rests))
    return float(np.minimum(sizes, most).mean()) if sizes.size else np.inf


def foretold(values: Floats, places: Places) -> Floats:
    """For each value the median of every second other one at its place; NaN where there is none."""
    folds = _folds(values, places)
    found = np.full(len(values), np.nan)
    for place in np.unique(places):
        here = places == place
        for fold in (0, 1):
            found[here & (folds == fold)] = median(values[here & (folds == 1 - fold)])
    return found


def _folds(values: Floats, places: Places) -> Places:
    """0, 1, 0, … over the known values at each place; -1 for unknown ones."""
    folds = np.full(len(values), -1)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(places[known], kind="stable")]
    _, starts, counts = np.unique(places[order], return_index=True, return_counts=True)
    folds[order] = (np.arange(len(order)) - np.repeat(starts, counts)) % 2
    return folds
