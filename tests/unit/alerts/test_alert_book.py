"""The book of alerts: what it keeps, saves and tells, with a store that may be away."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from tests.unit.alerts.making import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    finding,
    group,
    judgement,
    match_rule,
    rule,
)

from llm_analytics_hub.alerts.alert_book import KEPT, AlertBook, Matched
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.model.alerts.alert import Finding, Judgement, Phase, Transition
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import AbsenceCondition, NoData, Rule
from llm_analytics_hub.model.query import All
from llm_analytics_hub.storage.alert_store import Places
from llm_analytics_hub.storage.memory_alerts import MemoryAlertStore


class Shaky(MemoryAlertStore):
    """A store that counts what it is given, and may be away."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.saved: list[int] = []

    def save(self, alerts: Any, transitions: Any, places: Places, /) -> None:
        if self.is_away:
            raise UnavailableError("away")
        self.saved.append(len(alerts))
        super().save(alerts, transitions, places)


class Desk:
    """A book, and what it told."""

    def __init__(self, store: Shaky | None = None) -> None:
        self.clock = ManualClock(NOW)
        self.store = store or Shaky()
        self.told: list[Transition] = []
        self.book = AlertBook(self.store, self.clock, self.told.extend)

    def judge(
        self, of: Rule, minute: int, *bad: Finding, known: Sequence[str] = ("a",)
    ) -> list[str]:
        """The phases that came of a judgement so many minutes later."""
        at = self.to(minute)
        return [t.alert.phase.value for t in self.book.judged(of, judgement(at, *bad, known=known))]

    def match(self, of: Rule, minute: int, count: int, event: str, key: int) -> list[str]:
        at = self.to(minute)
        about = replace(finding(level=Level.CRITICAL), detail=(("event_id", event),))
        found = self.book.matched([Matched(of, about, count, at)], {"t": (at, key)})
        return [one.alert.phase.value for one in found]

    def to(self, minute: int) -> datetime:
        self.clock.set(NOW + minute * MINUTE)
        return self.clock.now()

    def again(self) -> "Desk":
        """After kill -9."""
        return Desk(self.store)


def test_what_changes_is_saved_and_told_once() -> None:
    desk = Desk()
    assert desk.judge(rule(), 0, finding()) == ["firing"]
    assert desk.judge(rule(), 1, finding()) == []
    assert desk.judge(rule(), 2) == ["resolved"]
    assert [one.alert.phase for one in desk.told] == [Phase.FIRING, Phase.RESOLVED]
    assert [alert.phase for alert in desk.store.alerts()] == [Phase.RESOLVED]
    assert len(desk.store.history("t", "r", None, None, 10)) == 2


def test_of_what_is_well_nothing_is_kept_or_saved() -> None:
    desk = Desk()
    for minute in range(5):
        assert desk.judge(rule(), minute, known=("a", "b", "c")) == []
    assert desk.book.alerts() == []
    assert desk.store.saved == []


def test_groups_that_may_be_missed_are_kept_and_saved_once() -> None:
    desk, of = Desk(), rule(no_data=NoData.ALERT)
    for minute in range(5):
        desk.judge(of, minute, known=("a", "b"))
        desk.book.quieted([], desk.clock.now())
    assert desk.store.saved == [2]
    assert desk.judge(of, 5, known=("a",)) == ["no_data"]


def test_pending_that_went_away_leaves_no_trace_but_in_the_history() -> None:
    desk, of = Desk(), rule(lasting=2 * MINUTE)
    assert desk.judge(of, 0, finding()) == ["pending"]
    assert desk.judge(of, 1) == ["ok"]
    assert desk.book.alerts() == []
    assert desk.store.alerts() == []


def test_a_restart_repeats_nothing_and_goes_on() -> None:
    desk = Desk()
    desk.judge(rule(), 0, finding())
    other = desk.again()
    assert other.judge(rule(), 1, finding()) == []
    assert other.told == []
    assert other.judge(rule(), 2) == ["resolved"]
    assert other.book.alerts()[0].fired == NOW


def test_what_lasted_before_a_restart_counts() -> None:
    desk, of = Desk(), rule(lasting=4 * MINUTE)
    for minute in range(4):
        desk.judge(of, minute, finding())
        desk.book.quieted([], desk.clock.now())
    assert desk.again().judge(of, 4, finding()) == ["firing"]


def test_while_the_store_is_away_people_are_told_and_nothing_is_lost() -> None:
    desk = Desk()
    desk.store.is_away = True
    assert desk.judge(rule(), 0, finding()) == ["firing"]
    assert desk.judge(rule(), 1, finding("b"), finding(), known=("a", "b")) == ["firing"]
    assert [one.alert.labels for one in desk.told] == [group("a"), group("b")]
    assert desk.store.alerts() == []
    desk.store.is_away = False
    assert desk.judge(rule(name="other"), 2) == []
    assert {alert.labels for alert in desk.store.alerts()} == {group("a"), group("b")}
    assert len(desk.store.history("t", None, None, None, 10)) == 2


def test_a_store_that_is_away_is_not_asked_with_each_judgement() -> None:
    desk = Desk()
    desk.store.is_away = True
    tried: list[int] = []
    desk.store.save = lambda *_: tried.append(1) or Shaky.save(desk.store, *_)  # type: ignore[method-assign]
    for name in "abcdef":
        desk.judge(rule(name=name), 0, finding())
    assert len(tried) == 1
    desk.judge(rule(), 1)
    assert len(tried) == 2


def test_one_alert_that_cannot_be_stored_keeps_no_other_from_it() -> None:
    desk, endless = Desk(), finding("x" * 10_000_000)
    told = desk.book.judged(rule(), judgement(NOW, finding(), endless))
    assert len(told) == len(desk.told) == 2
    assert [alert.labels for alert in desk.store.alerts()] == [group("a")]
    assert desk.judge(rule(), 1) == ["resolved"] * 2


def test_each_group_of_a_match_rule_is_one_alert_that_counts() -> None:
    desk, of = Desk(), match_rule()
    assert desk.match(of, 0, 3, "e3", 3) == ["firing"]
    assert desk.match(of, 1, 2, "e5", 5) == []
    [alert] = desk.book.alerts("t")
    assert (alert.count, alert.detail) == (5, (("event_id", "e5"),))
    assert desk.book.alerts("other") == []


def test_counts_and_places_are_saved_together() -> None:
    desk, of = Desk(), match_rule()
    desk.match(of, 0, 3, "e3", 3)
    desk.match(of, 0, 2, "e5", 5)
    # The second was not saved yet, so it is matched once more.
    other = desk.again()
    assert other.book.places() == {"t": (NOW, 3)}
    assert other.match(of, 0, 2, "e5", 5) == []
    assert other.book.alerts()[0].count == 5
    other.book.quieted([of], other.to(1))
    saved = len(other.store.saved)
    other.book.quieted([], other.to(3))
    assert len(other.store.saved) == saved
    last = other.again()
    assert last.book.places() == {"t": (NOW, 5)}
    assert last.book.alerts()[0].count == 5


def test_the_same_events_again_change_nothing() -> None:
    desk, of = Desk(), match_rule()
    desk.match(of, 0, 3, "e3", 3)
    other = desk.again()
    assert other.match(of, 0, 3, "e3", 3) == []
    assert other.book.alerts() == desk.book.alerts()


def test_a_match_is_over_after_it_was_quiet() -> None:
    desk, of = Desk(), match_rule()
    desk.match(of, 0, 1, "e1", 1)
    told = [desk.book.quieted([of], desk.to(minute)) for minute in range(1, 12)]
    assert [len(found) for found in told] == [0] * 9 + [1, 0]
    assert told[9][0].alert.phase is Phase.RESOLVED


def test_a_rule_that_is_gone_takes_its_alerts_along() -> None:
    desk = Desk()
    desk.judge(rule(lasting=MINUTE), 0, finding(), finding("b"), known=("a", "b"))
    desk.judge(rule(lasting=MINUTE), 1, finding())
    assert [one.alert.phase for one in desk.book.rule_gone(rule())] == [Phase.RESOLVED]
    assert [alert.phase for alert in desk.store.alerts()] == [Phase.RESOLVED]


def test_another_version_ends_groups_it_does_not_have() -> None:
    desk, of = Desk(), rule(no_data=NoData.KEEP)
    desk.judge(of, 0, finding())
    watched = replace(of.condition.watched, by=("model",))  # type: ignore[union-attr]
    other = replace(of, version=2, condition=replace(of.condition, watched=watched))  # type: ignore[arg-type]
    told = desk.book.judged(other, Judgement(desk.to(1), {}, frozenset({(("model", "m"),)})))
    assert [one.alert.phase for one in told] == [Phase.RESOLVED]


def test_a_paused_rule_is_neither_firing_nor_well() -> None:
    desk = Desk()
    desk.judge(rule(), 0, finding())
    assert [one.alert.phase for one in desk.book.paused(rule())] == [Phase.PAUSED]
    assert desk.judge(rule(), 1, finding()) == ["firing"]


def test_of_a_paused_rule_nothing_new_is_kept() -> None:
    desk = Desk()
    assert desk.judge(rule(is_paused=True), 0, finding()) == []
    assert desk.match(match_rule(is_paused=True), 0, 1, "e1", 1) == []
    assert desk.book.alerts() == []


def test_after_a_start_silence_must_be_found_twice() -> None:
    condition = AbsenceCondition(All(), "[]", ("service",), Level.WARNING, HOUR)
    desk, of = Desk(), rule(condition)
    assert desk.judge(of, 0, finding()) == ["pending"]
    assert desk.judge(of, 1) == ["ok"]
    assert desk.judge(of, 2, finding()) == ["firing"]
    assert Desk().judge(of, 0, finding()) == ["pending"]


def test_a_group_at_the_edge_stays_bad_if_it_was() -> None:
    desk, edge = Desk(), finding(value=9.0)
    held = {edge.labels: edge}
    assert desk.book.judged(rule(), Judgement(NOW, {}, frozenset(held), held)) == []
    desk.judge(rule(), 1, finding())
    assert desk.book.judged(rule(), Judgement(desk.to(2), {}, frozenset(held), held)) == []
    assert [(a.phase, a.value) for a in desk.book.alerts()] == [(Phase.FIRING, 9.0)]
    assert desk.judge(rule(), 3) == ["resolved"]
    assert desk.book.judged(rule(), Judgement(desk.to(4), {}, frozenset(held), held)) == []
    assert desk.judge(rule(), 5, finding("b")) == ["firing"]
    both = Judgement(desk.to(6), {}, frozenset(held), held)
    assert [t.alert.labels for t in desk.book.judged(rule(), both)] == [group("b")]


def test_what_was_over_long_ago_is_forgotten_but_not_right_after_a_start() -> None:
    desk = Desk()
    desk.judge(rule(), 0, finding())
    desk.judge(rule(), 1)
    for _ in range(2):
        desk.clock.set(NOW + KEPT + DAY)
        other = AlertBook(desk.store, desk.clock, desk.told.extend)
        other.quieted([], desk.clock.now())
        assert len(other.alerts()) == 1
    desk.book.quieted([], NOW + KEPT + 2 * MINUTE)
    assert desk.book.alerts() == []
    desk.book.quieted([], NOW + KEPT + 4 * MINUTE)
    assert desk.store.alerts() == []
    assert len(desk.store.history("t", None, None, None, 10)) == 2


def test_readers_do_not_wait_for_those_who_are_told() -> None:
    desk, read = Desk(), threading.Event()

    def told(_: Sequence[Transition]) -> None:
        thread = threading.Thread(target=lambda: (book.alerts(), read.set()))
        thread.start()
        thread.join(10)

    book = AlertBook(desk.store, desk.clock, told)
    book.judged(rule(), judgement(NOW, finding()))
    assert read.is_set()


@pytest.mark.slow
def test_many_threads_lose_nothing() -> None:
    desk = Desk()

    def judge(number: int) -> None:
        of = rule(name=f"r{number}")
        for minute in range(40):
            bad = [finding()] if minute % 2 == 0 else []
            desk.book.judged(of, judgement(NOW + minute * MINUTE, *bad))

    threads = [threading.Thread(target=judge, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(desk.told) == 6 * 40
    assert len(desk.store.history("t", None, None, None, 1000)) == 6 * 40


def test_a_rule_that_fails_loses_no_news_of_those_before_it() -> None:
    desk = Desk()
    broken = replace(judgement(NOW, finding()), bad=None)  # type: ignore[arg-type]
    with pytest.raises(Exception, match="None"):
        desk.book.judged_all([
            (rule(), judgement(NOW, finding())), (rule(name="broken"), broken),
        ])  # fmt: skip
    assert [one.alert.phase for one in desk.told] == [Phase.FIRING]
    assert [alert.phase for alert in desk.store.alerts()] == [Phase.FIRING]


def test_people_are_told_also_where_saving_fails_by_a_defect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk()
    save = desk.store.save

    def broken(*_: Any) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(desk.store, "save", broken)
    assert desk.judge(rule(), 0, finding()) == ["firing"]
    assert len(desk.told) == 1
    monkeypatch.setattr(desk.store, "save", save)
    desk.to(2)
    desk.book.close()
    assert len(desk.store.alerts()) == 1


def test_what_gave_no_data_and_was_over_long_ago_is_forgotten() -> None:
    desk, of = Desk(), rule(no_data=NoData.ALERT)
    desk.judge(of, 0, known=("a",))
    assert "no_data" in [
        phase for minute in range(1, 4) for phase in desk.judge(of, minute, known=())
    ]
    desk.book.rule_gone(of)
    assert [one.phase for one in desk.book.alerts()] == [Phase.RESOLVED]
    desk.book.quieted((), NOW + KEPT + HOUR)
    assert desk.book.alerts() == []
