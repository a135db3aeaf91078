"""Silence where there were events."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from llm_analytics_hub.alerts.detect.asking import Found, Shape, Wanted
from llm_analytics_hub.alerts.detect.watched import values_of
from llm_analytics_hub.alerts.detect.words import span_text
from llm_analytics_hub.model.alerts.alert import Finding, Judgement
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.rule import AbsenceCondition

_MEASURE = "events"


class AbsenceDetector:
    """A `Detector` of groups that were seen within `known` and not within `silence`.

    Without `by` there is one group, known from the start. A group that is silent for longer than
    `known` is forgotten.
    """

    def __init__(self, condition: AbsenceCondition) -> None:
        self._condition = condition
        self._detail = (("measure", _MEASURE), ("silence", span_text(condition.silence)))

    def wants(self, at: datetime, /) -> Sequence[Wanted]:
        """See `Detector.wants`. What is known is asked up to a whole minute: it is asked less often."""
        silent_since = at - self._condition.silence
        recent = self._wanted(silent_since, at)
        if not self._condition.by:
            return (recent,)
        end = silent_since.replace(second=0, microsecond=0)
        start = (at - self._condition.known).replace(minute=0, second=0, microsecond=0)
        return (recent, self._wanted(min(start, end - timedelta(minutes=1)), end))

    def judge(self, at: datetime, found: Sequence[Found], /) -> Judgement:
        """See `Detector.judge`."""
        seen = self._groups(found[0])
        known = self._groups(found[1]) if self._condition.by else frozenset({()})
        bad = {group: self._finding(group) for group in known - seen}
        return Judgement(at, bad, known | seen)

    def _wanted(self, start: datetime, end: datetime) -> Wanted:
        return Wanted(Shape(self._condition.by, self._condition.where, start, end), (_MEASURE,))

    def _groups(self, found: Found) -> frozenset[Labels]:
        values = values_of(found, _MEASURE, self._condition.by)
        return frozenset(group for group, number in values.items() if number > 0)

    def _finding(self, group: Labels) -> Finding:
        return Finding(group, self._condition.level, 0.0, self._detail)
