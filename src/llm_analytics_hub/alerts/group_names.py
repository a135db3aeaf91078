"""The names of the labels that a rule's groups have."""

from llm_analytics_hub.model.alerts.rule import (
    AbsenceCondition,
    BudgetCondition,
    CompoundCondition,
    HealthCondition,
    MatchCondition,
    Rule,
)


def group_names(rule: Rule) -> frozenset[str] | None:
    """What each of its groups is told apart by; None where the rule does not say."""
    match rule.condition:
        case HealthCondition():
            return None
        case CompoundCondition(on=names):
            return frozenset(names)
        case BudgetCondition(by=names):
            return frozenset((*names, "period", "threshold"))
        case MatchCondition(by=names) | AbsenceCondition(by=names):
            return frozenset(names)
        case condition:
            return frozenset(condition.watched.by)
