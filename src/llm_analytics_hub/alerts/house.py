"""What alerting does now and then: ends what is quiet, takes up new tenants, forgets old history."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from llm_analytics_hub.alerts.alert_book import AlertBook
from llm_analytics_hub.alerts.routing.desk import RoutingDesk
from llm_analytics_hub.alerts.rules.book import RuleBook
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import HubError
from llm_analytics_hub.model.alerts.alert import Alert, Phase
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import CompoundCondition, Expression, MatchCondition, Rule
from llm_analytics_hub.storage.alert_store import AlertStore

log = structlog.get_logger(__name__)

EVERY_SECONDS = 15.0
PRUNED_EVERY = timedelta(hours=6)
_GOODBYE_SECONDS = 10.0


class AlertHouse:
    """Keeps house for alerting, on a thread of its own."""

    def __init__(
        self,
        rules: RuleBook,
        book: AlertBook,
        desk: RoutingDesk,
        store: AlertStore,
        clock: Clock,
        history: timedelta,
    ) -> None:
        """`history` is how long transitions, deliveries and old versions are kept."""
        self._rules, self._book, self._desk, self._store = rules, book, desk, store
        self._clock, self._history = clock, history
        self._closing = threading.Event()
        self._pruned: datetime | None = None
        self._thread = threading.Thread(target=self._run, name="alert-house", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End. Idempotent."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(_GOODBYE_SECONDS)

    def keep(self, now: datetime) -> None:
        """Do what is due; what fails is logged, and tried again the next time."""
        self._try(self._rules.refresh)
        self._try(self._settle)
        self._try(lambda: self._quiet(now))
        if self._pruned is None or not timedelta(0) <= now - self._pruned < PRUNED_EVERY:
            self._pruned = now
            self._try(lambda: self._prune(now))

    def _settle(self) -> None:
        """Rules that are judged no more have no alerts: files change while no hub runs, too."""
        rules = {(rule.tenant, rule.name): rule for rule in self._rules.rules()}
        going_on = {(a.tenant, a.rule) for a in self._book.alerts() if _goes_on(a)}
        for key in sorted(going_on):
            rule = rules.get(key)
            if rule is None:
                self._book.rule_gone(_gone(*key))
            elif rule.is_paused:
                self._book.paused(rule)

    def _quiet(self, now: datetime) -> None:
        rules = [rule for rule in self._rules.rules() if isinstance(rule.condition, MatchCondition)]
        self._book.quieted(rules, now)

    def _prune(self, now: datetime) -> None:
        self._store.prune(now - self._history)
        self._desk.silences.prune()

    def _try(self, chore: Callable[[], object]) -> None:
        try:
            chore()
        except HubError as error:
            log.warning("a chore of alerting failed", reason=error.message)
        except Exception:
            log.exception("a chore of alerting failed")

    def _run(self) -> None:
        while not self._closing.is_set():
            self.keep(self._clock.now())
            self._closing.wait(EVERY_SECONDS)


def _goes_on(alert: Alert) -> bool:
    return alert.is_active or alert.phase is Phase.PENDING


def _gone(tenant: str, name: str) -> Rule:
    """A rule of which nothing is known any more but its name."""
    return Rule(tenant, name, 0, "gone", CompoundCondition(Expression("any"), (), Level.WARNING))
