"""What a subscriber gets: events, that some were missed, or that all is quiet."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import msgspec
import pyarrow as pa

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.query import Place
from llm_analytics_hub.query.events import to_api
from llm_analytics_hub.query.ranges import to_moment

FRAME_BYTES = 256 * 1024
"""Most bytes of the events of a frame: clients of WebSockets take a megabyte unless told otherwise."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True)
class Events:
    """Events as canonical JSON, one text for each; `place` is where to go on after them."""

    texts: tuple[bytes, ...]
    place: Place

    @cached_property
    def message(self) -> str:
        """The frame as JSON, on one line; made once for all who get the same frame."""
        listed = b",".join(self.texts).decode()
        return f'{{"events":[{listed}],"cursor":"{to_cursor(self.place)}"}}'


@dataclass(frozen=True)
class Missed:
    """So many events that pass were left out, for there was no room; `place` is before the first.

    Where `is_at_most`, fewer of them may have passed.
    """

    events: int
    place: Place
    is_at_most: bool = False

    @property
    def message(self) -> str:
        """The frame as JSON, on one line."""
        at_most = "true" if self.is_at_most else "false"
        cursor = to_cursor(self.place)
        return f'{{"missed":{self.events},"at_most":{at_most},"cursor":"{cursor}"}}'


@dataclass(frozen=True)
class Quiet:
    """Nothing came for a while; `place` is where to go on."""

    place: Place

    @property
    def message(self) -> str:
        """The frame as JSON, on one line."""
        return f'{{"heartbeat":true,"cursor":"{to_cursor(self.place)}"}}'


Frame = Events | Missed | Quiet


def texts_of(events: pa.Table | pa.RecordBatch) -> list[bytes]:
    """Each event as canonical JSON, as lists of events show it."""
    table = pa.Table.from_batches([events]) if isinstance(events, pa.RecordBatch) else events
    return [_ENCODER.encode(event) for event in to_api(table)]


def cut(texts: Sequence[bytes], places: Sequence[Place]) -> list[Events]:
    """Events in frames of at most FRAME_BYTES, or of one event; `places` are in order."""
    frames, start, size = [], 0, 0
    for number, text in enumerate(texts):
        if size + len(text) > FRAME_BYTES and number > start:
            frames.append(Events(tuple(texts[start:number]), places[number - 1]))
            start, size = number, 0
        size += len(text)
    return [*frames, Events(tuple(texts[start:]), places[-1])]


def to_cursor(place: Place) -> str:
    """A place as a text that subscribers keep and give back."""
    text = json.dumps([place[0].isoformat(), place[1]], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def from_cursor(cursor: str) -> Place:
    """The place of a cursor. Raises: InvalidQueryError, code `invalid_cursor`."""
    try:
        moment, key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if type(key) is not int or not 0 <= key < 2**64:
            raise ValueError("no event key")
        return _aware(to_moment(moment)), key
    except (ValueError, TypeError, RecursionError, InvalidQueryError) as error:
        raise InvalidQueryError(
            "the cursor is none of this stream", code="invalid_cursor"
        ) from error


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment
