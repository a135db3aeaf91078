"""What an alert is filled in with whose rule is no more."""

from llm_analytics_hub.model.alerts.alert import Alert
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import CompoundCondition, Expression, Rule

_NOTHING = CompoundCondition(Expression("any"), (), Level.WARNING)


def gone_rule(alert: Alert) -> Rule:
    """A rule of which nothing is told but the name."""
    return Rule(alert.tenant, alert.rule, 0, "gone", _NOTHING)
