"""Values beyond a limit."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

from llm_analytics_hub.alerts.detect.asking import Found, Wanted
from llm_analytics_hub.alerts.detect.watched import detail_of, known_of, wanted
from llm_analytics_hub.model.alerts.alert import Finding, Judgement
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.levels import Side, Threshold, met
from llm_analytics_hub.model.alerts.rule import ThresholdCondition

_FARTHEST: Mapping[Side, Callable[[Iterable[float]], float]] = {
    Side.ABOVE: max,
    Side.AT_LEAST: max,
    Side.BELOW: min,
    Side.AT_MOST: min,
}
_NOTHING: Mapping[Labels, Finding] = {}


class ThresholdDetector:
    """A `Detector` of values beyond a limit."""

    def __init__(self, condition: ThresholdCondition) -> None:
        self._watched = condition.watched
        self._thresholds = condition.thresholds

    def wants(self, at: datetime, /) -> Sequence[Wanted]:
        """See `Detector.wants`."""
        return (wanted(self._watched, at - self._watched.window, at),)

    def judge(self, at: datetime, found: Sequence[Found], /) -> Judgement:
        """See `Detector.judge`. Of many rules nothing is bad: no group is looked at for that."""
        answer = found[0]
        if self._is_well(answer):
            return Judgement(at, _NOTHING, answer.everyone, _NOTHING)
        known = known_of(answer, self._watched)
        bad = {
            group: self._finding(group, value, threshold)
            for group, value in known.items()
            if (threshold := met(self._thresholds, value)) is not None
        }
        return Judgement(at, bad, frozenset(known))

    def _is_well(self, found: Found) -> bool:
        """Whether every value is known, of enough, and on the good side of all limits."""
        values = found.values[self._watched.measure]
        if not values or None in values or not self._is_enough(found):
            return False
        known = cast(Sequence[float], values)
        return not any(one.is_met(_FARTHEST[one.side](known)) for one in self._thresholds)

    def _is_enough(self, found: Found) -> bool:
        if self._watched.minimum <= 0:
            return True
        counts = found.values[self._watched.minimum_of]
        return None not in counts and min(cast(Sequence[float], counts)) >= self._watched.minimum

    def _finding(self, group: Labels, value: float, threshold: Threshold) -> Finding:
        return Finding(group, threshold.level, value, detail_of(self._watched, threshold.limit))
