"""Whatever happens: nobody is told twice without a reason, and what stays is told."""

from datetime import datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.routing import Cause, Outcome

from .world import MINUTE, TENANT, Heard, World, name_of, shown

NAMES = st.sampled_from("abcd")
LEVELS = st.sampled_from([Level.WARNING, Level.CRITICAL])
CHANNELS = ("ops", "pager", "boss")
INTERVAL, REPEAT = 5 * MINUTE, 60 * MINUTE
ROUTINGS = st.builds(
    lambda group_by, wait, pager, escalate: {
        "route": {
            "channels": ["ops"],
            "group_by": group_by,
            "group_wait": wait,
            "repeat_interval": "1h",
            "routes": [{"match": ['severity="critical"'], "channels": pager}],
            "escalate": escalate,
        }
    },
    st.sampled_from([["alertname"], ["alertname", "severity"], ["..."], []]),
    st.sampled_from(["0s", "30s"]),
    st.sampled_from([["pager"], ["ops", "pager"]]),
    st.sampled_from([[], [{"after": "10m", "channels": ["boss"]}]]),
)


class Telling(RuleBasedStateMachine):
    """Random days of four alerts and three channels, of which some fail."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self.told: dict[tuple[str, str], tuple[datetime | None, frozenset[tuple[str, str]]]] = {}
        self.tried: dict[tuple[str, str], tuple[datetime, int]] = {}
        self.held: dict[tuple[str, str], tuple[datetime | None, frozenset[tuple[str, str]]]] = {}
        self.silences: list[tuple[str, datetime, datetime]] = []

    @initialize(routing=ROUTINGS)
    def begin(self, routing: dict[str, object]) -> None:
        self.world = World(*CHANNELS, routing=routing)

    @rule(names=st.lists(NAMES, min_size=1, unique=True), level=LEVELS)
    def fire(self, names: list[str], level: Level) -> None:
        self.world.fire(*names, level=level)

    @rule(name=NAMES)
    def resolve(self, name: str) -> None:
        known = self.world.alerts.get(self.world.firing(name).fingerprint)
        if known and known.is_active:
            self.world.resolve(name)

    @rule(name=NAMES, minutes=st.integers(1, 90))
    def silence(self, name: str, minutes: int) -> None:
        now = self.world.now
        self.silences.append((name, now, now + minutes * MINUTE))
        self.world.silence(f"service={name}", lasts=f"{minutes}m")

    @rule(name=NAMES)
    def acknowledge(self, name: str) -> None:
        fingerprint = self.world.firing(name).fingerprint
        if self.world.alerts.get(fingerprint) and self.world.alerts[fingerprint].is_active:
            self.world.desk.acknowledge(TENANT, fingerprint, "ada", "on it")

    @rule(name=st.sampled_from(CHANNELS))
    def break_channel(self, name: str) -> None:
        self.world.channels.broken.add(name)

    @rule()
    def mend_channels(self) -> None:
        self.world.channels.broken.clear()

    @rule(name=st.sampled_from(CHANNELS))
    def slow_channel(self, name: str) -> None:
        self.world.channels.slow.add(name)

    @rule()
    def answer(self) -> None:
        self.world.channels.slow.clear()
        self.world.channels.answer()
        self.held.clear()
        self.world.run()

    @rule(minutes=st.sampled_from([0.5, 1, 6, 20, 70]))
    def wait(self, minutes: float) -> None:
        self.world.wait(minutes)

    @rule(news=st.lists(st.tuples(NAMES, LEVELS), max_size=2))
    def restart(self, news: list[tuple[str, Level]]) -> None:
        """Killed, after the book of alerts kept news of which the dispatcher did not hear."""
        self.world.note(*(self.world.firing(name, level) for name, level in news))
        self.each_notice_has_a_reason()
        self.told.update(self.held)  # what was sent and not kept may come once more
        self.held.clear()
        self.tried.clear()  # what failed just before is not remembered
        self.world.restart()

    @invariant()
    def each_notice_has_a_reason(self) -> None:
        new = self.world.channels.heard[self.taken :]
        self.taken += len(new)
        for one in new:
            self._check(one)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.mend_channels()
        self.answer()
        self.world.wait(95)
        self.world.wait(95)
        self.each_notice_has_a_reason()
        self._check_all_told()

    def _check(self, one: Heard) -> None:
        place, notice = (one.channel, one.notice.group_key), one.notice
        firing = frozenset((name_of(t.alert), str(t.alert.level)) for t in notice.firing)
        assert firing or notice.resolved
        assert not any(self._is_silent(name, notice.at) for name, _ in firing)
        self._check_pace(place, one, max((2 if mark == "critical" else 1) for _, mark in firing) if firing else 0)  # fmt: skip
        before, known = self.told.get(place, (None, frozenset()))
        names = {name for name, _ in known}
        assert set(one.resolved) <= names, "told it is over, never told it was"
        if before and firing <= known and not notice.resolved:
            is_freed = any(before < end <= notice.at for _, _, end in self.silences)
            assert is_freed or notice.at - before >= REPEAT, "told twice"
            assert notice.cause is Cause.REPEATED
        if one.outcome is Outcome.SENT:
            if one.is_held:
                self.held[place] = self.told.get(place, (None, frozenset()))
            kept = {(n, m) for n, m in known if n not in {*one.resolved, *(f for f, _ in firing)}}
            self.told[place] = (notice.at, firing | kept)

    def _check_pace(self, place: tuple[str, str], one: Heard, gravity: int) -> None:
        last, gravest = self.tried.get(place, (None, 0))
        assert last is None or one.notice.at - last >= INTERVAL or gravity > gravest
        self.tried[place] = one.notice.at, gravity or gravest

    def _is_silent(self, name: str, at: datetime) -> bool:
        return any(name == one and start <= at < end for one, start, end in self.silences)

    def _check_all_told(self) -> None:
        """Channels work, silences are over, time has passed: all is told that is so, and no more."""
        for alert in self.world.alerts.values():
            name, mark = name_of(alert), str(alert.level)
            knowing = {place for place, (_, known) in self.told.items() if (name, mark) in known}
            if not alert.is_active:
                assert not [1 for _, known in self.told.values() if name in dict(known)]
                continue
            for place in self.world.desk.places(TENANT, shown(alert)):
                assert {(one, place.key) for one in place.route.channels} <= knowing


TestTelling = pytest.mark.slow(Telling.TestCase)
TestTelling.settings = settings(max_examples=60, stateful_step_count=25)
