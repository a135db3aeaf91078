"""One connection to a WebSocket: read, held in bounded memory, stored, and not let go before."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import msgspec

from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.connectors.waiting import Waiting
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.integrations.payload import Payload
from llm_analytics_hub.integrations.wires import Socket

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

DRAIN_SECONDS = 10
"""How long a connection that ends goes on storing what it was given."""


class _Head(msgspec.Struct):
    """As much of a message as tells what it is for."""

    type: str = ""
    code: str = ""
    message: str = ""


_HEAD = msgspec.json.Decoder(_Head)


class Limits(Protocol):
    """What is set about a connection."""

    @property
    def ping(self) -> timedelta:
        """How often the other side is asked."""
        ...

    @property
    def batch(self) -> int:
        """Most messages stored together."""
        ...

    @property
    def held(self) -> int:
        """Most messages held in memory."""
        ...


class Listening:
    """Listens on a connection until it ends."""

    def __init__(
        self, connection: "ClientConnection", link: Link, limits: Limits, socket: Socket
    ) -> None:
        self._connection = connection
        self._link = link
        self._limits = limits
        self._socket = socket
        self._waiting = Waiting(limits.held)
        self._has_room = True

    async def run(self) -> None:
        """Read and store. Raises: what the driver raises; UnavailableError for an error told."""
        reading = asyncio.ensure_future(self._read())
        storing = asyncio.ensure_future(self._store_until(reading))
        asking = asyncio.ensure_future(self._ask())
        tasks = (reading, storing, asking)
        ended: set[asyncio.Future[None]] = set()
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asking.cancel()
            await self._end(storing)
            for task in tasks:
                task.cancel()
            found = await asyncio.gather(*ended, *tasks, return_exceptions=True)
        for error in found:
            if isinstance(error, Exception):
                raise error

    async def _end(self, storing: asyncio.Future[None]) -> None:
        """Read nothing more, and store what was read: the other side has no copy."""
        closing = asyncio.ensure_future(self._connection.close())
        done, _ = await asyncio.wait((storing,), timeout=DRAIN_SECONDS)
        if not done:
            self._link.fault(TimeoutError("what came last could not be stored in time"))
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)

    async def _read(self) -> None:
        while True:
            body = await self._connection.recv(decode=False)
            if self._is_event(body):
                self._has_room = False
                await self._waiting.put(Payload(body))
                self._has_room = True

    def _is_event(self, body: bytes) -> bool:
        """Also what cannot be read, which becomes a dead letter. Raises: the error that it tells."""
        try:
            head = _HEAD.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return True
        if head.type in self._socket.errors:
            raise UnavailableError(f"the other side says {head.code}: {head.message}"[:300])
        return head.type not in self._socket.replies

    async def _store_until(self, reading: asyncio.Future[None]) -> None:
        """Store what is there, and return when nothing more will come."""
        while True:
            next_batch = asyncio.ensure_future(self._waiting.batch(self._limits.batch))
            try:
                await asyncio.wait((next_batch, reading), return_when=asyncio.FIRST_COMPLETED)
                if not next_batch.done() and not self._waiting:
                    return
                await self._link.store(await next_batch)
            finally:
                next_batch.cancel()

    async def _ask(self) -> None:
        """Ask now and then whether the other side is there. Raises: ConnectionError if it is not."""
        seconds = self._limits.ping.total_seconds()
        while True:
            await asyncio.sleep(seconds)
            if self._has_room and not await self._is_there(seconds) and self._has_room:
                raise ConnectionError("the other side does not answer")

    async def _is_there(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                if self._socket.ping:
                    await self._connection.send(self._socket.ping)
                await (await self._connection.ping())
        except TimeoutError:
            return False
        self._link.alive()
        return True
