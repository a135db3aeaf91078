"""Damped Holt-Winters: fitted by statsmodels, its intervals from the model's own formulas.

Source: Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential Smoothing (2008), chapter 6:
ETS(A,Ad,A) and its variance.
"""

import warnings
from dataclasses import dataclass

import numpy as np

from llm_analytics_hub.query.analysis.numbers import Floats

LEAST_DAMPING, MOST_DAMPING = 0.8, 0.98


@dataclass(frozen=True)
class Smoothing:
    """A fitted model: its parameters, what it says of the past, and how wrong it was there.

    `freedom`: points less what was learnt of them; `deviation` is of an error one step ahead.
    """

    alpha: float
    beta: float
    gamma: float | None
    phi: float
    period: int
    fitted: Floats
    level: float
    slope: float
    pattern: Floats
    deviation: float
    freedom: float

    def ahead(self, steps: int) -> Floats:
        """The values expected after the last."""
        growth = self.slope * np.cumsum(self.phi ** np.arange(1, steps + 1))
        return self.level + growth + np.resize(self.pattern, steps)

    def deviations(self, steps: int) -> Floats:
        """The standard deviation of each value ahead."""
        return self.deviation * np.sqrt(np.cumsum(self._weights(steps) ** 2))

    def sum_deviations(self, steps: int) -> Floats:
        """The standard deviation of the sum of the values ahead, up to each."""
        return self.deviation * np.sqrt(np.cumsum(np.cumsum(self._weights(steps)) ** 2))

    def _weights(self, steps: int) -> Floats:
        """What an error adds to the value so many steps later, the first to its own."""
        later = np.arange(1, steps)
        weights = self.alpha + self.beta * np.cumsum(self.phi**later)
        if self.gamma is not None:
            weights = weights + self.gamma * (later % self.period == 0)
        return np.concatenate([[1.0], weights])


def fit(values: Floats, period: int | None) -> Smoothing:
    """A model of at least 10 values without gaps, about 1 in size; `period` is its season."""
    # Over a second of imports that nothing else here needs.
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    with warnings.catch_warnings():
        # A flat likelihood does not converge, and any of its parameters will do.
        warnings.simplefilter("ignore")
        model = ETSModel(
            values, error="add", trend="add", damped_trend=True,
            seasonal="add" if period else None, seasonal_periods=period,
            initialization_method="heuristic",
            bounds={"damping_trend": (LEAST_DAMPING, MOST_DAMPING)},
        )  # fmt: skip
        found = model.fit(disp=False)
    named = dict(zip(model.param_names, map(float, found.params), strict=True))
    return _smoothing(
        values, period, named, np.asarray(found.fittedvalues), np.asarray(found.states)
    )


def _smoothing(
    values: Floats, period: int | None, named: dict[str, float], fitted: Floats, states: Floats
) -> Smoothing:
    length = period or 1
    learnt = (4 if period is None else 5) + length
    freedom = max(len(values) - learnt, len(values) / 4)
    rests = values - fitted
    return Smoothing(
        alpha=named["smoothing_level"],
        beta=named["smoothing_trend"],
        gamma=named["smoothing_seasonal"] if period else None,
        phi=named["damping_trend"],
        period=length,
        fitted=fitted,
        level=float(states[-1, 0]),
        slope=float(states[-1, 1]),
        pattern=states[-length:, 2].copy() if period else np.zeros(1),
        deviation=float(np.sqrt(rests @ rests / freedom)),
        freedom=freedom,
    )
