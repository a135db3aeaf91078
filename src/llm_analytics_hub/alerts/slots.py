"""When rules are judged: each has a slot within its interval, so that not all fall on the minute."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import xxhash

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, order=True)
class Slot:
    """The moments `offset` after each whole `every`, counted from 1970 in UTC."""

    every: timedelta
    offset: timedelta

    def last(self, at: datetime) -> datetime:
        """The newest of its moments that is not after `at`."""
        start = EPOCH + self.offset
        return start + (at - start) // self.every * self.every

    def within(self, every: timedelta) -> "Slot":
        """The slot of a shorter interval, at the same place in it."""
        return Slot(min(self.every, every), self.offset % min(self.every, every))


def slot_of(key: str, every: timedelta) -> Slot:
    """The slot of what `key` names, the same after every start; whole seconds.

    An interval that is a multiple of another has moments in common with it: rules that ask alike
    every minute and every five meet each fifth time.
    """
    seconds = max(int(every / SECOND), 1)
    return Slot(every, SECOND * (xxhash.xxh64_intdigest(key.encode()) % seconds))


@dataclass
class Turn:
    """What is due at one moment; `skipped` moments of its slots went by without a judgement."""

    at: datetime
    slots: list[Slot] = field(default_factory=list)
    skipped: int = 0


class Timetable:
    """Which slots are due, each at most once; for one thread.

    A moment is judged `delay` after it, when what was sent by then has arrived. After a clock jump
    forward a slot is due once. A clock that is set back by no more than the interval waits for it;
    by more, slots go on from where it stands.
    """

    def __init__(self, delay: timedelta) -> None:
        self._delay = delay
        self._next: dict[Slot, datetime] = {}

    def set(self, slots: Iterable[Slot], now: datetime) -> None:
        """Have these slots and no others; those it had before go on, new ones wait for their turn."""
        at = now - self._delay
        self._next = {slot: self._next.get(slot, slot.last(at) + slot.every) for slot in slots}

    def next_due(self) -> datetime | None:
        """When something is due next; None for never."""
        return min(self._next.values()) + self._delay if self._next else None

    def due(self, now: datetime) -> Sequence[Turn]:
        """What is due now, the earliest moment first. It is not due again."""
        at = now - self._delay
        turns: dict[datetime, Turn] = {}
        for slot, moment in self._next.items():
            if at < moment <= at + 2 * slot.every:
                continue
            last = slot.last(at)
            self._next[slot] = last + slot.every
            if moment <= last:
                turn = turns.setdefault(last, Turn(last))
                turn.slots.append(slot)
                turn.skipped += (last - moment) // slot.every
        return [turns[moment] for moment in sorted(turns)]
