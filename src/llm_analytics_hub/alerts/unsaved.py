"""What of the alerts the store does not have yet: kept and tried again while the store is away."""

from datetime import datetime, timedelta

import structlog

from llm_analytics_hub.alerts.rule_alerts import Changes
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import InvalidInputError, UnavailableError
from llm_analytics_hub.model.alerts.alert import Alert, Transition
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.query import Place
from llm_analytics_hub.storage.alert_store import AlertStore, Places

RETRY_AFTER = timedelta(seconds=5)
MOST_TRANSITIONS = 100_000
"""Of a store that is away for long, the oldest history is given up before memory is; alerts are not."""

Key = tuple[str, str, Labels]

log = structlog.get_logger(__name__)


class Unsaved:
    """Changes on their way to the store. Not safe for threads."""

    def __init__(self, store: AlertStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._alerts: dict[Key, Alert] = {}
        self._forgotten: dict[Key, str] = {}
        self._transitions: list[Transition] = []
        self._places: dict[str, Place] = {}
        self._failed: datetime | None = None

    @property
    def has_failed(self) -> bool:
        """Whether the store was away when it was last tried."""
        return self._failed is not None

    def add(self, changes: Changes, places: Places | None = None) -> None:
        """Keep until saved. Places go with the counts of the events up to there, never before."""
        for alert in changes.alerts:
            self._alerts[_key(alert)] = alert
            self._forgotten.pop(_key(alert), None)
        for alert in changes.forgotten:
            self._alerts.pop(_key(alert), None)
            self._forgotten[_key(alert)] = alert.fingerprint
        self._transitions += changes.transitions
        del self._transitions[:-MOST_TRANSITIONS]
        self._places |= places or {}

    def save(self) -> bool:
        """Save all there is, in one transaction; whether nothing is left. Never raises."""
        if not (self._alerts or self._transitions or self._places or self._forgotten):
            return True
        if self._waits():
            return False
        try:
            self._save()
        except UnavailableError as error:
            self._failed = self._clock.now()
            log.warning("alerts not saved", reason=error.code, alerts=len(self._alerts))
            return False
        except Exception:
            self._failed = self._clock.now()
            log.exception("alerts not saved", alerts=len(self._alerts))
            return False
        self._failed = None
        return True

    def _save(self) -> None:
        if self._alerts or self._transitions or self._places:
            try:
                self._store.save(list(self._alerts.values()), self._transitions, self._places)
            except InvalidInputError:
                self._save_each()
        self._alerts, self._transitions, self._places = {}, [], {}
        if self._forgotten:
            self._store.forget(list(self._forgotten.values()))
        self._forgotten = {}

    def _save_each(self) -> None:
        """One that cannot be stored, its labels are too long, must not keep all others from it."""
        for alert in self._alerts.values():
            self._save_one([alert], [])
        for transition in self._transitions:
            self._save_one([], [transition])
        self._store.save([], [], self._places)

    def _save_one(self, alerts: list[Alert], transitions: list[Transition]) -> None:
        try:
            self._store.save(alerts, transitions, {})
        except InvalidInputError as error:
            alert = alerts[0] if alerts else transitions[0].alert
            log.warning("alert not stored", reason=error.message, rule=alert.rule)

    def _waits(self) -> bool:
        if self._failed is None:
            return False
        return timedelta(0) <= self._clock.now() - self._failed < RETRY_AFTER


def _key(alert: Alert) -> Key:
    return (alert.tenant, alert.rule, alert.labels)
