"""Live streams of both clients: what they give, and how they go on when the hub was away."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from llm_analytics_hub.client import F, Missed
from llm_analytics_hub.client.exchange import Exchange
from llm_analytics_hub.client.streams import AsyncEventStream
from llm_analytics_hub.client.watch import stream
from llm_analytics_hub.errors import InvalidInputError, UnavailableError

from .conftest import Connect

EVENT = b'{"event_id":"%d","occurred_at":"2025-11-19T10:00:00Z","cost_usd":0.10000000000000001}'


def told(cursor: str, *numbers: int, kind: bytes = b"events") -> bytes:
    """A frame as the hub sends it."""
    events = b",".join(EVENT % number for number in numbers)
    return b'id: x\nevent: %s\ndata: {"events":[%s],"cursor":"%s"}\n\n' % (
        kind,
        events,
        cursor.encode(),
    )


class FakeHub:
    """Answers requests in turn: bytes are a stream that ends, errors are raised."""

    def __init__(self, *turns: bytes | int | Exception) -> None:
        self.turns = list(turns)
        self.cursors: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.cursors.append(request.url.params.get("cursor"))
        turn = self.turns.pop(0)
        if isinstance(turn, Exception):
            raise turn
        if isinstance(turn, int):
            body = {"code": "saturated", "detail": "full", "field": "source"}
            return httpx.Response(turn, json=body, headers={"Retry-After": "7"})
        return httpx.Response(200, content=turn, headers={"content-type": "text/event-stream"})


def taken(client: Any, given: Any, count: int) -> list[Any]:
    """So many things of a stream, then it is left."""
    if not isinstance(given, AsyncEventStream):
        steps: Iterator[Any] = iter(given)
        found = list(itertools.islice(steps, count))
        steps.close()  # type: ignore[attr-defined]
        return found

    async def some() -> list[Any]:
        steps = aiter(given)
        found = [await anext(steps) for _ in range(count)]
        await steps.aclose()  # type: ignore[attr-defined]
        return found

    return client.wait(some())  # type: ignore[no-any-return]


def test_events_are_values_and_the_cursor_follows_them(connect: Connect) -> None:
    hub = FakeHub(told("c1") + told("c2", 1, 2))
    client = connect(hub)
    given = client.stream(source="app", where=F("latency_ms").gt(5), severity=["high", "low"])
    one, two = taken(client, given, 2)
    assert (one["event_id"], two["event_id"], given.cursor) == ("1", "2", "c2")
    assert one["occurred_at"] == datetime(2025, 11, 19, 10, tzinfo=UTC)
    assert one["cost_usd"] == Decimal("0.10000000000000001")
    again = client.stream()
    client = connect(FakeHub(told("c1", 1, 2)))
    again = client.stream()
    taken(client, again, 1)
    assert again.cursor is None  # the frame was not given whole


def test_it_goes_on_behind_what_came(connect: Connect) -> None:
    missed = b'data: {"missed":5,"at_most":true,"cursor":"c2"}\n\n'
    hub = FakeHub(
        told("c1", 1) + b'data: {"events":[{"event_id":"9"',  # it broke off
        httpx.ReadError("gone"), httpx.ConnectError("away"), 503,
        told("c2", 2) + missed,
        b"", told("c3", 3),
    )  # fmt: skip
    pauses: list[float] = []
    client = connect(hub, pauses=pauses)
    one, two, lost, three = taken(client, client.stream(cursor="c0"), 4)
    assert [one["event_id"], two["event_id"], three["event_id"]] == ["1", "2", "3"]
    assert lost == Missed(5, is_at_most=True, cursor="c2")
    assert hub.cursors == ["c0", "c1", "c1", "c1", "c1", "c2", "c2"]
    assert pauses == [0.25, 0.5, 1.0, 7.0, 0.25, 0.5]


def test_characters_that_break_lines_elsewhere_break_none(connect: Connect) -> None:
    text = told("c1").replace(b"[]", '[{"event_id":"a\u2028b\x85c"}]'.encode())
    client = connect(FakeHub(text))
    assert taken(client, client.stream(), 1) == [{"event_id": "a\u2028b\x85c"}]


def test_a_hub_that_never_answered_or_refuses_is_not_waited_for(connect: Connect) -> None:
    client = connect(FakeHub(httpx.ConnectError("away")))
    with pytest.raises(UnavailableError, match="no hub answers"):
        taken(client, client.stream(), 1)
    client = connect(FakeHub(told("c", 1), 400))
    with pytest.raises(InvalidInputError) as caught:
        taken(client, client.stream(), 2)
    assert caught.value.field == "source"
    client = connect(FakeHub(b"data: hello\n\n"))
    with pytest.raises(UnavailableError) as other:
        taken(client, client.stream(), 1)
    assert other.value.code == "not_a_hub"


def test_frames_are_whole_however_the_bytes_come() -> None:
    whole = told("c1", 1) + told("c2", 2, 3) + b": a comment\n\n"
    for size in (1, 7, 100):
        reader = stream().reader(Exchange("http://hub"))
        pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
        frames = [frame for piece in pieces for frame in reader.frames(piece)]
        assert [(len(one.texts), one.cursor) for one in frames] == [(1, "c1"), (2, "c2")]
