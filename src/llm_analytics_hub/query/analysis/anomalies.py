"""Points that are not as usual: the robust seasonal z-score.

A value is its level (running median) + what is usual at its place of the season + a rest. Its score
is the rest by the rest's robust standard deviation at that place. Medians and MAD do not follow the
anomalies they are to find. Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993),
the modified z-score and its threshold of 3.5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from llm_analytics_hub.query.analysis.numbers import (
    Floats,
    Places,
    mad,
    require_points,
    running_median,
    scaled,
    spread,
)
from llm_analytics_hub.query.analysis.season import Season, choose, foretold, usual

NEEDED = 12
FULL_SEASONS = 3
LEVEL_POINTS = 21
"""Shortest window of the level; with a season, two of them if that is longer."""

OWN_SPREAD = 10.0
"""The spread at a place weighs its own values against this many of the whole series'."""

Direction = Literal["up", "down", "both"]


@dataclass(frozen=True)
class Anomalies:
    """For each point what was expected, from where to where, and its score; NaN where unknown."""

    expected: Floats
    lower: Floats
    upper: Floats
    score: Floats
    is_anomaly: tuple[bool | None, ...]
    season: Season | None


def find_anomalies(
    values: Floats,
    seasons: Sequence[Season],
    *,
    threshold: float = 3.5,
    direction: Direction = "both",
    is_count: bool = False,
) -> Anomalies:
    """What is unusual in a series; its unknown points are neither anomalies nor zeros.

    Raises: InvalidQueryError, code `too_few_points`.
    """
    require_points("the search for anomalies", int(np.count_nonzero(~np.isnan(values))), NEEDED)
    small, factor = scaled(values)
    season = choose(small - running_median(small, LEVEL_POINTS), seasons, FULL_SEASONS)
    level, expected = _expected(small, season)
    rest = small - expected
    deviation = _deviation(small, level, expected, season)
    if is_count:
        deviation = np.maximum(deviation, _of_chance(expected * factor) / factor)
    score = np.divide(rest, deviation, out=np.zeros_like(rest), where=deviation > 0)
    score[np.isnan(rest)] = np.nan
    reach = threshold * deviation
    with np.errstate(over="ignore"):
        middle, lower, upper = ((expected + side * reach) * factor for side in (0, -1, 1))
    flags = _flags(score, threshold, direction)
    return Anomalies(middle, lower, upper, score, flags, season)


def _expected(values: Floats, season: Season | None) -> tuple[Floats, Floats]:
    """The level at each point, and the level with the season."""
    if season is None:
        level = running_median(values, LEVEL_POINTS)
        return level, level
    width = max(LEVEL_POINTS, 2 * season.length + 1)
    level = running_median(values, width)
    # Once more without the season: its peaks drag a median of part of it at the ends.
    pattern = usual(values - level, season.places)
    level = running_median(values - pattern, width)
    return level, level + usual(values - level, season.places)


def _deviation(values: Floats, level: Floats, expected: Floats, season: Season | None) -> Floats:
    """The standard deviation usual at each point; where all are alike, 1 % of the middle value."""
    rest = values - expected
    # Of few values at a place, one is the median itself: their own rests look too small.
    honest = rest
    if season is not None:
        honest = values - level - foretold(values - level, season.places)
    whole = spread(honest)
    if whole <= 0:
        known = np.abs(values[~np.isnan(values)])
        whole = 0.01 * (float(np.median(known)) or float(known.max()))
    found = np.full(len(rest), whole)
    return found if season is None else _by_place(rest, season.places, found)


def _of_chance(expected: Floats) -> Floats:
    """The deviation of a count of independent events, the root of what is expected, 1 to 3.2.

    More is not taken for granted: what a clock sends deviates less than chance.
    """
    return np.sqrt(np.clip(expected, 1.0, 10.0))


def _by_place(rest: Floats, places: Places, whole: Floats) -> Floats:
    found = whole.copy()
    for place in np.unique(places):
        here = places == place
        known = int(np.count_nonzero(~np.isnan(rest[here])))
        if known:
            own = known * mad(rest[here]) + OWN_SPREAD * whole[here]
            found[here] = own / (known + OWN_SPREAD)
    return found


def _flags(score: Floats, threshold: float, direction: Direction) -> tuple[bool | None, ...]:
    sides = {"up": score, "down": -score, "both": np.abs(score)}[direction]
    return tuple(None if np.isnan(side) else bool(side > threshold) for side in sides)
