"""Money spent in a calendar period beside what may be, and where the period will end as it goes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from llm_analytics_hub.alerts.detect.asking import Found, Shape, Wanted
from llm_analytics_hub.alerts.detect.pace import projected_end
from llm_analytics_hub.alerts.detect.periods import BUCKET_OF, Period, period_of
from llm_analytics_hub.alerts.detect.watched import values_of
from llm_analytics_hub.alerts.detect.words import number_text, percent_text
from llm_analytics_hub.model.alerts.alert import Finding, Judgement
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import BudgetCondition

MEASURE = "cost_usd"
PROJECTED = "projected"


class BudgetDetector:
    """A `Detector` of budgets: a group for each threshold, named by labels `threshold` and `period`.

    All of a period's groups are held: one that fired stays until the period is over, so that each
    fires once. The value is what was spent, in USD; of `projected` where it would end.
    """

    def __init__(self, condition: BudgetCondition) -> None:
        self._condition = condition

    def wants(self, at: datetime, /) -> Sequence[Wanted]:
        """See `Detector.wants`."""
        start = self._period(at).start
        at = max(at, start + timedelta(seconds=1))  # no range is empty
        whole = self._wanted(start, at)
        if self._condition.projected is None:
            return (whole,)
        return (whole, self._wanted(start, at, BUCKET_OF[self._condition.period]))

    def judge(self, at: datetime, found: Sequence[Found], /) -> Judgement:
        """See `Detector.judge`."""
        period = self._period(at)
        spent = values_of(found[0], MEASURE, self._condition.by)
        ends = self._projected(at, period, spent, found[1:])
        # The labels of one group are found more than once: the bad ones go before the held ones.
        bad: dict[Labels, Finding] = {}
        held: dict[Labels, Finding] = {}
        for group, value in spent.items():
            for one, is_bad in self._findings(group, value, ends.get(group), period):
                (bad if is_bad else held)[one.labels] = one
        return Judgement(at, bad, frozenset((*bad, *held)), held)

    def _period(self, at: datetime) -> Period:
        return period_of(at, self._condition.period, self._condition.time_zone)

    def _wanted(self, start: datetime, at: datetime, granularity: str | None = None) -> Wanted:
        zone = self._condition.time_zone if granularity else "UTC"
        shape = Shape(self._condition.by, self._condition.where, start, at, granularity, zone)
        return Wanted(shape, (MEASURE,))

    def _projected(
        self, at: datetime, period: Period, spent: Mapping[Labels, float], found: Sequence[Found]
    ) -> Mapping[Labels, float]:
        """Where each group's period would end; nothing where it is too early to say."""
        if not found:
            return {}
        buckets = (BUCKET_OF[self._condition.period], self._condition.time_zone)
        return projected_end(at, period, spent, found[0], MEASURE, buckets)

    def _findings(
        self, group: Labels, spent: float, end: float | None, period: Period
    ) -> Iterator[tuple[Finding, bool]]:
        """The finding of each threshold, and whether it is met."""
        amount = self._condition.amount_usd
        for threshold in self._condition.thresholds:
            labels = _labels(group, percent_text(threshold.limit), period)
            finding = self._finding(labels, threshold.level, spent, spent)
            yield finding, threshold.is_met(spent / amount)
        if self._condition.projected is not None and end is not None:
            labels = _labels(group, PROJECTED, period)
            yield self._finding(labels, self._condition.projected, end, spent), end > amount

    def _finding(self, labels: Labels, level: Level, value: float, spent: float) -> Finding:
        amount = self._condition.amount_usd
        detail = {
            "limit": number_text(amount),
            "measure": MEASURE,
            "spent": number_text(round(spent, 2)),
            "unit": "USD",
            "used": percent_text(round(spent / amount, 4)),
        }
        return Finding(labels, level, value, tuple(detail.items()))


def _labels(group: Labels, threshold: str, period: Period) -> Labels:
    return tuple(sorted((*group, ("period", period.name), ("threshold", threshold))))
