"""How much a value changed against an earlier period of the same length."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from llm_analytics_hub.alerts.detect.asking import Found, Wanted
from llm_analytics_hub.alerts.detect.watched import adds_up, detail_of, values_of, wanted
from llm_analytics_hub.alerts.detect.words import change_text, number_text
from llm_analytics_hub.model.alerts.alert import Finding, Judgement
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.levels import met
from llm_analytics_hub.model.alerts.rule import Against, ChangeCondition

_EARLIER = {Against.PREVIOUS_DAY: timedelta(days=1), Against.PREVIOUS_WEEK: timedelta(days=7)}

Pair = tuple[Labels, float, float]
"""A group, its value now and then."""


class ChangeDetector:
    """A `Detector` of changes; from nothing to something is infinitely more.

    Of counts and sums, the minimum must be there in one of the two periods, so that an end is seen
    as well as a beginning; of all else in both. Where the earlier period has no group at all, nothing
    is known of it: on its first day a hub has no day before.
    """

    def __init__(self, condition: ChangeCondition) -> None:
        self._condition = condition
        self._watched = condition.watched
        self._is_sum = adds_up(condition.watched.measure)

    def wants(self, at: datetime, /) -> Sequence[Wanted]:
        """See `Detector.wants`."""
        window = self._watched.window
        then = at - _EARLIER.get(self._condition.against, window)
        return (wanted(self._watched, at - window, at), wanted(self._watched, then - window, then))

    def judge(self, at: datetime, found: Sequence[Found], /) -> Judgement:
        """See `Detector.judge`."""
        pairs = list(self._pairs(*found))
        findings = {group: self._finding(group, now, then) for group, now, then in pairs}
        bad = {group: found for group, found in findings.items() if found is not None}
        return Judgement(at, bad, frozenset(findings))

    def _pairs(self, now: Found, then: Found) -> Iterator[Pair]:
        measure, by = self._watched.measure, self._watched.by
        new, old = values_of(now, measure, by), values_of(then, measure, by)
        if by and not old:
            return
        for group in self._enough(now, then, list(dict.fromkeys((*new, *old)))):
            if self._is_sum:
                yield group, new.get(group, 0.0), old.get(group, 0.0)
            elif group in new and group in old:
                yield group, new[group], old[group]

    def _enough(self, now: Found, then: Found, groups: list[Labels]) -> list[Labels]:
        least, of = self._watched.minimum, self._watched.minimum_of
        if least <= 0:
            return groups
        new, old = (values_of(one, of, self._watched.by) for one in (now, then))
        weigh = max if self._is_sum else min
        return [g for g in groups if weigh(new.get(g, 0.0), old.get(g, 0.0)) >= least]

    def _finding(self, group: Labels, now: float, then: float) -> Finding | None:
        ratio = _ratio(now, then)
        measured = now - then if self._condition.is_absolute else ratio
        threshold = met(self._condition.thresholds, measured)
        if threshold is None:
            return None
        about = {"before": number_text(then), "change": change_text(ratio)}
        return Finding(
            group, threshold.level, now, detail_of(self._watched, threshold.limit, **about)
        )


def _ratio(now: float, then: float) -> float:
    if then == 0:
        return math.copysign(math.inf, now) if now else 0.0
    return (now - then) / abs(then)
