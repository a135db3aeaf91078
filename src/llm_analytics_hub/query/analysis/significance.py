"""How likely chance is: tests that know that neighbours in a series are alike."""

import math

import numpy as np

from llm_analytics_hub.query.analysis.numbers import Floats, autocorrelation

_WORDS = ((0.001, "very strong"), (0.01, "strong"), (0.05, "moderate"))


def in_words(p: float) -> str:
    """The evidence of a p-value: very strong below 0.001, strong, moderate, or none from 0.05 on."""
    return next((word for bound, word in _WORDS if p < bound), "none")


def normal_p(z: float) -> float:
    """The two-sided p-value of a standard normal deviate."""
    return math.erfc(abs(z) / math.sqrt(2))


def t_p(t: float, freedom: float) -> float:
    """The two-sided p-value of Student's t."""
    from scipy.special import stdtr

    return float(2 * stdtr(freedom, -abs(t)))


def correlation_p(r: float, points: float) -> float:
    """The two-sided p-value of a correlation of that many independent points; 1 for too few."""
    if points <= 3 or not math.isfinite(r):
        return 1.0
    freedom = points - 2
    rest = max(1 - r * r, 1e-15)
    return t_p(r * math.sqrt(freedom / rest), freedom)


def effective_points(first: Floats, second: Floats) -> float:
    """How many independent pairs say as much as these about a correlation, 3 to as many as there are.

    n / (1 + 2 sum of (1 - k/n) a(k) b(k)) with the autocorrelations a and b, k up to n/4.
    Source: Bartlett (1935); Pyper and Peterman (1998) for the bound of k and the weights.
    """
    points = len(first)
    lags = max(1, points // 4)
    both = autocorrelation(first, lags) * autocorrelation(second, lags)
    weights = 1 - np.arange(1, lags + 1) / points
    return float(min(points, max(3.0, points / max(1 + 2 * float(weights @ both), 1e-9))))


def inflation(rests: Floats) -> float:
    """How much more a mean of these rests varies than one of independent ones: (1 + a) / (1 - a).

    `a` is the autocorrelation at lag 1, taken as 0 where it is negative and at most 0.9.
    """
    alike = float(autocorrelation(rests, 1)[0]) if len(rests) > 3 else 0.0
    alike = min(max(alike, 0.0), 0.9)
    return (1 + alike) / (1 - alike)
