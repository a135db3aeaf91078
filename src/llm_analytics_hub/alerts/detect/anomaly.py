"""Values that are far from what is usual at their time: a robust seasonal z-score."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from llm_analytics_hub.alerts.detect.asking import Found, Wanted
from llm_analytics_hub.alerts.detect.history import (
    Past,
    alike,
    granularity_of,
    is_seen,
    pasts_of,
    whole_past,
)
from llm_analytics_hub.alerts.detect.usual import usual_last
from llm_analytics_hub.alerts.detect.watched import adds_up, detail_of, measures_of, wanted
from llm_analytics_hub.alerts.detect.words import number_text
from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.aggregate import Count, Distinct
from llm_analytics_hub.model.alerts.alert import Finding, Judgement
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.levels import Threshold, met
from llm_analytics_hub.model.alerts.rule import AnomalyCondition, Direction
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.query.analysis.numbers import median


@dataclass(frozen=True)
class Score:
    """A group's last value, what is usual there, and how far it is in the direction that counts."""

    group: Labels
    value: float
    usual: float
    score: float


class AnomalyDetector:
    """A `Detector` of anomalies in the last whole bucket, which learns only from those before it.

    Groups with too short a history have no data. A bad group is over below `calm`, which is what
    `held` says.
    """

    def __init__(self, condition: AnomalyCondition) -> None:
        self._condition = condition
        self._watched = condition.watched
        self._granularity = granularity_of(condition.watched.window)
        measure = MEASURES[condition.watched.measure]
        self._is_sum = adds_up(condition.watched.measure)
        self._is_count = isinstance(measure.aggregate, Count | Distinct)

    def wants(self, at: datetime, /) -> Sequence[Wanted]:
        """See `Detector.wants`."""
        buckets = whole_past(at, self._granularity, self._condition.history)
        return (wanted(self._watched, buckets.starts[0], buckets.end, self._granularity),)

    def judge(self, at: datetime, found: Sequence[Found], /) -> Judgement:
        """See `Detector.judge`."""
        scores = list(self._scores(at, found[0]))
        far = [one for one in scores if self._is_far(one)]
        bad = {one.group: self._finding(one, by) for one in far if (by := self._met(one))}
        least = self._condition.thresholds[-1]
        held = {
            one.group: self._finding(one, least)
            for one in far
            if one.group not in bad and one.score > self._condition.calm
        }
        return Judgement(at, bad, frozenset(one.group for one in scores), held)

    def _scores(self, at: datetime, found: Found) -> Iterator[Score]:
        buckets = whole_past(at, self._granularity, self._condition.history)
        pasts = [pasts_of(found, name, buckets) for name in measures_of(self._watched)]
        for group, past in pasts[0].items():
            if self._is_enough(past, pasts[-1].get(group)):
                score = self._score(group, past)
                if score is not None:
                    yield score

    def _is_enough(self, past: Past, counted: Past | None) -> bool:
        """Whether the minimum is there in the bucket or, of counts and sums, usually.

        So a fall to nothing is seen, too; but a percentile of a few events says nothing.
        """
        if self._watched.minimum <= 0:
            return True
        if counted is None:
            return False
        last = float(np.nan_to_num(counted.values[-1]))
        if not self._is_sum:
            return last >= self._watched.minimum
        return max(last, median(counted.values)) >= self._watched.minimum

    def _score(self, group: Labels, past: Past) -> Score | None:
        value = float(past.values[-1])
        if not math.isfinite(value):
            return None
        try:
            values = alike(past) if self._is_sum else past.values
            usual = usual_last(values, past.seasons, is_count=self._is_count)
        except InvalidQueryError:
            return None
        score = (value - usual.expected) / usual.deviation if usual.deviation > 0 else 0.0
        if is_seen(values, past.seasons):
            score = 0.0
        return Score(group, value, usual.expected, self._directed(score))

    def _directed(self, score: float) -> float:
        match self._condition.direction:
            case Direction.UP:
                return score
            case Direction.DOWN:
                return -score
            case Direction.BOTH:
                return abs(score)

    def _is_far(self, one: Score) -> bool:
        return abs(one.value - one.usual) >= self._condition.least_change * abs(one.usual)

    def _met(self, one: Score) -> Threshold | None:
        return met(self._condition.thresholds, one.score)

    def _finding(self, one: Score, by: Threshold) -> Finding:
        about = {"score": number_text(round(one.score, 2)), "usual": number_text(one.usual)}
        return Finding(one.group, by.level, one.value, detail_of(self._watched, by.limit, **about))
