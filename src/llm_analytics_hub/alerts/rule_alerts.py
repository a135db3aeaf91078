"""The alerts of one rule: judged, and what became of them. Not safe for threads."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from llm_analytics_hub.alerts.group_names import group_names
from llm_analytics_hub.alerts.phases import (
    advance,
    begin,
    ended,
    evolved,
    happened,
    is_of_budget,
    no_data_of,
    transition,
    was_bad,
)
from llm_analytics_hub.model.alerts.alert import Alert, Finding, Judgement, Phase, Transition
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.rule import BudgetCondition, NoData, Rule
from llm_analytics_hub.model.query import OTHER

MOST_GROUPS = 10_000
"""Who chooses what events say may choose endless values: so many alerts of a match rule are kept apart."""

_SETTLED = frozenset({Phase.UNKNOWN, Phase.OK})
_OVER = _SETTLED | {Phase.RESOLVED}


@dataclass
class Changes:
    """Alerts that are other than they were, those no more kept, and what people are told."""

    alerts: list[Alert] = field(default_factory=list)
    forgotten: list[Alert] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)

    def add(self, others: "Changes") -> None:
        """Take in other changes."""
        self.alerts += others.alerts
        self.forgotten += others.forgotten
        self.transitions += others.transitions


NOTHING = Changes()


class RuleAlerts:
    """The alerts of one rule by group; groups that are well are not kept, unless they may be missed."""

    def __init__(self, alerts: Iterable[Alert] = ()) -> None:
        self._alerts = {alert.labels: alert for alert in alerts}
        self._judged = max((a.judged for a in self._alerts.values() if a.judged), default=None)
        self._version: int | None = None
        self._is_over = False
        """Whether nothing is the matter with any group, nor was at the last judgement."""

    def __iter__(self) -> Iterator[Alert]:
        return iter(self._alerts.values())

    def judged(self, rule: Rule, judgement: Judgement) -> Changes:
        """What a judgement changes."""
        if self._is_as_before(rule, judgement):
            self._judged = judgement.at
            return NOTHING
        changes = self._outdated(rule, judgement.at)
        for group in self._concerned(rule, judgement):
            before = self._last(rule, group, judgement.at)
            finding = _finding(rule, before, judgement)
            after = advance(rule, before, finding, group in judgement.known, judgement.at)
            self._keep(rule, before, after, changes)
        self._judged = judgement.at
        self._is_over = all(alert.phase in _OVER for alert in self)
        return changes

    def happened(self, rule: Rule, finding: Finding, count: int, at: datetime) -> Changes:
        """What events that match change; the same last event again changes nothing.

        Groups beyond `MOST_GROUPS` are one, of which each label is OTHER.
        """
        if len(self._alerts) >= MOST_GROUPS and finding.labels not in self._alerts:
            labels = tuple((name, OTHER) for name, _ in finding.labels)
            finding = replace(finding, labels=labels)
        changes, before = Changes(), self._alerts.get(finding.labels)
        if not rule.is_paused and (before is None or not _is_same(before, finding, at)):
            known = before or begin(rule, finding.labels, at)
            self._keep(rule, known, happened(rule, before, finding, count, at), changes)
        return changes

    def quieted(self, rule: Rule, at: datetime) -> Changes:
        """What it changes that no more events match."""
        changes = Changes()
        for before in [alert for alert in self if alert.is_active]:
            self._keep(rule, before, advance(rule, before, None, True, at), changes)
        return changes

    def paused(self, rule: Rule, at: datetime) -> Changes:
        """What it changes that the rule is judged no more for a while."""
        changes, stopped = Changes(), replace(rule, is_paused=True)
        for before in list(self):
            self._keep(rule, before, advance(stopped, before, None, False, at), changes)
        self._is_over = False
        return changes

    def gone(self, rule: Rule, at: datetime) -> Changes:
        """What it changes that there is no such rule any more."""
        return self._end(rule, list(self), at)

    def forget(self, before: datetime) -> list[Alert]:
        """Keep no more what was over before that moment; what was kept."""
        old = [a for a in self if _is_history(a) and a.since < before]
        for alert in old:
            del self._alerts[alert.labels]
        return old

    def _is_as_before(self, rule: Rule, judgement: Judgement) -> bool:
        """Whether all is as well as it was: the way of nearly every judgement."""
        if judgement.bad or rule.version != self._version or rule.is_paused:
            return False
        is_missed = no_data_of(rule) is NoData.ALERT and self._alerts.keys() != judgement.known
        return self._is_over and not is_missed

    def _concerned(self, rule: Rule, judgement: Judgement) -> Sequence[Labels]:
        if rule.is_paused:
            return list(self._alerts)
        seen: Iterable[Labels] = judgement.known if no_data_of(rule) is NoData.ALERT else ()
        return list(dict.fromkeys((*self._alerts, *judgement.bad, *seen)))

    def _last(self, rule: Rule, group: Labels, at: datetime) -> Alert:
        """The alert as the last judgement left it: all groups of a rule are judged together."""
        known = self._alerts.get(group)
        if known is None:
            return begin(rule, group, at, self._judged)
        return known if self._judged is None else evolved(known, judged=self._judged)

    def _keep(self, rule: Rule, before: Alert, after: Alert, changes: Changes) -> None:
        told = transition(before, after)
        if told is not None:
            changes.transitions.append(told)
        if _is_worth_keeping(rule, after):
            self._alerts[after.labels] = after
            if told is not None or evolved(after, judged=before.judged) != before:
                changes.alerts.append(after)
        elif self._alerts.pop(after.labels, None) is not None:
            changes.forgotten.append(after)

    def _outdated(self, rule: Rule, at: datetime) -> Changes:
        """Ends what another version of the rule told apart by other labels."""
        if rule.version == self._version:
            return Changes()
        self._version, names = rule.version, group_names(rule)
        others = [a for a in self if names is not None and {name for name, _ in a.labels} != names]
        return self._end(rule, others, at)

    def _end(self, rule: Rule, alerts: list[Alert], at: datetime) -> Changes:
        changes = Changes()
        for before in alerts:
            after = ended(before, at)
            self._keep(rule, before, after, changes)
            if after is before:
                del self._alerts[before.labels]
                changes.forgotten.append(before)
        self._is_over = False
        return changes


def _finding(rule: Rule, alert: Alert, judgement: Judgement) -> Finding | None:
    found = judgement.bad.get(alert.labels)
    if found is not None or not judgement.held or not was_bad(alert):
        return found
    held = judgement.held.get(alert.labels)
    is_budget = isinstance(rule.condition, BudgetCondition)
    return held if held and (not is_budget or is_of_budget(rule, alert, held)) else None


def _is_history(alert: Alert) -> bool:
    """Whether something was the matter, and is no more: with no data alone it never fired."""
    return alert.phase is Phase.RESOLVED or (alert.phase is Phase.OK and alert.fired is not None)


def _is_same(alert: Alert, finding: Finding, at: datetime) -> bool:
    return bool(finding.detail) and (alert.seen, alert.detail) == (at, finding.detail)


def _is_worth_keeping(rule: Rule, alert: Alert) -> bool:
    is_well = alert.phase in _SETTLED and alert.fired is None
    return not is_well or no_data_of(rule) is NoData.ALERT
