"""Values that will be beyond a limit before long, if they go on like this."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np

from llm_analytics_hub.alerts.detect.asking import Found, Wanted
from llm_analytics_hub.alerts.detect.course import Course, course_of
from llm_analytics_hub.alerts.detect.history import LENGTHS, Past, pasts_of, whole_past
from llm_analytics_hub.alerts.detect.watched import detail_of, measures_of, wanted
from llm_analytics_hub.alerts.detect.words import span_text
from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.alerts.alert import Finding, Judgement
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.levels import Threshold
from llm_analytics_hub.model.alerts.rule import ForecastCondition
from llm_analytics_hub.query.analysis.numbers import Floats
from llm_analytics_hub.query.analysis.series import Buckets

MOST_POINTS = 400
MOST_STEPS = 1000
RECENT = 3
"""The newest so many buckets must have a known value: an old course says nothing of tomorrow."""


class ForecastDetector:
    """A `Detector` of limits that will be reached within the horizon, or are reached already.

    The value is the last one; `detail` has `reached_in`. Groups with too short a history, or none
    of late, have no data.
    """

    def __init__(self, condition: ForecastCondition) -> None:
        self._condition = condition
        self._watched = condition.watched
        self._granularity = _granularity(condition)
        self._steps = max(1, condition.horizon // LENGTHS[self._granularity])

    def wants(self, at: datetime, /) -> Sequence[Wanted]:
        """See `Detector.wants`."""
        buckets = self._buckets(at)
        return (wanted(self._watched, buckets.starts[0], buckets.end, self._granularity),)

    def judge(self, at: datetime, found: Sequence[Found], /) -> Judgement:
        """See `Detector.judge`."""
        buckets = self._buckets(at)
        courses = dict(self._courses(found[0], buckets))
        findings = {
            group: self._finding(at, group, course, buckets) for group, course in courses.items()
        }
        bad = {group: found for group, found in findings.items() if found is not None}
        return Judgement(at, bad, frozenset(courses))

    def _buckets(self, at: datetime) -> Buckets:
        return whole_past(at, self._granularity, self._condition.history)

    def _courses(self, found: Found, buckets: Buckets) -> Iterator[tuple[Labels, Course]]:
        pasts = [pasts_of(found, name, buckets) for name in measures_of(self._watched)]
        for group, past in pasts[0].items():
            if _is_recent(past.values) and self._is_enough(pasts[-1].get(group)):
                try:
                    yield group, course_of(past.values, past.seasons)
                except InvalidQueryError:
                    continue  # too few points

    def _is_enough(self, counted: Past | None) -> bool:
        if self._watched.minimum <= 0:
            return True
        return counted is not None and counted.values[-1] >= self._watched.minimum

    def _finding(
        self, at: datetime, group: Labels, course: Course, buckets: Buckets
    ) -> Finding | None:
        ahead = course.ahead(buckets, self._steps)
        for threshold in self._condition.thresholds:
            step = _first(threshold, course.last, ahead)
            if step is not None:
                left = _left(at, buckets, step)
                detail = detail_of(self._watched, threshold.limit, reached_in=span_text(left))
                return Finding(group, threshold.level, course.last, detail)
        return None


def _granularity(condition: ForecastCondition) -> str:
    """The shortest bucket, from the window on, that gives no more points than are worth it."""
    for name, length in LENGTHS.items():
        fits = (
            condition.history / length <= MOST_POINTS and condition.horizon / length <= MOST_STEPS
        )
        if length >= condition.watched.window and fits:
            return name
    return "day"


def _is_recent(values: Floats) -> bool:
    return bool(np.isfinite(values[-RECENT:]).any())


def _first(threshold: Threshold, last: float, ahead: Floats) -> int | None:
    """Steps until a value is beyond the limit; 0 if it is already."""
    if threshold.is_met(last):
        return 0
    for step, value in enumerate(ahead.tolist(), 1):
        if math.isfinite(value) and threshold.is_met(value):
            return step
    return None


def _left(at: datetime, buckets: Buckets, step: int) -> timedelta:
    """From now until that bucket ahead begins."""
    if step == 0:
        return timedelta(0)
    return max(buckets.ahead(step)[-1] - at, timedelta(0))
