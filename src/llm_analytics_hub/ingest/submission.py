"""What a door hands to the intake: the raw events of one request."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from llm_analytics_hub.ingest.receipt import Rejection
from llm_analytics_hub.normalize.normalizer import RawEvent


@dataclass(frozen=True)
class Refused:
    """An event its codec could not read: where, why, and its text."""

    rejection: Rejection
    payload: str


@dataclass(frozen=True)
class Decoded:
    """What a codec gives: raw events, their places in the request, and what it refused.

    `places` None means that row i stood at place i.
    """

    rows: Sequence[RawEvent]
    places: Sequence[int] | None = None
    refused: Sequence[Refused] = ()

    def place(self, row: int) -> int:
        """Where in the request a row stood."""
        return row if self.places is None else self.places[row]


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
