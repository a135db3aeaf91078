"""What was spent of a budget in the period that runs, and where that will end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from llm_analytics_hub.alerts.detect.asking import Found, Shape
from llm_analytics_hub.alerts.detect.budget import MEASURE, BudgetDetector
from llm_analytics_hub.alerts.detect.pace import projected_end
from llm_analytics_hub.alerts.detect.periods import BUCKET_OF, Period, period_of
from llm_analytics_hub.alerts.detect.watched import values_of
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import BudgetCondition

Ask = Callable[[str, Shape, Sequence[str]], Found]


@dataclass(frozen=True)
class Spent:
    """What a group spent, in USD; `projected` is where its period will end, None if it is too early."""

    labels: Labels
    usd: float
    projected: float | None


@dataclass(frozen=True)
class Spending:
    """The groups of a budget in the period that runs, who spent most first."""

    period: Period
    groups: Sequence[Spent]


def spending(tenant: str, condition: BudgetCondition, at: datetime, ask: Ask) -> Spending:
    """How a budget stands at that moment. Raises: as `ask`."""
    period = period_of(at, condition.period, condition.time_zone)
    # What a budget that is told of its end asks, also where it is not.
    asked = BudgetDetector(replace(condition, projected=Level.INFO)).wants(at)
    found = [ask(tenant, one.shape, one.measures) for one in asked]
    spent = values_of(found[0], MEASURE, condition.by)
    buckets = (BUCKET_OF[condition.period], condition.time_zone)
    ends = projected_end(at, period, spent, found[1], MEASURE, buckets)
    groups = [Spent(group, usd, ends.get(group)) for group, usd in spent.items()]
    return Spending(period, sorted(groups, key=lambda one: (-one.usd, one.labels)))
