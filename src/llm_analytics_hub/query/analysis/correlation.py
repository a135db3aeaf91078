"""Whether two series move together, and which of them first: lagged correlation.

Trend and season are taken out of both before, for two things that grow are not thereby related.
Pearson's r is of the rests, Spearman's of their ranks. Points that are like their neighbours count
as fewer (significance.py); p-values are times the number of lags tried (Bonferroni).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llm_analytics_hub.query.analysis.numbers import (
    Floats,
    require_points,
    running_median,
    scaled,
)
from llm_analytics_hub.query.analysis.season import Season, choose, usual
from llm_analytics_hub.query.analysis.significance import correlation_p, effective_points

NEEDED = 20
FULL_SEASONS = 2
LEAST_OVERLAP = 12


@dataclass(frozen=True)
class Lagged:
    """The correlation of the first series with the second `lag` buckets later.

    `points` pairs, which say as much as `effective` independent ones; p-values are corrected.
    """

    lag: int
    pearson_r: float
    pearson_p: float
    spearman_r: float
    spearman_p: float
    points: int
    effective: float


@dataclass(frozen=True)
class Correlation:
    """One entry per lag in order, and the best: the least p-value of either kind."""

    lags: tuple[Lagged, ...]
    best: Lagged
    seasons: tuple[Season | None, Season | None]


def find_correlation(
    first: Floats,
    second: Floats,
    seasons: Sequence[Season],
    *,
    most_lag: int,
    is_raw: bool = False,
) -> Correlation:
    """The correlation of two series at lags of up to `most_lag` buckets either way.

    Lags at which fewer than `LEAST_OVERLAP` pairs are known are left out. `is_raw`: trend and
    season stay in. Raises: InvalidQueryError, code `too_few_points`.
    """
    there = int(np.count_nonzero(~np.isnan(first) & ~np.isnan(second)))
    require_points("a correlation", there, NEEDED)
    one, one_season = _rests(first, seasons, is_raw=is_raw)
    other, other_season = _rests(second, seasons, is_raw=is_raw)
    pairs = {lag: _paired(one, other, lag) for lag in range(-most_lag, most_lag + 1)}
    enough = {lag: pair for lag, pair in pairs.items() if len(pair[0]) >= LEAST_OVERLAP}
    lags = tuple(_lagged(lag, *pair, tried=len(enough)) for lag, pair in enough.items())
    # Of equally likely ones the strongest, of those the one with the least shift.
    best = min(lags, key=lambda at: (_p(at), -abs(at.pearson_r), abs(at.lag)))
    return Correlation(lags, best, (one_season, other_season))


def _p(at: Lagged) -> float:
    return min(at.pearson_p, at.spearman_p)


def _rests(
    values: Floats, seasons: Sequence[Season], *, is_raw: bool
) -> tuple[Floats, Season | None]:
    small, _ = scaled(values)
    if is_raw:
        return small, None
    season = choose(small - running_median(small, 21), seasons, FULL_SEASONS)
    if season is not None:
        width = 2 * season.length + 1
        small = small - usual(small - running_median(small, width), season.places)
    return small - _line(small), season


def _line(values: Floats) -> Floats:
    places = np.arange(len(values), dtype=float)
    known = ~np.isnan(values)
    found: Floats = np.polynomial.Polynomial.fit(places[known], values[known], 1)(places)
    return found


def _paired(first: Floats, second: Floats, lag: int) -> tuple[Floats, Floats]:
    """What is known of both, the second `lag` buckets later."""
    size = max(len(first) - abs(lag), 0)
    start, later = max(-lag, 0), max(lag, 0)
    one, other = first[start : start + size], second[later : later + size]
    known = ~np.isnan(one) & ~np.isnan(other)
    return one[known], other[known]


def _lagged(lag: int, first: Floats, second: Floats, *, tried: int) -> Lagged:
    one, other = _ranks(first), _ranks(second)
    effective = effective_points(first, second)
    pearson, spearman = _r(first, second), _r(one, other)
    chances = (
        correlation_p(pearson, effective),
        correlation_p(spearman, effective_points(one, other)),
    )
    pearson_p, spearman_p = (min(1.0, p * tried) for p in chances)
    return Lagged(lag, pearson, pearson_p, spearman, spearman_p, len(first), effective)


def _r(first: Floats, second: Floats) -> float:
    """Pearson's r; 0 where one of them does not change but for rounding."""
    one, other = first - first.mean(), second - second.mean()
    power = float(one @ one) * float(other @ other)
    if min(np.ptp(first), np.ptp(second)) < 1e-12 or power <= 0:
        return 0.0
    return float(np.clip(one @ other / np.sqrt(power), -1.0, 1.0))


def _ranks(values: Floats) -> Floats:
    """Ranks from 0, equal values sharing the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    found: Floats = (last - (counts + 1) / 2)[inverse]
    return found
