"""All alerts: in memory to be judged and read, in the store to outlive the process."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from llm_analytics_hub.alerts.rule_alerts import Changes, RuleAlerts
from llm_analytics_hub.alerts.unsaved import Unsaved
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.model.alerts.alert import Alert, Finding, Judgement, Transition
from llm_analytics_hub.model.alerts.rule import Rule
from llm_analytics_hub.model.query import Place
from llm_analytics_hub.storage.alert_store import AlertStore, Places

KEPT = timedelta(days=1)
"""How long an alert is kept after it was resolved; its history stays longer."""

SAVED_EVERY = timedelta(minutes=1)
"""Values, counts and places that nobody is told of are saved so often; with a transition, at once."""


@dataclass(frozen=True)
class Matched:
    """Events of one group that match a rule: how many, and when the last of them arrived."""

    rule: Rule
    finding: Finding
    count: int
    at: datetime


class AlertBook:
    """Holds all alerts. Safe for many threads; readers wait for nobody who saves or tells.

    What changes is saved, then told: `told` is called by the thread that brought the news, in the
    order of events, and must not call back what changes the book. While the store is away people are
    told all the same and saving is tried again: after a crash in between they may be told once more.
    """

    def __init__(
        self, store: AlertStore, clock: Clock, told: Callable[[Sequence[Transition]], None]
    ) -> None:
        """The book as it was saved. Raises: UnavailableError."""
        self._clock, self._told = clock, told
        self._turn, self._lock = threading.Lock(), threading.Lock()
        self._unsaved = Unsaved(store, clock)
        self._rules: dict[tuple[str, str], RuleAlerts] = {}
        by_rule: dict[tuple[str, str], list[Alert]] = {}
        for alert in store.alerts():
            by_rule.setdefault((alert.tenant, alert.rule), []).append(alert)
        self._rules = {name: RuleAlerts(alerts) for name, alerts in by_rule.items()}
        self._places: dict[str, Place] = dict(store.places())
        self._opened = self._saved = clock.now()

    def alerts(self, tenant: str | None = None) -> list[Alert]:
        """All alerts of a tenant, or of all: groups that are simply well have none."""
        with self._lock:
            rules = [one for (of, _), one in self._rules.items() if tenant in (None, of)]
            return [alert for rule in rules for alert in rule]

    def places(self) -> Mapping[str, Place]:
        """By tenant, up to which event matches are counted in the alerts."""
        with self._lock:
            return dict(self._places)

    def judged(self, rule: Rule, judgement: Judgement) -> list[Transition]:
        """Take note of a judgement; what it changes for people."""
        return self.judged_all([(rule, judgement)])

    def judged_all(self, judged: Iterable[tuple[Rule, Judgement]]) -> list[Transition]:
        """As `judged` for several rules, saved at once."""
        with self._turn:
            changes = Changes()
            try:
                with self._lock:
                    for rule, judgement in judged:
                        changes.add(self._of(rule).judged(rule, judgement))
            finally:
                # Also where one fails: what others changed would be no news the next time.
                found = self._kept(changes)
            return found

    def matched(self, matches: Sequence[Matched], places: Places) -> list[Transition]:
        """Take note of events that match; `places` is up to where the stream was looked through.

        Counts and places are saved together: what is looked through again after a crash counts once.
        """
        with self._turn:
            changes = Changes()
            with self._lock:
                for one in matches:
                    alerts = self._of(one.rule)
                    changes.add(alerts.happened(one.rule, one.finding, one.count, one.at))
                self._places |= places
            return self._kept(changes, places)

    def quieted(self, rules: Iterable[Rule], now: datetime) -> list[Transition]:
        """Resolve alerts of match rules that were quiet for long enough; call it about every minute.

        It also saves what waits for that, and forgets what was over long ago.
        """
        with self._turn:
            changes = Changes()
            with self._lock:
                for rule in rules:
                    if known := self._rules.get((rule.tenant, rule.name)):
                        changes.add(known.quieted(rule, now))
                changes.forgotten += self._forgotten(now)
            found = self._kept(changes)
            self._save_sometimes(now)
            return found

    def paused(self, rule: Rule) -> list[Transition]:
        """A rule is judged no more for a while: its alerts are neither firing nor well."""
        return self._changed(rule, RuleAlerts.paused)

    def rule_gone(self, rule: Rule) -> list[Transition]:
        """There is no such rule any more: what was firing is resolved, all else forgotten."""
        return self._changed(rule, RuleAlerts.gone)

    def close(self) -> None:
        """Save what is not saved yet."""
        with self._turn:
            self._unsaved.save()

    def _of(self, rule: Rule) -> RuleAlerts:
        return self._rules.setdefault((rule.tenant, rule.name), RuleAlerts())

    def _changed(
        self, rule: Rule, change: Callable[[RuleAlerts, Rule, datetime], Changes]
    ) -> list[Transition]:
        with self._turn:
            with self._lock:
                changes = change(self._of(rule), rule, self._clock.now())
            return self._kept(changes)

    def _kept(self, changes: Changes, places: Places | None = None) -> list[Transition]:
        """Saved at once if there is something to tell; else with the next."""
        self._unsaved.add(changes, places)
        if changes.transitions or self._unsaved.has_failed:
            self._saved = self._clock.now()
            self._unsaved.save()
        if changes.transitions:
            self._told(changes.transitions)
        return changes.transitions

    def _save_sometimes(self, now: datetime) -> None:
        if not timedelta(0) <= now - self._saved < SAVED_EVERY:
            self._saved = now
            self._unsaved.save()

    def _forgotten(self, now: datetime) -> list[Alert]:
        """Not of those that were over when the hub started: they may not have been told of yet."""
        if now - self._opened < KEPT:
            return []
        return [alert for rule in self._rules.values() for alert in rule.forget(now - KEPT)]
