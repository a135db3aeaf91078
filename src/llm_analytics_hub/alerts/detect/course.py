"""Where a series is going: a robust line through what is recent, and the season on top of it.

Not the damped Holt-Winters of `query/analysis/forecast`: damping halves a steady growth over 72
steps, so that a disk which is full in three days would be told of in the last one and a half. The
slope is that of Theil and Sen, which a third of wild values does not move; it counts only where
chance is unlikely.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llm_analytics_hub.query.analysis.numbers import Floats, median, require_points, running_median
from llm_analytics_hub.query.analysis.season import Season, choose, usual
from llm_analytics_hub.query.analysis.series import Buckets
from llm_analytics_hub.query.analysis.trend import find_trend

NEEDED = 12
FULL_SEASONS = 3
LEVEL_POINTS = 21
CHANCE = 0.01
"""A slope that chance gives more often than this is none."""


@dataclass(frozen=True)
class Course:
    """A line from the last value's place on, by step, and the season's pattern by place."""

    last: float
    level: float
    slope: float
    season: str | None
    pattern: dict[int, float]

    def ahead(self, buckets: Buckets, steps: int) -> Floats:
        """The values of the next buckets."""
        line = self.level + self.slope * np.arange(1, steps + 1, dtype=np.float64)
        if self.season is None:
            return line
        coming = Buckets(tuple(buckets.ahead(steps)), buckets.granularity, buckets.time_zone, 0)
        places = next(one.places for one in coming.seasons if one.name == self.season)
        return np.add(line, [self.pattern.get(int(place), 0.0) for place in places])


def course_of(values: Floats, seasons: Sequence[Season]) -> Course:
    """The course of a series of which NaN is unknown.

    Its line is that of the newest half: what began of late goes on, what ended does not.
    Raises: InvalidQueryError, code `too_few_points`.
    """
    require_points("a forecast", int(np.count_nonzero(~np.isnan(values))), NEEDED)
    season, pattern = _season(values, seasons)
    flat = values - pattern
    half = flat[-max(len(flat) // 2, NEEDED) :]
    slope = _slope(half)
    level = median(half - slope * np.arange(1 - len(half), 1))
    last = float(values[~np.isnan(values)][-1])
    if season is None:
        return Course(last, level, slope, None, {})
    named = dict(zip(season.places.tolist(), pattern.tolist(), strict=True))
    return Course(last, level, slope, season.name, named)


def _season(values: Floats, seasons: Sequence[Season]) -> tuple[Season | None, Floats]:
    """The season, and what it adds at each place; the whole slope does not pass for one."""
    rest = values - _slope(values) * np.arange(len(values))
    season = choose(rest - running_median(rest, LEVEL_POINTS), seasons, FULL_SEASONS)
    if season is None:
        return None, np.zeros(len(values))
    return season, usual(rest - running_median(rest, 2 * season.length + 1), season.places)


def _slope(values: Floats) -> float:
    """Change per bucket; 0 where chance may have made it."""
    if np.count_nonzero(~np.isnan(values)) < NEEDED:
        return 0.0
    found = find_trend(values, ()).slope
    return found.value if found.p < CHANCE else 0.0
