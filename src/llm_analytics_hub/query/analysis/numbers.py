"""Robust statistics of a series: medians, spreads, lines. Unknown is NaN everywhere."""

import math

import numpy as np
import numpy.typing as npt

from llm_analytics_hub.errors import InvalidQueryError

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

NORMAL_MAD = 1.482602218505602
"""Median absolute deviation times this is the standard deviation of normal noise."""

NORMAL_IQR = 1.349
"""Interquartile range by this is the standard deviation of normal noise."""

_WINDOWS = 64


def require_points(method: str, there: int, needed: int) -> None:
    """Raises: InvalidQueryError, code `too_few_points`, that says how many there are and must be."""
    if there < needed:
        message = (
            f"{method} needs at least {needed} buckets with a known value, there are {there}: "
            "ask for a longer time_range or a finer granularity"
        )
        raise InvalidQueryError(message, code="too_few_points")


def scaled(values: Floats) -> tuple[Floats, float]:
    """Values by their largest magnitude, and that: sums and squares of them do not overflow."""
    known = np.abs(values[~np.isnan(values)])
    largest = float(known.max()) if known.size else 0.0
    # Below the least normal number, a division would make infinity of them.
    factor = largest if largest > np.finfo(float).tiny else 1.0
    return values / factor, factor


def median(values: Floats) -> float:
    """The median of what is known; NaN of nothing."""
    # `np.median` is ten times as slow on the few values of a place in a season.
    known = np.sort(values[~np.isnan(values)])
    middle = known.size // 2
    return float((known[(known.size - 1) // 2] + known[middle]) / 2) if known.size else math.nan


def mad(values: Floats) -> float:
    """Standard deviation by the median absolute deviation; NaN of nothing known."""
    return NORMAL_MAD * median(np.abs(values - median(values)))


def spread(values: Floats) -> float:
    """Standard deviation by MAD, by IQR where over half the values are equal; 0 where most are."""
    known = values[~np.isnan(values)]
    if not known.size:
        return 0.0
    if (found := mad(known)) > 0:
        return found
    low, high = np.percentile(known, [25, 75])
    return float((high - low) / NORMAL_IQR)


def running_median(values: Floats, width: int) -> Floats:
    """The median of the `width` values around each, fewer at the ends; NaN where none is known.

    Of wide windows only `_WINDOWS` in a width are looked at, with straight lines between.
    """
    half = width // 2
    padded = np.pad(values, half, constant_values=np.nan)
    step = max(1, width // _WINDOWS)
    places = np.unique(np.append(np.arange(0, len(values), step), len(values) - 1))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)[places]
    found = _row_medians(windows)
    return found if step == 1 else np.interp(np.arange(len(values)), places, found)


def _row_medians(rows: Floats) -> Floats:
    ordered = np.sort(rows, axis=1)  # unknown values come last
    known = np.count_nonzero(~np.isnan(rows), axis=1)
    each = np.arange(len(rows))
    low, high = np.maximum(known - 1, 0) // 2, known // 2
    high = np.minimum(high, rows.shape[1] - 1)
    return np.where(known > 0, (ordered[each, low] + ordered[each, high]) / 2, np.nan)


def interpolated(values: Floats) -> Floats:
    """Values with gaps bridged by straight lines, the ends by the nearest value."""
    known = ~np.isnan(values)
    places = np.arange(len(values))
    return np.interp(places, places[known], values[known])


def autocorrelation(values: Floats, lags: int) -> Floats:
    """Autocorrelation at lags 1 to `lags` of values without gaps; 0 for a constant."""
    centred = values - values.mean()
    power = float(centred @ centred)
    if power <= 0 or not math.isfinite(power):
        return np.zeros(lags)
    waves = np.fft.rfft(centred, 2 * len(centred))
    products = np.fft.irfft(waves * waves.conj(), 2 * len(centred))
    found: Floats = products[1 : lags + 1] / power
    return found


def to_json(value: float | None, digits: int = 12) -> float | int | None:
    """A number JSON has, to `digits` significant digits; None for unknown and infinite."""
    if value is None or not math.isfinite(value):
        return None
    number = float(f"{value:.{digits}g}")
    if not math.isfinite(number):
        return value
    is_whole = number == int(number) and abs(number) < 2**53
    return int(number) if is_whole else number
