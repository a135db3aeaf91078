"""A small service that takes what it is sent, or does not; and a feed that is told when to look."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from llm_analytics_hub.bootstrap import Hub
from llm_analytics_hub.connectors.feed import FeedConnector, FeedSettings
from llm_analytics_hub.connectors.link import Link, Sources
from llm_analytics_hub.connectors.state import ConnectorState
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.storage.memory_control import MemoryControlStore


@dataclass(frozen=True)
class Sent:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


Status = Callable[[Sent], tuple[int, dict[str, str]]]


def takes_all(_: Sent) -> tuple[int, dict[str, str]]:
    return 201, {}


@dataclass
class Target:
    """A running service, and what it took; `refused` is what it answered otherwise."""

    answer: Status = takes_all
    taken: list[Sent] = field(default_factory=list)
    refused: list[Sent] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def bodies(self) -> list[Any]:
        return [one.body for one in self.taken]

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            sent = await _sent(reader)
            status, headers = self.answer(sent)
            (self.taken if status < 300 else self.refused).append(sent)
            lines = [f"HTTP/1.1 {status} said", "Content-Length: 0", "Connection: close"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            if status:  # 0 is a service that never answers
                writer.write("\r\n".join([*lines, "", ""]).encode())
                await writer.drain()
            else:
                await reader.read()
        writer.close()


async def _sent(reader: asyncio.StreamReader) -> Sent:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip()
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    method, path, _ = first.split(" ")
    return Sent(method, path, headers, json.loads(body))


@asynccontextmanager
async def listening(answer: Status = takes_all) -> AsyncIterator[Target]:
    target = Target(answer)
    await target.start()
    try:
        yield target
    finally:
        await target.stop()


def in_turn(*statuses: int) -> Status:
    """These statuses, then all is taken."""
    left = list(statuses)
    return lambda _: (left.pop(0) if left else 201, {})


class EnoughError(Exception):
    """It looked as often as it was to."""


class Fed:
    """A feed of a hub: it remembers over its own restarts, and looks when it is told to."""

    def __init__(self, hub: Hub, settings: FeedSettings) -> None:
        self.hub, self.settings = hub, settings
        self.memory = MemoryControlStore()
        self.slept: list[float] = []
        self.link = self._link()

    @property
    def state(self) -> ConnectorState:
        return self.link.state

    async def look(self, times: int = 1) -> None:
        """Start anew, look so often, stop. Raises: whatever ends the connector."""
        self.link = self._link()
        left = times

        async def sleep(seconds: float) -> None:
            nonlocal left
            self.slept.append(seconds)
            left -= 1
            if not left:
                raise EnoughError

        with suppress(EnoughError):
            await FeedConnector(self.settings, sleep).run(self.link)

    def _link(self) -> Link:
        chosen, hub = self.settings, self.hub
        state = ConnectorState(
            "told", chosen.module, "feed", chosen.tenant, chosen.remote, hub.clock.now()
        )
        unused: Any = None
        sources = Sources(hub.queries, hub.lists)
        return Link(state, unused, self.memory, hub.clock, hub.metrics, sources)


def receive(hub: Hub, tenant: str, *rows: dict[str, Any]) -> None:
    """Have the hub take events."""
    receipt = hub.intake.submit(Submission(tenant, "events", Decoded(list(rows)))).result(20)
    assert receipt.accepted == len(rows), receipt
