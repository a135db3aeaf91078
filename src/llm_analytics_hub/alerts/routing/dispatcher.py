"""Tells channels of alerts: one thread that waits for changes, answers and deadlines."""

import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from llm_analytics_hub.alerts.routing.desk import RoutingDesk
from llm_analytics_hub.alerts.routing.dispatch_metrics import DispatchMetrics
from llm_analytics_hub.alerts.routing.groups import Groups
from llm_analytics_hub.alerts.routing.ledger import Ledger
from llm_analytics_hub.alerts.routing.membership import LabelsOf
from llm_analytics_hub.alerts.routing.notices import Planned, ToldOf, failed
from llm_analytics_hub.alerts.routing.round import Round
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import HubError
from llm_analytics_hub.model.alerts.alert import Alert, Transition
from llm_analytics_hub.model.alerts.routing import Delivery, Notice, Outcome
from llm_analytics_hub.storage.alert_store import AlertStore
from llm_analytics_hub.telemetry.metrics import Metrics

_log = structlog.get_logger(__name__)
_LONGEST_WAIT = timedelta(minutes=1)
"""With something to come, so that a clock that jumps is noticed."""
_RETRY = timedelta(seconds=5)


class Channels(Protocol):
    """What sends notices."""

    @property
    def names(self) -> Collection[str]:
        """What channels there are."""
        ...

    def send(self, name: str, notice: Notice, done: Callable[[Delivery], None], /) -> None:
        """Queue a notice; `done` is called once, from any thread, with what became of it."""
        ...

    def remember(self, name: str, notice: Notice, /) -> None:
        """Have a channel know what it was told before a restart, without sending it."""
        ...


class Dispatcher:
    """Keeps the groups of all alerts, and gives channels what is due.

    `alerts` gives all that are known, also those over of which channels were told; `told_of` fills in
    texts, for what is listed only; `labels_of`, where given, is a cheaper way to the labels.
    """

    def __init__(
        self,
        desk: RoutingDesk,
        channels: Channels,
        store: AlertStore,
        alerts: Callable[[], Sequence[Alert]],
        told_of: ToldOf,
        clock: Clock,
        metrics: Metrics,
        labels_of: LabelsOf | None = None,
    ) -> None:
        self._desk = desk
        self._channels = channels
        self._store = store
        self._alerts = alerts
        self._clock = clock
        self._metrics = DispatchMetrics(metrics.registry)
        self._groups = Groups(desk, told_of, labels_of or (lambda alert: told_of(alert).labels))
        self._ledger = Ledger(store)
        self._working = threading.Lock()
        self._news = threading.Condition()
        self._changes: deque[Alert] = deque()
        self._answers: deque[tuple[Planned, bool]] = deque()
        self._touched: set[str] = set()
        self._is_loaded = False
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="alert-dispatcher", daemon=True)
        desk.on_change(self._touch)

    def changed(self, transitions: Sequence[Transition]) -> None:
        """Alerts are other than they were; returns at once."""
        with self._news:
            self._changes.extend(transition.alert for transition in transitions)
            self._news.notify()

    def start(self) -> None:
        """Tell what is due, from now on."""
        self._thread.start()

    def close(self) -> None:
        """Tell no more; what was not told is told after the next start. Idempotent."""
        with self._news:
            self._closing = True
            self._news.notify()
        if self._thread.is_alive():
            self._thread.join()

    def due(self, now: datetime) -> list[Planned]:
        """What is to be sent now; each must be answered before its channel is told more of its group."""
        with self._working:
            return self._due(now).planned

    def run_due(self, now: datetime) -> None:
        """Send what is due."""
        with self._working:
            done = self._due(now)
            for plan in done.planned:
                self._send(plan)
            self._keep(done)

    def _due(self, now: datetime) -> Round:
        self._load(now)
        with self._news:
            alerts, answers = tuple(self._changes), tuple(self._answers)
            touched = tuple(self._touched)
            for news in (self._changes, self._answers, self._touched):
                news.clear()
        self._groups.update(alerts, now)
        for plan, is_sent in answers:
            self._groups.settle(plan, is_sent, now)
        for tenant in touched:
            self._groups.refresh(tenant, now)
        done = self._groups.due(now)
        self._metrics.count(done, self._groups.count)
        return done

    def _load(self, now: datetime) -> None:
        """Begin with what was stored. Raises: UnavailableError; then it is tried again."""
        if self._is_loaded:
            return
        self._desk.silences.prune()
        sent = self._store.sent()
        with self._news:
            # What comes after this is newer than what is read, or the same.
            self._changes.clear()
        self._groups.load(self._alerts(), sent, now)
        self._is_loaded = True
        for plan in self._groups.known(now):
            if plan.channel in self._channels.names:
                self._channels.remember(plan.channel, plan.notice)

    def _send(self, plan: Planned) -> None:
        if plan.channel not in self._channels.names:
            self._answer(plan, failed(plan, f"there is no channel {plan.channel!r}"))
            return
        try:
            self._channels.send(plan.channel, plan.notice, partial(self._answer, plan))
        except HubError as error:
            self._answer(plan, failed(plan, error.message))
        except Exception as error:  # noqa: BLE001 - told as why it failed
            # Without an answer its group would wait for one for ever.
            _log.exception("notice not given", channel=plan.channel)
            self._answer(plan, failed(plan, f"internal error: {type(error).__name__}"))

    def _answer(self, plan: Planned, delivery: Delivery) -> None:
        """A notice was sent, or failed: called by its channel."""
        is_sent = delivery.outcome is Outcome.SENT
        if is_sent:
            self._ledger.keep(lambda store: store.keep_sent(plan.sent, delivery))
        else:
            self._ledger.keep(lambda store: store.keep_delivery(delivery))
        with self._news:
            self._answers.append((plan, is_sent))
            self._news.notify()

    def _keep(self, done: Round) -> None:
        """Write what else was found, once everything is on its way."""
        self._ledger.retry()
        for delivery in done.deliveries:
            self._ledger.keep(lambda store, it=delivery: store.keep_delivery(it))  # type: ignore[misc]
        for tenant, key in done.forgotten:
            self._ledger.keep(partial(_forget, tenant, key))
        if done.cared:
            self._desk.lift(sorted(done.cared))
            self._groups.lifted(done.cared)

    def _touch(self, tenant: str) -> None:
        with self._news:
            self._touched.add(tenant)
            self._news.notify()

    def _run(self) -> None:
        while self._wait():
            try:
                self.run_due(self._clock.now())
            except Exception:  # noqa: BLE001 - whatever it is, alerts are told as soon as that is over
                _log.exception("alerts not dispatched")
                self._rest(_RETRY)

    def _wait(self) -> bool:
        """Wait until there is something to do; whether to go on."""
        with self._news:
            while not (self._closing or self._changes or self._answers or self._touched):
                seconds = self._seconds_left()
                if seconds is not None and seconds <= 0:
                    break
                self._news.wait(seconds)
            return not self._closing

    def _seconds_left(self) -> float | None:
        """How long nothing is due; None: until something happens."""
        if not self._is_loaded:
            return 0.0
        next_due = self._groups.next()
        waits = [] if next_due is None else [min(next_due - self._clock.now(), _LONGEST_WAIT)]
        waits += [_RETRY] if self._ledger.is_behind else []
        return min(waits).total_seconds() if waits else None

    def _rest(self, span: timedelta) -> None:
        with self._news:
            self._news.wait_for(lambda: self._closing, span.total_seconds())


def _forget(tenant: str, key: str, store: AlertStore) -> None:
    store.forget_sent(tenant, key)
