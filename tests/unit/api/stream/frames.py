"""Reading frames, however they come."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from websockets.sync.client import ClientConnection

Row = dict[str, Any]
SECONDS = 30


def frame(socket: ClientConnection) -> Row:
    """The next frame of a WebSocket."""
    found: Row = json.loads(socket.recv(timeout=SECONDS))
    return found


def ids(told: Row) -> list[str]:
    """The events of a frame."""
    return [event["event_id"] for event in told["events"]]


@contextmanager
def server_sent(
    http: httpx.Client, tenant: str, query: str = "", **headers: str
) -> Iterator[Iterator[Row]]:
    """The events of an SSE stream: their members, `data` read."""
    path = f"/api/v1/stream?{query}" if query else "/api/v1/stream"
    with http.stream("GET", path, headers={"x-tenant": tenant, **headers}) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"] == "text/event-stream"
        yield _events(answer)


def _events(answer: httpx.Response) -> Iterator[Row]:
    members: Row = {}
    for line in _lines(answer):
        name, _, text = line.partition(": ")
        if line:
            members[name] = json.loads(text) if name == "data" else text
        elif members:
            yield members
            members = {}


def _lines(answer: httpx.Response) -> Iterator[str]:
    """As the standard has lines: httpx breaks them at other characters, too."""
    rest = b""
    for piece in answer.iter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.decode() for line in lines)
