"""What comes next: damped Holt-Winters with intervals, and when a total or level is reached."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llm_analytics_hub.query.analysis.numbers import (
    Floats,
    interpolated,
    require_points,
    running_median,
    scaled,
)
from llm_analytics_hub.query.analysis.season import Season, choose
from llm_analytics_hub.query.analysis.smoothing import Smoothing, fit

NEEDED = 12
FULL_SEASONS = 2
LONGEST_SEASON = 336
"""A season is learnt bucket by bucket; longer ones are too much to learn from what there is."""

MOST_STEPS = 1000


@dataclass(frozen=True)
class Band:
    """What is expected, and from where to where it lies as often as the interval says."""

    expected: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Reached:
    """Steps ahead at which something is reached: by expectation, at the earliest, at the latest.

    1 is the first bucket after the last; None where it is not within the steps looked at.
    """

    expected: int | None
    earliest: int | None
    latest: int | None


@dataclass(frozen=True)
class Forecast:
    """A fitted model of a series, in the units of the series; `bridged` gaps were filled."""

    model: Smoothing
    season: Season | None
    factor: float
    reach: float
    is_floored: bool
    bridged: int

    @property
    def fitted(self) -> Floats:
        """What the model expected, one step ahead, of each point from the first known one on."""
        return self._floored(self.model.fitted * self.factor)

    def values(self, steps: int) -> Band:
        """Each of the next buckets."""
        return self._band(self.model.ahead(steps), self.model.deviations(steps))

    def sums(self, steps: int, so_far: float) -> Band:
        """The sum of the next buckets up to each, on top of `so_far`."""
        ahead = self.model.ahead(steps)
        expected = np.cumsum(np.maximum(ahead, 0) if self.is_floored else ahead)
        band = self._band(expected, self.model.sum_deviations(steps))
        grown = (band.expected, band.lower, band.upper)
        if self.is_floored:  # a sum of what is never negative does not fall
            grown = tuple(np.maximum.accumulate(side) for side in grown)  # type: ignore[assignment]
        return Band(*(side + so_far for side in grown))

    def _band(self, expected: Floats, deviation: Floats) -> Band:
        with np.errstate(over="ignore", invalid="ignore"):
            sides = [
                (expected + side * self.reach * deviation) * self.factor for side in (0, -1, 1)
            ]
        return Band(*(self._floored(side) for side in sides))

    def _floored(self, values: Floats) -> Floats:
        return np.maximum(values, 0.0) if self.is_floored else values


def find_forecast(
    values: Floats, seasons: Sequence[Season], *, level: float = 0.95, is_floored: bool = False
) -> Forecast:
    """A forecast of a series whose gaps are bridged; the interval holds `level` of what comes.

    `is_floored`: the series is never below 0, so no forecast is.
    Raises: InvalidQueryError, code `too_few_points`.
    """
    from scipy.special import stdtrit

    known = np.flatnonzero(~np.isnan(values))
    require_points("a forecast", len(known), NEEDED)
    small, factor = scaled(values)
    whole = interpolated(small[known[0] :])
    tried = [season for season in seasons if _is_learnable(season.length, len(whole))]
    season = choose(small - running_median(small, 21), tried, FULL_SEASONS)
    model = fit(whole, season.length if season else None)
    reach = float(stdtrit(model.freedom, (1 + level) / 2))
    return Forecast(model, season, factor, reach, is_floored, len(whole) - len(known))


def _is_learnable(length: int, points: int) -> bool:
    """Two seasons, and what the first estimate of the model's states takes."""
    return length <= LONGEST_SEASON and points >= max(FULL_SEASONS * length, 10 + length)


def reached(band: Band, target: float, *, from_below: bool) -> Reached:
    """When the values of a band first are at `target` or beyond."""
    sides = (band.expected, band.upper, band.lower)
    if not from_below:
        sides = (band.expected, band.lower, band.upper)
    return Reached(*(_first(side >= target if from_below else side <= target) for side in sides))


def _first(is_there: "np.typing.NDArray[np.bool_]") -> int | None:
    return int(np.argmax(is_there)) + 1 if is_there.any() else None
