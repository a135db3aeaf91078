"""Where the level of a series changes for good: PELT on the sum of squares.

Source: Killick, Fearnhead and Eckley, Optimal Detection of Changepoints With a Linear Computational
Cost (2012). The noise is told from differences of neighbours, which a step hardly touches; where
neighbours are alike, a change costs more.
"""

import math

import numpy as np

from llm_analytics_hub.query.analysis.numbers import (
    Floats,
    autocorrelation,
    mad,
    running_median,
    scaled,
)

SHORTEST = 4
"""Fewest points between two changes: what is shorter is an anomaly, not a level."""

PENALTY = 4.0
"""What a change costs, times the logarithm of the number of points, in variances of the noise."""

_CLIP = 3.0
_LEAST_NOISE = 1e-5


def change_points(values: Floats) -> list[int]:
    """Places where a new level begins, in order, of values without gaps.

    None where a straight line or one level explains the series as well (BIC).
    """
    if len(values) < 2 * SHORTEST:
        return []
    # Around 0, and no noise less than rounding: squares of large numbers would lose the steps.
    small, _ = scaled(values - np.median(values))
    noise, wider = _noise(small)
    clipped = _clipped(small, noise) / noise
    found = _segmented(clipped, PENALTY * math.log(len(values)) * wider)
    return [] if _is_line(clipped, found) else found


def levels_of(values: Floats, changes: list[int]) -> list[Floats]:
    """The parts of a series between its change points."""
    return np.split(values, changes)


def _noise(values: Floats) -> tuple[float, float]:
    """The noise's deviation, and how much more its means vary than those of independent values.

    Both from differences, as of an AR(1) with a: they vary by 2 (1 - a) of the noise's variance, and
    neighbours among them correlate by -(1 - a) / 2.
    """
    steps = np.diff(values)
    rough = mad(steps)
    if rough <= _LEAST_NOISE:  # most neighbours are equal
        rest = values - running_median(values, 2 * SHORTEST - 1)
        return max(float(np.std(rest)), _LEAST_NOISE), 1.0
    held = np.clip(steps, -_CLIP * rough, _CLIP * rough)
    alike = min(max(1 + 2 * float(autocorrelation(held, 1)[0]), 0.0), 0.9)
    return rough / math.sqrt(2 * (1 - alike)), (1 + alike) / (1 - alike)


def _clipped(values: Floats, noise: float) -> Floats:
    """Values held to three deviations around their running median, which keeps steps."""
    middle = running_median(values, 2 * SHORTEST - 1)
    return np.clip(values, middle - _CLIP * noise, middle + _CLIP * noise)


def _segmented(values: Floats, penalty: float) -> list[int]:
    """Where the cheapest split of `values` changes: squares around each part's mean + penalties."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    squares = np.concatenate([[0.0], np.cumsum(values * values)])
    best = np.full(len(values) + 1, np.inf)
    best[0], previous = -penalty, np.zeros(len(values) + 1, dtype=np.int64)
    starts = np.array([0])
    for end in range(SHORTEST, len(values) + 1):
        lengths = end - starts
        cost = squares[end] - squares[starts] - (sums[end] - sums[starts]) ** 2 / lengths
        total = best[starts] + np.maximum(cost, 0.0)
        least = int(np.argmin(total))
        best[end], previous[end] = total[least] + penalty, starts[least]
        # No later end can be reached more cheaply from a start that is already dearer here.
        starts = np.append(starts[total <= best[end]], end - SHORTEST + 1)
    return _walked_back(previous)


def _walked_back(previous: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[int]:
    found, end = [], len(previous) - 1
    while (end := int(previous[end])) > 0:
        found.append(end)
    return found[::-1]


def _rests(values: Floats, changes: list[int]) -> Floats:
    return np.concatenate([part - part.mean() for part in levels_of(values, changes)])


def _is_line(values: Floats, changes: list[int]) -> bool:
    """Whether one straight line explains as much as the levels, by BIC."""
    if not changes:
        return False
    places = np.arange(len(values), dtype=float)
    line = np.polynomial.Polynomial.fit(places, values, 1)(places)
    points = len(values)

    def criterion(rests: Floats, parameters: int) -> float:
        error = max(float(rests @ rests) / points, 1e-12)
        return points * math.log(error) + parameters * math.log(points)

    levels = criterion(_rests(values, changes), 2 * len(changes) + 1)
    return criterion(values - line, 2) <= levels
