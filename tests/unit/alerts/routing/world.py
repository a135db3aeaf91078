"""A hub's alerts, channels that do as told, and a dispatcher that is driven by hand."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from llm_analytics_hub.alerts.routing.desk import RoutingDesk
from llm_analytics_hub.alerts.routing.dispatcher import Dispatcher
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.model.alerts.alert import Alert, Phase, Told, Transition
from llm_analytics_hub.model.alerts.labels import Labels, labels_of
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.routing import Delivery, Notice, Outcome
from llm_analytics_hub.storage.memory_alerts import MemoryAlertStore
from llm_analytics_hub.telemetry.metrics import Metrics

START = datetime(2026, 1, 5, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TENANT = "acme"


@dataclass(frozen=True)
class Heard:
    """What a channel was given."""

    channel: str
    notice: Notice
    outcome: Outcome
    is_held: bool = False

    @property
    def firing(self) -> list[str]:
        return [name_of(told.alert) for told in self.notice.firing]

    @property
    def resolved(self) -> list[str]:
        return [name_of(told.alert) for told in self.notice.resolved]


class FakeChannels:
    """Answers at once; channels in `broken` fail, those in `slow` wait for `answer`."""

    def __init__(self, *names: str) -> None:
        self.names = frozenset(names)
        self.broken: set[str] = set()
        self.slow: set[str] = set()
        self.heard: list[Heard] = []
        self.remembered: list[Notice] = []
        self.waiting: list[Callable[[], None]] = []
        self._numbers = count()

    def send(self, name: str, notice: Notice, done: Callable[[Delivery], None]) -> None:
        outcome = Outcome.FAILED if name in self.broken else Outcome.SENT
        self.heard.append(Heard(name, notice, outcome, name in self.slow))
        alerts = tuple(told.alert.fingerprint for told in (*notice.firing, *notice.resolved))
        delivery = Delivery(
            notice.tenant, f"d{next(self._numbers)}", notice.group_key, name, notice.cause,
            notice.at, outcome, alerts,
        )  # fmt: skip
        if name in self.slow:
            self.waiting.append(lambda: done(delivery))
        else:
            done(delivery)

    def remember(self, name: str, notice: Notice) -> None:
        self.remembered.append(notice)

    def answer(self) -> None:
        waiting, self.waiting = self.waiting, []
        for done in waiting:
            done()


def name_of(alert: Alert) -> str:
    return dict(alert.labels).get("service", alert.rule)


def told_of(alert: Alert) -> Told:
    return Told(alert, shown(alert))


def shown(alert: Alert) -> Labels:
    more = {"alertname": alert.rule, "severity": str(alert.level or "")}
    return labels_of({**dict(alert.labels), **more})


class World:
    """Fire, resolve, let time pass, and see who heard what."""

    def __init__(self, *channels: str, routing: dict[str, Any] | None = None) -> None:
        self.clock = ManualClock(START)
        self.store = MemoryAlertStore()
        self.channels = FakeChannels(*(channels or ("ops",)))
        self.alerts: dict[str, Alert] = {}
        self._open()
        if routing:
            self.desk.put(TENANT, routing, "ada")

    def _open(self) -> None:
        self.desk = RoutingDesk(self.store, self.clock, self.channels.names)
        self.dispatcher = Dispatcher(
            self.desk, self.channels, self.store, lambda: tuple(self.alerts.values()), told_of,
            self.clock, Metrics(),
        )  # fmt: skip

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def change(self, *alerts: Alert) -> None:
        """These alerts came to be so, and the dispatcher heard of it."""
        self.note(*alerts)
        self.dispatcher.changed([Transition(one, Phase.OK, self.now) for one in alerts])
        self.run()

    def note(self, *alerts: Alert) -> None:
        self.alerts.update({one.fingerprint: one for one in alerts})

    def firing(
        self, service: str, level: Level = Level.WARNING, rule: str = "errors", **labels: str
    ) -> Alert:
        group = labels_of({"service": service, **labels})
        new = Alert(TENANT, rule, group, Phase.FIRING, self.now, level, fired=self.now)
        old = self.alerts.get(new.fingerprint)
        return replace(new, fired=old.fired) if old and old.is_active else new

    def resolved(self, service: str, rule: str = "errors", **labels: str) -> Alert:
        old = self.alerts[self.firing(service, rule=rule, **labels).fingerprint]
        return replace(old, phase=Phase.RESOLVED, since=self.now, resolved=self.now)

    def fire(self, *services: str, level: Level = Level.WARNING, rule: str = "errors") -> None:
        self.change(*(self.firing(one, level, rule) for one in services))

    def resolve(self, *services: str, rule: str = "errors") -> None:
        self.change(*(self.resolved(one, rule) for one in services))

    def run(self) -> None:
        self.dispatcher.run_due(self.now)
        # Answers that came at once are taken in the next round.
        self.dispatcher.run_due(self.now)

    def wait(self, minutes: float) -> None:
        """Let time pass, from deadline to deadline."""
        end = self.now + minutes * MINUTE
        while (due := self.dispatcher._groups.next()) is not None and due <= end:
            self.clock.set(max(due, self.now))
            self.run()
        self.clock.set(end)
        self.run()

    def restart(self) -> None:
        """As after kill -9: only what is stored is left."""
        self.channels.waiting.clear()
        self._open()
        self.run()

    def silence(self, *match: str, lasts: str = "1h", **more: Any) -> str:
        body = {"match": list(match), "lasts": lasts, "reason": "known", **more}
        made = self.desk.silences.create(TENANT, body, "ada")
        self.run()
        return made.id

    def heard(self, channel: str = "ops") -> list[Heard]:
        """What a channel took, since the last time this was asked."""
        found = [one for one in self.channels.heard if one.channel == channel]
        self.channels.heard = [one for one in self.channels.heard if one.channel != channel]
        return found

    def causes(self, channel: str = "ops") -> list[str]:
        return [one.notice.cause.value for one in self.heard(channel)]
