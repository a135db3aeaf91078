"""A flood: ten thousand alerts within a minute become a few notices, and none is forgotten."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from llm_analytics_hub.alerts.alert_book import AlertBook, Matched
from llm_analytics_hub.alerts.channels.metrics import ChannelMetrics
from llm_analytics_hub.alerts.channels.templates import Texts
from llm_analytics_hub.alerts.routing.desk import RoutingDesk
from llm_analytics_hub.alerts.routing.dispatcher import Dispatcher
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.model.alerts.alert import Alert, Finding, Told, Transition
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.routing import Notice
from llm_analytics_hub.model.alerts.rule import MatchCondition, Rule
from llm_analytics_hub.model.query import All
from llm_analytics_hub.storage.alert_store import AlertStore
from llm_analytics_hub.storage.control.opening import open_control
from llm_analytics_hub.telemetry.metrics import Metrics

from .parts import Recording

START = datetime(2026, 11, 19, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SECONDS, EACH = 50, 200
QUIET = timedelta(minutes=30)
RULES = [
    Rule(
        "default",
        name,
        1,
        "match",
        MatchCondition(All(), "[]", ("user_id",), Level.CRITICAL, QUIET),
    )
    for name in ("threat", "denial")
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AlertStore]:
    opened = open_control(tmp_path)
    yield opened.alerts
    opened.close()


class Remembering(Recording):
    """Notes what it was told before a restart, too."""

    def remember(self, name: str, notice: Notice) -> None:
        """See `Channels.remember`."""


class Flood:
    """A book, a dispatcher and a channel on one store."""

    def __init__(self, store: AlertStore, now: datetime = START) -> None:
        self.clock, metrics = ManualClock(now), Metrics()
        self.channel = Remembering()
        self.texts = Texts("", ChannelMetrics(metrics.registry))
        self.book = AlertBook(store, self.clock, self._told)
        desk = RoutingDesk(store, self.clock, Recording.names)
        of = (desk, self.channel, store, self.book.alerts, self._told_of, self.clock, metrics)
        self.dispatcher = Dispatcher(*of)
        self.dispatcher.run_due(now)

    def pass_second(self, matches: Sequence[Matched] = ()) -> None:
        now = self.clock.now() + SECOND
        self.clock.set(now)
        self.book.matched(matches, {})
        self.dispatcher.run_due(now)

    def _told(self, transitions: Sequence[Transition]) -> None:
        self.dispatcher.changed(transitions)

    def _told_of(self, alert: Alert) -> Told:
        rule = next(one for one in RULES if one.name == alert.rule)
        return self.texts.told(rule, alert)


def attack(second: int) -> list[Matched]:
    """As many users more in each second, half of them of each rule."""
    users = range(second * EACH, (second + 1) * EACH)
    return [
        Matched(RULES[user % 2], Finding((("user_id", f"u{user:05d}"),), Level.CRITICAL), 1,
                START + second * SECOND)
        for user in users
    ]  # fmt: skip


def test_ten_thousand_alerts_in_a_minute_are_a_few_notices(store: AlertStore) -> None:
    flood = Flood(store)
    for second in range(SECONDS):
        flood.pass_second(attack(second))
    for _ in range(600):
        flood.pass_second()
    notices = flood.channel.notices
    assert len(flood.book.alerts()) == SECONDS * EACH
    assert len(notices) == 4, "for each rule the first at once, all others after the interval"
    last = {one.group_key: one for one in notices}.values()
    assert sum(len(one.firing) + one.left_out for one in last) == SECONDS * EACH
    assert all(len(one.firing) <= 100 for one in notices)
    told = [pair for sent in store.sent() for pair in sent.firing]
    assert len(told) == SECONDS * EACH


def test_after_a_restart_none_of_them_is_told_again(store: AlertStore) -> None:
    flood = Flood(store)
    for second in range(5):
        flood.pass_second(attack(second))
    for _ in range(310):
        flood.pass_second()
    assert len(flood.channel.notices) == 4
    again = Flood(store, flood.clock.now())
    for _ in range(310):
        again.pass_second()
    assert not again.channel.notices
    for second in range(5, 8):
        again.pass_second(attack(second))
    assert sum(len(one.firing) + one.left_out for one in again.channel.notices) > 5 * EACH
