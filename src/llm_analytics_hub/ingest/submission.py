"""What a door hands to the intake: the raw events of one request."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import overload

from llm_analytics_hub.ingest.receipt import Rejection
from llm_analytics_hub.normalize.normalizer import CANONICAL, RawEvent
from llm_analytics_hub.normalize.raw_columns import RawColumns, as_rows, raw_columns


@dataclass(frozen=True)
class Refused:
    """An event its codec could not read: where, why, and its text.

    `plain` is its text without anything that may be a prompt or an answer: all that is kept of it
    where the tenant does not allow to keep those. `subject` is what it came under, `received_at`
    when: with both its events have, read again, the ids they would have had.
    """

    rejection: Rejection
    payload: str
    plain: str = ""
    subject: str = ""
    received_at: datetime | None = None


class DecodedAgain(Sequence[RawEvent]):
    """Rows that were let go after their columns were made, and are made again when wanted.

    A request's objects are many times larger than its bytes and its columns, and only refused
    events, ids to derive and unknown members ever ask for them.
    """

    def __init__(self, size: int, decode: Callable[[], Sequence[RawEvent]]) -> None:
        self._size = size
        self._decode = decode
        self._rows: Sequence[RawEvent] | None = None

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> RawEvent: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[RawEvent]: ...
    def __getitem__(self, place: int | slice) -> RawEvent | Sequence[RawEvent]:
        """The row or rows at `place`."""
        if self._rows is None:
            self._rows = self._decode()
        return self._rows[place]


@dataclass(frozen=True)
class Decoded:
    """What a codec gives: raw events, their places in the request, and what it refused.

    `places` None means that row i stood at place i; `repaired` says what is stored otherwise than
    it was sent.
    """

    rows: Sequence[RawEvent]
    places: Sequence[int] | None = None
    refused: Sequence[Refused] = ()
    made: RawColumns | None = None
    repaired: Sequence[Rejection] = ()

    def packed(self, again: Callable[[], "Decoded"]) -> "Decoded":
        """The same as columns; its rows are let go, and come from `again` where they are wanted."""
        columns = raw_columns(self.rows, CANONICAL).packed()
        rows = DecodedAgain(len(self.rows), lambda: again().rows)
        return replace(self, rows=rows, made=columns)

    @property
    def columns(self) -> RawColumns:
        """The rows as columns."""
        return self.made or raw_columns(self.rows, CANONICAL)

    def place(self, row: int) -> int:
        """Where in the request a row stood."""
        return row if self.places is None else self.places[row]


def from_columns(columns: RawColumns, places: Sequence[int], refused: Sequence[Refused]) -> Decoded:
    """What a codec gives that makes columns at once; rows are made of them where they are wanted."""
    rows = DecodedAgain(columns.size, lambda: as_rows(columns))
    return Decoded(rows, places, refused, columns)


@dataclass(frozen=True)
class Submission:
    """Decoded events with their tenant and the door they came through.

    `remember_always`: an import, whose keys are remembered as long as its events are kept.
    `keep_letters` False: refusals are told but not kept (they are dead letters already).
    """

    tenant: str
    door: str
    decoded: Decoded
    remember_always: bool = False
    keep_letters: bool = True
    source: str = field(default="")

    @property
    def rows(self) -> Sequence[RawEvent]:
        """The raw events."""
        return self.decoded.rows
