"""A small REST service that does what it is told, also what no service should do."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """One answer. `sent` of its bytes are, before the connection is dropped; None means all."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    sent: int | None = None
    is_silent: bool = False


def page(document: object) -> Reply:
    return Reply(json.dumps(document).encode(), headers={"Content-Type": "application/json"})


Answer = Callable[[Asked], Reply]


@dataclass
class Service:
    """A running one, and what it was asked."""

    answer: Answer
    asked: list[Asked] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def params(self, name: str) -> list[str | None]:
        """A parameter of each request."""
        return [one.params.get(name) for one in self.asked]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            asked = _asked(head)
            self.asked.append(asked)
            await self._reply(writer, self.answer(asked), reader)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _reply(
        self, writer: asyncio.StreamWriter, reply: Reply, reader: asyncio.StreamReader
    ) -> None:
        if reply.is_silent:
            await reader.read()  # until the other side has enough
            return
        headers = {"Content-Length": str(len(reply.body)), "Connection": "close", **reply.headers}
        lines = [f"HTTP/1.1 {reply.status} said", *(f"{k}: {v}" for k, v in headers.items())]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + reply.body[: reply.sent])
        await writer.drain()


def _asked(head: str) -> Asked:
    first, *lines = head.rstrip().split("\r\n")
    url = urlsplit(first.split(" ")[1])
    pairs: Any = (line.split(": ", 1) for line in lines)
    return Asked(url.path, dict(parse_qsl(url.query)), {k.lower(): v for k, v in pairs})


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Service]:
    service = Service(answer)
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    service.port = server.sockets[0].getsockname()[1]
    try:
        yield service
    finally:
        server.close()
        await server.wait_closed()


def in_turn(*replies: Reply) -> Answer:
    """These replies, one after the other, the last again and again."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]
