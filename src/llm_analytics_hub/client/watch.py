"""A live stream as its client sees it: what is asked, what came, and when to ask again. No input or output."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx
import msgspec

from llm_analytics_hub.client.exchange import Exchange, Outcome, wait_seconds
from llm_analytics_hub.client.filters import Where, joined
from llm_analytics_hub.client.lists import events_in
from llm_analytics_hub.client.requests import as_json
from llm_analytics_hub.errors import UnavailableError

PATH = "/api/v1/stream"
_DATA = b"data: "

Values = str | Sequence[str] | None
"""One value, or several of which one is enough."""


@dataclass(frozen=True)
class Missed:
    """So many events that pass were left out: this client was too slow for them.

    Where `is_at_most`, fewer of them may have passed. `cursor` is before the first of them.
    """

    events: int
    is_at_most: bool
    cursor: str


@dataclass(frozen=True)
class Frame:
    """What came at once: events, or that some were missed, or neither where all was quiet.

    `texts` are the events as JSON, as the hub wrote them; `cursor` is where to go on after it.
    """

    texts: list[bytes]
    cursor: str
    missed: Missed | None = None

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """The events as Python values: times as datetime, money as exact Decimal."""
        return events_in(b'{"events":[' + b",".join(self.texts) + b"]}")


@dataclass(frozen=True)
class Watch:
    """Which events are wanted, and after which cursor; None for from now on."""

    filters: bytes
    cursor: str | None

    def reader(self, exchange: Exchange) -> "Reader":
        """What reads it from one hub."""
        return Reader(self, exchange)


def stream(
    *,
    where: Where = (),
    source: Values = None,
    stream: Values = None,
    event_type: Values = None,
    event_id: Values = None,
    asset_id: Values = None,
    trace_id: Values = None,
    severity: Values = None,
    cursor: str | None = None,
) -> Watch:
    """Events as they are stored, from now on or after `cursor`, without an end.

    Gives each event as a dict, and a `Missed` where this client was too slow. When the hub goes
    away, the stream goes on where it was once the hub is back; only a hub that never answered
    is not waited for. `cursor` of the stream is where to go on behind what it gave.
    Raises: InvalidQueryError; SaturatedError; UnavailableError.
    """
    asked = {
        "source": source, "stream": stream, "event_type": event_type, "event_id": event_id,
        "asset_id": asset_id, "trace_id": trace_id, "severity": severity,
    }  # fmt: skip
    named = [
        {"field": name, "op": "in", "value": [said] if isinstance(said, str) else list(said)}
        for name, said in asked.items()
        if said
    ]
    return Watch(as_json([*named, *joined(where)]), cursor)


class _Message(msgspec.Struct):
    cursor: str
    events: list[msgspec.Raw] = []
    missed: int | None = None
    at_most: bool = False


class Reader:
    """Reads one stream over as many connections as it takes. For one thread."""

    def __init__(self, watch: Watch, exchange: Exchange) -> None:
        self._watch = watch
        self._exchange = exchange
        self._cursor = watch.cursor
        self._rest = b""
        self._failures = 0
        self._has_answered = False

    def request(self) -> dict[str, Any]:
        """Arguments for httpx's `stream`: a connection that goes on where the last one ended."""
        self._rest = b""
        params = {"filters": self._watch.filters.decode()}
        params |= {"cursor": self._cursor} if self._cursor else {}
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-cache"}
        return {"method": "GET", "url": PATH, "params": params, "headers": headers}

    def frames(self, piece: bytes) -> list[Frame]:
        """The frames that are whole with `piece`. Raises: UnavailableError for what is none."""
        # Not by httpx: it also breaks lines at characters that may stand within JSON.
        *lines, self._rest = (self._rest + piece).split(b"\n")
        found = [self._frame(line[len(_DATA) :]) for line in lines if line.startswith(_DATA)]
        if found:
            self._has_answered, self._failures = True, 0
            self._cursor = found[-1].cursor
        return found

    def wait(self, outcome: Outcome | None) -> float:
        """Seconds until the next connection; `outcome` is how the last one ended.

        Raises: the hub's own errors where it is no use to come again.
        """
        self._exchange.check()
        if isinstance(outcome, httpx.Response) and not _passes(outcome):
            raise self._exchange.failure(outcome)
        if not self._has_answered and outcome is not None:
            raise self._exchange.tired(outcome)
        self._failures += 1
        return wait_seconds(outcome, min(self._failures - 1, 10))

    def _frame(self, data: bytes) -> Frame:
        try:
            told = msgspec.json.decode(data, type=_Message)
        except msgspec.DecodeError as error:
            raise UnavailableError("what came is no frame of a stream", code="not_a_hub") from error
        lost = told.missed
        missed = None if lost is None else Missed(lost, told.at_most, told.cursor)
        return Frame([bytes(one) for one in told.events], told.cursor, missed)


def _passes(answer: httpx.Response) -> bool:
    return answer.is_success or answer.status_code in {429, 503}
