"""Slots of rules: stable, spread, each due once."""

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.alerts.slots import EPOCH, Slot, Timetable, slot_of

from .evaluating import MINUTE, NOW

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def test_slots_are_spread_over_the_interval() -> None:
    taken = Counter(slot_of(f"rule {number}", MINUTE).offset for number in range(6000))
    assert len(taken) == 60
    assert max(taken.values()) < 150


def test_a_slot_is_the_same_after_every_start() -> None:
    assert slot_of("cost by team", HOUR) == Slot(HOUR, timedelta(seconds=1497))


@given(st.text())
def test_slots_of_a_longer_interval_meet_those_of_a_shorter(key: str) -> None:
    often, seldom = slot_of(key, MINUTE), slot_of(key, 5 * MINUTE)
    assert often.last(seldom.last(NOW)) == seldom.last(NOW)


@given(
    st.integers(0, 4_000_000_000).map(lambda number: EPOCH + number * SECOND),
    st.integers(1, 200_000),
    st.text(),
)
def test_the_last_moment_is_the_newest_of_the_slot(at: datetime, seconds: int, key: str) -> None:
    slot = slot_of(key, SECOND * seconds)
    last = slot.last(at)
    assert last <= at < last + slot.every
    assert (last - EPOCH) % slot.every == slot.offset < slot.every


def test_what_is_due_is_due_once_and_only_after_the_delay() -> None:
    table, slot = Timetable(5 * SECOND), Slot(MINUTE, 10 * SECOND)
    table.set([slot], NOW)
    assert table.next_due() == NOW + 15 * SECOND
    assert table.due(NOW + 14 * SECOND) == []
    (turn,) = table.due(NOW + 15 * SECOND)
    assert (turn.at, turn.slots, turn.skipped) == (NOW + 10 * SECOND, [slot], 0)
    assert table.due(NOW + 74 * SECOND) == []
    assert len(table.due(NOW + 75 * SECOND)) == 1


def test_slots_that_stay_are_not_due_again_when_others_come() -> None:
    table, slot, other = Timetable(0 * SECOND), Slot(MINUTE, 10 * SECOND), Slot(MINUTE, 0 * SECOND)
    table.set([slot], NOW)
    table.due(NOW + 10 * SECOND)
    table.set([slot, other], NOW + 11 * SECOND)
    assert table.due(NOW + 59 * SECOND) == []
    assert [turn.slots for turn in table.due(NOW + 75 * SECOND)] == [[other], [slot]]
    table.set([], NOW + 76 * SECOND)
    assert table.next_due() is None


def test_after_a_jump_forward_a_slot_is_due_once_and_the_rest_counted() -> None:
    table, slot = Timetable(0 * SECOND), Slot(MINUTE, 10 * SECOND)
    table.set([slot], NOW)
    (turn,) = table.due(NOW + HOUR)
    assert (turn.at, turn.skipped) == (NOW + HOUR - 50 * SECOND, 59)
    assert table.due(NOW + HOUR) == []


def test_slots_that_share_a_moment_are_one_turn() -> None:
    table, slots = Timetable(0 * SECOND), [Slot(MINUTE, 0 * SECOND), Slot(5 * MINUTE, 0 * SECOND)]
    table.set(slots, NOW)
    assert [turn.slots for turn in table.due(NOW + 4 * MINUTE)] == [slots[:1]]
    assert [turn.slots for turn in table.due(NOW + 5 * MINUTE)] == [slots]


def test_a_clock_set_back_a_little_judges_nothing_twice() -> None:
    table, slot = Timetable(0 * SECOND), Slot(MINUTE, 10 * SECOND)
    table.set([slot], NOW)
    assert table.due(NOW + 10 * SECOND)
    assert table.due(NOW - 30 * SECOND) == []
    assert table.due(NOW + 10 * SECOND) == []


def test_a_clock_set_back_far_does_not_stop_slots_until_it_is_there_again() -> None:
    table, slot = Timetable(0 * SECOND), Slot(MINUTE, 10 * SECOND)
    table.set([slot], NOW)
    assert table.due(NOW - HOUR) == []
    assert [turn.at for turn in table.due(NOW - HOUR + 10 * SECOND)] == [NOW - HOUR + 10 * SECOND]
