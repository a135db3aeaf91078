"""Where a series is going: the Theil-Sen slope, and the levels between its change points.

Sources: Sen, Estimates of the Regression Coefficient Based on Kendall's Tau (1968), also for the
interval; Hamed and Rao (1998) for the idea that alike neighbours widen it, here by their
autocorrelation at lag 1.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from llm_analytics_hub.query.analysis.change_points import change_points, levels_of
from llm_analytics_hub.query.analysis.numbers import (
    Floats,
    interpolated,
    median,
    require_points,
    running_median,
    scaled,
)
from llm_analytics_hub.query.analysis.season import Season, choose, usual
from llm_analytics_hub.query.analysis.significance import inflation, normal_p, t_p

NEEDED = 10
FULL_SEASONS = 2
MOST_PAIRED = 600
"""Points that are paired with one another; longer series are cut into this many medians first."""


@dataclass(frozen=True)
class Slope:
    """Change per bucket, its interval, and how likely chance is."""

    value: float
    lower: float
    upper: float
    p: float


@dataclass(frozen=True)
class Level:
    """A part of a series: its first place, the first after it, its median, and what became new.

    `p` says how likely chance is for the change from the part before; None for the first part.
    """

    start: int
    end: int
    level: float
    p: float | None


@dataclass(frozen=True)
class Trend:
    """The slope of a series and its levels in order, at least one."""

    slope: Slope
    levels: tuple[Level, ...]
    season: Season | None


def find_trend(values: Floats, seasons: Sequence[Season], confidence: float = 0.95) -> Trend:
    """The slope and the levels of a series, its season taken out, if it has one.

    Raises: InvalidQueryError, code `too_few_points`.
    """
    known = np.flatnonzero(~np.isnan(values))
    require_points("a trend", len(known), NEEDED)
    small, factor = scaled(values)
    season = choose(small - running_median(small, 21), seasons, FULL_SEASONS)
    flat = small
    if season is not None:
        flat = small - usual(small - running_median(small, 2 * season.length + 1), season.places)
    slope = _slope(known.astype(float), flat[known], confidence, factor)
    return Trend(slope, _levels(interpolated(flat), factor), season)


def _slope(places: Floats, values: Floats, confidence: float, factor: float) -> Slope:
    places, values = _thinned(places, values)
    slopes = _pair_slopes(places, values)
    middle = float(np.median(slopes))
    wider = inflation(values - middle * places)
    deviation = math.sqrt(_kendall_variance(values) * wider)
    lower, upper = _interval(slopes, deviation, confidence)
    rising = int(np.count_nonzero(slopes > 0) - np.count_nonzero(slopes < 0))
    p = normal_p(max(abs(rising) - 1, 0) / deviation) if deviation else 1.0
    return Slope(middle * factor, lower * factor, upper * factor, p)


def _thinned(places: Floats, values: Floats) -> tuple[Floats, Floats]:
    if len(values) <= MOST_PAIRED:
        return places, values
    parts = zip(
        np.array_split(places, MOST_PAIRED), np.array_split(values, MOST_PAIRED), strict=True
    )
    medians = [(float(where.mean()), float(median(part))) for where, part in parts]
    found = np.asarray(medians)
    return found[:, 0], found[:, 1]


def _pair_slopes(places: Floats, values: Floats) -> Floats:
    first, second = np.triu_indices(len(values), 1)
    found: Floats = np.sort((values[second] - values[first]) / (places[second] - places[first]))
    return found


def _kendall_variance(values: Floats) -> float:
    """Variance of rising less falling pairs where there is no trend; ties have no say."""
    _, ties = np.unique(values, return_counts=True)
    points = len(values)
    whole = points * (points - 1) * (2 * points + 5)
    tied = float(np.sum(ties * (ties - 1.0) * (2.0 * ties + 5)))
    return max(whole - tied, 0.0) / 18


def _interval(slopes: Floats, deviation: float, confidence: float) -> tuple[float, float]:
    from scipy.special import ndtri

    reach = float(ndtri((1 + confidence) / 2)) * deviation
    last = len(slopes) - 1
    low = int(max((len(slopes) - reach) / 2, 0))
    high = math.ceil(min((len(slopes) + reach) / 2, last))
    return float(slopes[low]), float(slopes[high])


def _levels(values: Floats, factor: float) -> tuple[Level, ...]:
    changes = change_points(values)
    parts = levels_of(values, changes)
    starts = [0, *changes]
    chances = [
        None,
        *(_chance(one, other) for one, other in pairwise(parts)),
    ]
    return tuple(
        Level(start, start + len(part), float(median(part)) * factor, p)
        for start, part, p in zip(starts, parts, chances, strict=True)
    )


def _chance(before: Floats, after: Floats) -> float:
    """The p-value of Welch's t-test, its points as many as count where neighbours are alike."""
    wider = inflation(np.concatenate([before - before.mean(), after - after.mean()]))
    squares = [part.var(ddof=1) / max(len(part) / wider, 2.0) for part in (before, after)]
    total = float(sum(squares))
    if total <= 0:
        return 0.0
    freedom = total**2 / sum(
        square**2 / (max(len(part) / wider, 2.0) - 1)
        for square, part in zip(squares, (before, after), strict=True)
    )
    return t_p((after.mean() - before.mean()) / math.sqrt(total), float(freedom))
