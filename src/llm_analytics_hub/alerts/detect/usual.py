"""What is usual of the last value of a series, by those before it only.

The robust seasonal z-score of `query/analysis/anomalies`, seen from the end: there a level is the
median around a point, half of which is not yet there for the last one, so that it lags behind a day's
curve. Here each value is foretold by the season and the median before it, and errors made so are what
a deviation is measured by.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llm_analytics_hub.query.analysis.anomalies import (
    FULL_SEASONS,
    LEVEL_POINTS,
    NEEDED,
    OWN_SPREAD,
)
from llm_analytics_hub.query.analysis.numbers import (
    Floats,
    mad,
    require_points,
    running_median,
    scaled,
    spread,
)
from llm_analytics_hub.query.analysis.season import Season, choose, foretold, usual


@dataclass(frozen=True)
class Usual:
    """The value expected, and the standard deviation usual there."""

    expected: float
    deviation: float


def usual_last(values: Floats, seasons: Sequence[Season], *, is_count: bool) -> Usual:
    """What is usual of the last value; it is not looked at itself.

    Raises: InvalidQueryError, code `too_few_points`.
    """
    before = values.copy()
    before[-1] = np.nan
    require_points("the search for anomalies", int(np.count_nonzero(~np.isnan(before))), NEEDED)
    small, factor = scaled(before)
    season = _season(small, seasons)
    if season is None:
        level = _before_each(small, min(LEVEL_POINTS, len(small) // 2))
        expected, errors = level[-1], small - level
        deviation = spread(errors)
    else:
        expected, deviation = _seasonal(small, season)
    deviation = deviation or 0.01 * _size(small)
    chance = np.sqrt(np.clip(expected * factor, 1.0, 10.0)) if is_count else 0.0
    return Usual(float(expected * factor), max(deviation * factor, float(chance)))


def _seasonal(small: Floats, season: Season) -> tuple[float, float]:
    """Expected and deviation where there is a season: the level is the median of one before."""
    rest = small - running_median(small, 2 * season.length + 1)
    pattern = usual(rest, season.places)
    level = _before_each(small - pattern, season.length)
    # Of few values at a place, one is the median itself: their own errors look too small.
    whole = spread(small - level - foretold(rest, season.places))
    here = (small - level - pattern)[season.places == season.places[-1]]
    known = int(np.count_nonzero(~np.isnan(here)))
    own = known * mad(here) if known else 0.0
    return float(level[-1] + pattern[-1]), (own + OWN_SPREAD * whole) / (known + OWN_SPREAD)


def _season(small: Floats, seasons: Sequence[Season]) -> Season | None:
    """The season, by what is left of a level so slow that no smooth day passes for it."""
    known = int(np.count_nonzero(~np.isnan(small)))
    tried = [one for one in seasons if known >= FULL_SEASONS * one.length]
    if not tried:
        return None
    slow = running_median(small, 2 * max(one.length for one in tried) + 1)
    return choose(small - slow, tried, FULL_SEASONS)


def _before_each(values: Floats, width: int) -> Floats:
    """The median of some `width` values before each; NaN where there are not half as many."""
    half = max(width // 2, 1)
    found = np.full(len(values), np.nan)
    found[half + 1 :] = running_median(values, 2 * half + 1)[: len(values) - half - 1]
    return found


def _size(small: Floats) -> float:
    known = np.abs(small[~np.isnan(small)])
    return float(np.median(known)) or float(known.max())
