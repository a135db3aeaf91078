"""Rules, answers and moments of tests about alerts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from llm_analytics_hub.alerts.detect.asking import Found
from llm_analytics_hub.model.alerts.alert import Finding, Judgement
from llm_analytics_hub.model.alerts.labels import Labels, labels_of
from llm_analytics_hub.model.alerts.levels import Level, Side, Threshold
from llm_analytics_hub.model.alerts.rule import (
    Condition,
    MatchCondition,
    Rule,
    ThresholdCondition,
    Watched,
)
from llm_analytics_hub.model.query import All

NOW = datetime(2026, 11, 18, 10, 30, tzinfo=UTC)
"""A Wednesday."""

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

WARNING = Threshold(Level.WARNING, Side.ABOVE, 10.0)
CRITICAL = Threshold(Level.CRITICAL, Side.ABOVE, 20.0)


def rule(condition: Condition | None = None, **known: Any) -> Rule:
    """A rule of tenant `t`."""
    condition = condition or ThresholdCondition(Watched("errors", ("service",)), (WARNING,))
    return Rule(
        **{"tenant": "t", "name": "r", "version": 1, "kind": "k", "condition": condition, **known}
    )


def match_rule(**known: Any) -> Rule:
    """A rule on events by service, over after ten minutes."""
    return rule(MatchCondition(All(), "[]", ("service",), Level.CRITICAL, 10 * MINUTE), **known)


def group(service: str, **more: str) -> Labels:
    """The labels of a service."""
    return labels_of({"service": service, **more})


def finding(service: str = "a", level: Level = Level.WARNING, value: float = 11.0) -> Finding:
    """What is bad about a service."""
    return Finding(group(service), level, value)


def judgement(at: datetime, *bad: Finding, known: Sequence[str] = ("a",)) -> Judgement:
    """A judgement of these services."""
    return Judgement(at, {one.labels: one for one in bad}, frozenset(map(group, known)))


def found(
    times: Sequence[datetime] | None = None,
    groups: Sequence[Labels] | None = None,
    **values: Sequence[float | None],
) -> Found:
    """An answer; without groups all rows are of the one."""
    rows = len(next(iter(values.values())))
    return Found(groups if groups is not None else [()] * rows, times, values)
