"""Rules on the hub itself: a measurement beyond a limit for a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from llm_analytics_hub.alerts.detect.asking import Found, Wanted
from llm_analytics_hub.alerts.detect.words import number_text
from llm_analytics_hub.alerts.health import HEALTH_METRICS
from llm_analytics_hub.model.alerts.alert import Finding, Judgement
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.levels import Side, Threshold
from llm_analytics_hub.model.alerts.rule import HealthCondition


class Measurements(Protocol):
    """What was measured of the hub lately."""

    def values(self, metric: str, start: datetime, end: datetime, /) -> Sequence[float] | None:
        """The values from just before `start` to `end`, the newest last; None where some is unknown."""
        ...


class HealthDetector:
    """Holds while every value of the window is beyond the limit."""

    def __init__(self, condition: HealthCondition, measured: Measurements) -> None:
        self._condition = condition
        self._measured = measured

    def wants(self, at: datetime, /) -> Sequence[Wanted]:
        """Nothing of the events."""
        return ()

    def judge(self, at: datetime, found: Sequence[Found], /) -> Judgement:
        """One group without labels; nothing is known until the whole window was measured."""
        start = at - self._condition.window
        values = self._measured.values(self._condition.metric, start, at)
        if not values:
            return Judgement(at, {}, frozenset())
        nothing: Labels = ()
        bad = next((one for one in self._condition.thresholds if _is_met(one, values)), None)
        findings = {} if bad is None else {nothing: _finding(self._condition.metric, bad, values)}
        return Judgement(at, findings, frozenset({nothing}))


def _is_met(threshold: Threshold, values: Sequence[float]) -> bool:
    return threshold.is_met(_best(threshold, values))


def _best(threshold: Threshold, values: Sequence[float]) -> float:
    is_above = threshold.side in (Side.ABOVE, Side.AT_LEAST)
    return min(values) if is_above else max(values)


def _finding(metric: str, threshold: Threshold, values: Sequence[float]) -> Finding:
    unit, _ = HEALTH_METRICS.get(metric, ("", ""))
    told = {"limit": number_text(threshold.limit), "measure": metric, "unit": unit}
    detail = tuple(pair for pair in told.items() if pair[1])
    return Finding((), threshold.level, _best(threshold, values), detail)
