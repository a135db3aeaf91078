"""What a series of equal periods says of itself. Each formula is given where it stands.

A period in which nothing happened is a 0 in the series, not a gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CYCLES = {
    "hourly": ((24, "daily"), (168, "weekly")),
    "daily": ((7, "weekly"),),
    "weekly": ((4, "monthly"),),
}
"""Cycles looked for, by the length of a period: how many periods, and what the cycle is called."""

_LEAST_CHANGE_PERCENT = 5.0
_LEAST_CORRELATION = 0.3
_ROUNDING = 1e-9  # what is smaller, by comparison, is rounding and no pattern
_SIGMAS = 2.0  # about 95 of 100 where nothing is there

Series = Sequence[float]


def mean(values: Series) -> float:
    """Sum over number."""
    return float(np.mean(values))


def deviation(values: Series) -> float:
    """The standard deviation of a sample (n - 1): the periods stand for those to come."""
    return float(np.std(values, ddof=1))


def percentile(values: Series, percent: float) -> float:
    """By linear interpolation between the two nearest ranks, rank = (n - 1) * percent / 100."""
    return float(np.percentile(values, percent))


@dataclass(frozen=True)
class Trend:
    """Where a series goes; `growth_percent` is its change from the first to the last period."""

    direction: str
    growth_percent: float


def trend(values: Series) -> Trend:
    """The least-squares line: its rise over the window in percent of the mean.

    Increasing or decreasing from 5 percent on, and where the slope is over two of its standard
    errors; else stable. Under three periods it is unknown.
    """
    average = mean(values)
    if average == 0:
        return Trend("stable", 0.0)
    slope, rest = _line(values)
    growth = 100 * slope * (len(values) - 1) / average
    if len(values) < 3:
        return Trend("unknown", growth)
    if abs(growth) < _LEAST_CHANGE_PERCENT or abs(slope) <= _SIGMAS * _slope_error(rest):
        return Trend("stable", growth)
    return Trend("increasing" if growth > 0 else "decreasing", growth)


def seasonality(values: Series, granularity: str) -> str | None:
    """The shortest cycle that the series repeats by; None where there is none, or under two of it.

    A cycle of k periods is there where the autocorrelation at k (of what the line leaves) is 0.3
    or more, over 2 / sqrt(n - k), and higher than at k - 1 and k + 1: a series that merely changes
    slowly is alike at every lag.
    """
    _, rest = _line(values)
    return next((name for lag, name in CYCLES[granularity] if _repeats(rest, lag)), None)


def shares(sums: Series) -> list[float] | None:
    """Each as a part of the whole, to six digits; None where the whole is nothing."""
    whole = float(np.sum(sums))
    return [round(float(one) / whole, 6) for one in sums] if whole else None


def _repeats(rest: NDArray[np.float64], lag: int) -> bool:
    if len(rest) < 2 * lag:
        return False
    before, there, after = (_correlation(rest, one) for one in (lag - 1, lag, lag + 1))
    least = max(_LEAST_CORRELATION, _SIGMAS / np.sqrt(len(rest) - lag))
    return bool(there >= least and there > before and there > after)


def _correlation(rest: NDArray[np.float64], lag: int) -> float:
    """Pearson's r of the series with itself `lag` periods later; 0 where one of both is constant."""
    earlier, later = rest[:-lag], rest[lag:]
    if min(earlier.std(), later.std()) <= np.abs(rest).max() * _ROUNDING:
        return 0.0
    return float(np.corrcoef(earlier, later)[0, 1])


def _line(values: Series) -> tuple[float, NDArray[np.float64]]:
    """Slope of the least-squares line by period, and what it leaves of each value."""
    places = np.arange(len(values)) - (len(values) - 1) / 2
    centred = np.asarray(values, float) - mean(values)
    slope = float(places @ centred) / float(places @ places)
    rest = centred - slope * places
    rest[np.abs(rest) <= np.abs(values).max() * _ROUNDING] = 0.0
    return slope, rest


def _slope_error(rest: NDArray[np.float64]) -> float:
    """sqrt(sum of squares left / (n - 2) / sum of squared places)."""
    places = np.arange(len(rest)) - (len(rest) - 1) / 2
    return float(np.sqrt(float(rest @ rest) / (len(rest) - 2) / float(places @ places)))
