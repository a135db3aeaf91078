"""Rules on other rules: which of them are active together."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from llm_analytics_hub.alerts.detect.asking import Found, Wanted
from llm_analytics_hub.model.alerts.alert import Alert, Finding, Judgement
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.rule import CompoundCondition, Expression, Rule


def rules_in(expression: Expression) -> frozenset[str]:
    """The names of the rules it is about."""
    own = {expression.rule} if expression.rule else set()
    return frozenset(own.union(*(rules_in(part) for part in expression.parts)))


def holds(expression: Expression, active: Collection[str]) -> bool:
    """Whether it is true where the rules `active` are."""
    parts = (holds(part, active) for part in expression.parts)
    match expression.word:
        case "all":
            return all(parts)
        case "any":
            return any(parts)
        case "not":
            return not any(parts)
        case _:
            return expression.rule in active


class CompoundDetector:
    """Judges each group of alerts of equal `on` labels; a label that an alert has not is ''.

    Known are the groups of which a rule it is about, or itself, has an alert in any phase; without
    `on` there is the one group of all.
    """

    def __init__(
        self, rule: Rule, condition: CompoundCondition, alerts: Callable[[str], Sequence[Alert]]
    ) -> None:
        self._rule = rule
        self._condition = condition
        self._alerts = alerts
        self._about = rules_in(condition.expression)

    def wants(self, at: datetime, /) -> Sequence[Wanted]:
        """Nothing of the events."""
        return ()

    def judge(self, at: datetime, found: Sequence[Found], /) -> Judgement:
        """The groups in which the expression is true."""
        active = self._active()
        bad = {
            group: self._finding(group, rules)
            for group, rules in active.items()
            if holds(self._condition.expression, rules)
        }
        return Judgement(at, bad, frozenset(active))

    def _active(self) -> Mapping[Labels, set[str]]:
        """The rules that are active in each group."""
        groups: dict[Labels, set[str]] = {} if self._condition.on else {(): set()}
        for alert in self._alerts(self._rule.tenant):
            if alert.rule in self._about or alert.rule == self._rule.name:
                active = groups.setdefault(self._group_of(alert), set())
                active.update({alert.rule} if alert.is_active else ())
        return groups

    def _group_of(self, alert: Alert) -> Labels:
        labels = dict(alert.labels)
        return tuple((name, labels.get(name, "")) for name in sorted(self._condition.on))

    def _finding(self, group: Labels, active: Collection[str]) -> Finding:
        because = ", ".join(sorted(self._about.intersection(active)))
        return Finding(group, self._condition.level, None, (("rules", because),))
