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
from llm_analytics_hub.model.alerts.rule import MatchCondition
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
        self._try(lambda: self._quiet(now))
        if self._pruned is None or not timedelta(0) <= now - self._pruned < PRUNED_EVERY:
            self._pruned = now
            self._try(lambda: self._prune(now))

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

    def _run(self) -> None:
        while not self._closing.is_set():
            self.keep(self._clock.now())
            self._closing.wait(EVERY_SECONDS)
