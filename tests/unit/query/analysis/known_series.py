"""Series whose truth is known: seeded noise around seasons, lines, steps and lags."""

from datetime import UTC, datetime, timedelta

import numpy as np

from llm_analytics_hub.query.analysis.numbers import Floats
from llm_analytics_hub.query.analysis.season import Season, seasons_of

MONDAY = datetime(2025, 9, 1, tzinfo=UTC)
SIZES = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


def calendar(points: int, granularity: str, time_zone: str = "UTC") -> list[Season]:
    times = [MONDAY + place * SIZES[granularity] for place in range(points)]
    return seasons_of(times, granularity, time_zone)


def noise(seed: int, points: int, *, alike: float = 0.0) -> Floats:
    """Normal noise of deviation 1; `alike` is its autocorrelation at lag 1."""
    steps = np.random.default_rng(seed).normal(0, 1, points + 50)
    found = np.zeros(points + 50)
    for place in range(1, points + 50):
        found[place] = alike * found[place - 1] + np.sqrt(1 - alike**2) * steps[place]
    return found[50:]


def wave(points: int, period: int) -> Floats:
    return np.sin(2 * np.pi * np.arange(points) / period)
