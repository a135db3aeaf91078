"""The thread around the groups."""

import queue
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from llm_analytics_hub.alerts.routing.desk import RoutingDesk
from llm_analytics_hub.alerts.routing.dispatcher import Dispatcher
from llm_analytics_hub.clock import SystemClock
from llm_analytics_hub.errors import SaturatedError, UnavailableError
from llm_analytics_hub.model.alerts.alert import Alert, Phase, Transition
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.routing import Delivery, Notice, Outcome
from llm_analytics_hub.storage.memory_alerts import MemoryAlertStore
from llm_analytics_hub.telemetry.metrics import Metrics

from .world import TENANT, told_of

PATIENCE = 30


class Queues:
    names = frozenset({"ops"})

    def __init__(self) -> None:
        self.notices: queue.Queue[tuple[Notice, Callable[[Delivery], None]]] = queue.Queue()
        self.is_full = False

    def send(self, name: str, notice: Notice, done: Callable[[Delivery], None]) -> None:
        if self.is_full:
            raise SaturatedError("full")
        self.notices.put((notice, done))

    def remember(self, name: str, notice: Notice) -> None: ...


@pytest.fixture
def parts() -> tuple[Dispatcher, Queues, MemoryAlertStore]:
    store, clock, channels = MemoryAlertStore(), SystemClock(), Queues()
    desk = RoutingDesk(store, clock, channels.names)
    # The interval is the shortest there is: a failure is tried again after it.
    desk.put(TENANT, {"route": {"channels": ["ops"], "group_interval": "1s"}}, "ada")
    dispatcher = Dispatcher(desk, channels, store, lambda: (), told_of, clock, Metrics())
    return dispatcher, channels, store


def transition() -> Transition:
    now = SystemClock().now()
    alert = Alert(TENANT, "errors", (), Phase.FIRING, now, Level.CRITICAL, fired=now)
    return Transition(alert, Phase.OK, now)


def delivery(notice: Notice, outcome: Outcome) -> Delivery:
    return Delivery(TENANT, "1", notice.group_key, "ops", notice.cause, notice.at, outcome, ())


@pytest.mark.slow
def test_what_changed_is_sent_and_kept_and_a_failure_sent_again(
    parts: tuple[Dispatcher, Queues, MemoryAlertStore],
) -> None:
    dispatcher, channels, store = parts
    dispatcher.start()
    dispatcher.changed([transition()])
    notice, done = channels.notices.get(timeout=PATIENCE)
    done(delivery(notice, Outcome.FAILED))
    assert store.sent() == []
    notice, done = channels.notices.get(timeout=PATIENCE)
    done(delivery(notice, Outcome.SENT))
    assert [one.channel for one in store.sent()] == ["ops"]
    dispatcher.close()
    dispatcher.close()
    assert not dispatcher._thread.is_alive()


@pytest.mark.slow
def test_a_full_channel_is_tried_again(parts: tuple[Dispatcher, Queues, MemoryAlertStore]) -> None:
    dispatcher, channels, store = parts
    channels.is_full = True
    dispatcher.changed([transition()])
    # What comes before the first look is in `alerts` already; here there is nobody who keeps them.
    dispatcher.run_due(SystemClock().now())
    dispatcher.changed([transition()])
    dispatcher.run_due(SystemClock().now())
    (failed,) = store.deliveries(TENANT, "ops", None, None, 10)
    assert failed.error == "full"
    channels.is_full = False
    dispatcher.start()
    assert channels.notices.get(timeout=PATIENCE)
    dispatcher.close()


def test_a_store_that_is_away_at_the_start_is_asked_again(
    parts: tuple[Dispatcher, Queues, MemoryAlertStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatcher, channels, store = parts
    monkeypatch.setattr("llm_analytics_hub.alerts.routing.dispatcher._RETRY", timedelta(0))
    answers = iter([UnavailableError("away")])
    good = store.sent

    def sent() -> object:
        if (error := next(answers, None)) is not None:
            raise error
        return good()

    monkeypatch.setattr(store, "sent", sent)
    dispatcher._alerts = lambda: (transition().alert,)
    dispatcher.start()
    assert channels.notices.get(timeout=PATIENCE)
    dispatcher.close()


def test_a_channel_that_breaks_does_not_keep_a_group_waiting_for_its_answer(
    parts: tuple[Dispatcher, Queues, MemoryAlertStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatcher, channels, store = parts

    def broken(name: str, notice: Notice, done: Callable[[Delivery], None]) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(channels, "send", broken)
    dispatcher.run_due(SystemClock().now())
    dispatcher.changed([transition()])
    dispatcher.run_due(SystemClock().now())
    dispatcher.run_due(SystemClock().now() + timedelta(minutes=10))
    failed, *_ = store.deliveries(TENANT, "ops", None, None, 10)
    assert failed.outcome is Outcome.FAILED
    assert "a defect" not in failed.error


def test_an_alert_that_has_no_place_keeps_no_other_from_being_told(
    parts: tuple[Dispatcher, Queues, MemoryAlertStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatcher, channels, _ = parts
    good = transition()
    bad = replace(good, alert=replace(good.alert, rule="bad"))
    labels_of = dispatcher._groups._members.labels_of

    def labels_or_not(alert: Alert) -> Labels:
        if alert.rule == "bad":
            raise ValueError("a defect")
        return labels_of(alert)

    monkeypatch.setattr(dispatcher._groups._members, "labels_of", labels_or_not)
    dispatcher.run_due(SystemClock().now())
    dispatcher.changed([bad, good])
    dispatcher.run_due(SystemClock().now())
    dispatcher.run_due(SystemClock().now() + timedelta(minutes=10))
    notice, _done = channels.notices.get_nowait()
    assert [one.alert.rule for one in notice.firing] == ["errors"]
