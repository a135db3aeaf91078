"""How fast a budget of errors burns, in a long and a short window.

Source: Google, The Site Reliability Workbook (2018), chapter 5, "Multiwindow, Multi-Burn-Rate
Alerts": the long window says that it matters, the short one that it still goes on.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from llm_analytics_hub.alerts.detect.asking import Found, Wanted
from llm_analytics_hub.alerts.detect.watched import Values, detail_of, known_of, wanted
from llm_analytics_hub.alerts.detect.words import number_text, span_text
from llm_analytics_hub.model.alerts.alert import Finding, Judgement
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.levels import GRAVEST_FIRST
from llm_analytics_hub.model.alerts.rule import BurnRateCondition, BurnWindow

_LEAST = 1e-9
"""Of an objective of 1 nothing may be bad: any error burns it."""


class BurnRateDetector:
    """A `Detector` of budgets of errors that burn too fast; the value is the long window's bad share."""

    def __init__(self, condition: BurnRateCondition) -> None:
        self._watched = condition.watched
        self._may_be_bad = max(1 - condition.objective, _LEAST)
        self._windows = sorted(condition.windows, key=lambda one: GRAVEST_FIRST.index(one.level))
        spans = {span for one in condition.windows for span in (one.long, one.short)}
        self._spans = sorted(spans)

    def wants(self, at: datetime, /) -> Sequence[Wanted]:
        """See `Detector.wants`."""
        return [wanted(self._watched, at - span, at) for span in self._spans]

    def judge(self, at: datetime, found: Sequence[Found], /) -> Judgement:
        """See `Detector.judge`."""
        pairs = zip(self._spans, found, strict=True)
        shares = {span: known_of(one, self._watched) for span, one in pairs}
        bad: dict[Labels, Finding] = {}
        for window in reversed(self._windows):  # the gravest has the last word
            bad |= self._burning(window, shares)
        known = frozenset().union(*(shares[window.long] for window in self._windows))
        return Judgement(at, bad, known)

    def _burning(
        self, window: BurnWindow, shares: dict[timedelta, Values]
    ) -> dict[Labels, Finding]:
        limit = window.factor * self._may_be_bad
        short = shares[window.short]
        return {
            group: Finding(group, window.level, share, self._detail(window, share, limit))
            for group, share in shares[window.long].items()
            if share >= limit and short.get(group, 0.0) >= limit
        }

    def _detail(self, window: BurnWindow, share: float, limit: float) -> Labels:
        burn = number_text(round(share / self._may_be_bad, 2))
        over = f"{span_text(window.long)} and {span_text(window.short)}"
        return detail_of(self._watched, limit, burn_rate=burn, windows=over)
