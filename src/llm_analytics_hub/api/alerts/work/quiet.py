"""Which alerts are wanted, and what keeps alerts quiet now."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from llm_analytics_hub.alerts.alerting import Alerting
from llm_analytics_hub.alerts.channels.templates import shown_labels
from llm_analytics_hub.alerts.gone import gone_rule
from llm_analytics_hub.alerts.routing.inhibition import Inhibitor
from llm_analytics_hub.alerts.routing.matchers import Predicate, compiled, to_matcher
from llm_analytics_hub.errors import InvalidInputError, about
from llm_analytics_hub.model.alerts.alert import Alert, Phase
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.routing import Routing
from llm_analytics_hub.model.alerts.rule import Rule

MOST_MATCHERS = 20


@dataclass(frozen=True)
class AlertFilter:
    """Which alerts are wanted; empty and None are all."""

    states: frozenset[Phase] = frozenset()
    severities: frozenset[Level] = frozenset()
    rule: str | None = None
    match: tuple[str, ...] = ()
    silenced: bool | None = None
    inhibited: bool | None = None
    acknowledged: bool | None = None

    @cached_property
    def fits(self) -> Predicate:
        """Whether labels are wanted. Raises: InvalidInputError for a matcher that is none."""
        with about("match"):
            if len(self.match) > MOST_MATCHERS:
                raise InvalidInputError(f"at most {MOST_MATCHERS} matchers")
            return compiled(tuple(map(to_matcher, self.match)))

    def takes(self, alert: Alert) -> bool:
        """Whether it is wanted, as far as that is known without its labels."""
        return (
            (not self.states or alert.phase in self.states)
            and (not self.severities or alert.level in self.severities)
            and self.rule in (None, alert.rule)
        )


class Quiet:
    """What keeps alerts of a tenant quiet now, by its routing or one that is only tried."""

    def __init__(
        self, alerting: Alerting, tenant: str, now: datetime, routing: Routing | None = None
    ) -> None:
        self._alerting, self._tenant, self._now = alerting, tenant, now
        self._rules = {one.rule.name: one.rule for one in alerting.rules.entries(tenant)}
        self._routing = routing or alerting.desk.routing(tenant)
        self._silencer = alerting.desk.silences.silencer(tenant)

    def rule(self, alert: Alert) -> Rule:
        """Its rule; of one that is gone, nothing is told but the name."""
        return self._rules.get(alert.rule) or gone_rule(alert)

    def labels(self, alert: Alert) -> Labels:
        """All of its labels."""
        return shown_labels(self.rule(alert), alert)

    def silenced_by(self, labels: Labels) -> str | None:
        """The silence in force that ends last, by its id."""
        found = self._silencer.silence(labels, self._now)
        return found.id if found else None

    def is_inhibited(self, labels: Labels) -> bool:
        """Whether something that is active keeps quiet about such an alert."""
        return self._inhibitor.is_inhibited(dict(labels))

    @cached_property
    def _inhibitor(self) -> Inhibitor:
        found = Inhibitor(self._routing.inhibitions)
        for alert in self._alerting.book.alerts(self._tenant):
            if alert.is_active:
                found.add(alert.fingerprint, self.labels(alert))
        return found
