"""WebSocket: what a module tells its subscribers, while the hub is one of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from llm_analytics_hub.connectors.addresses import address_of
from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.connectors.rest_credentials import CredentialSettings
from llm_analytics_hub.connectors.websocket_listening import Listening
from llm_analytics_hub.integrations.wires import Socket

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection


class WebSocketSettings(CredentialSettings):
    """Messages of a module's WebSocket.

    Each message is sent once, to whoever is connected then: what is sent while the hub is away is
    lost. What came is stored before the connector ends.
    """

    kind: Literal["websocket"] = "websocket"
    url: Annotated[str, AfterValidator(address_of("ws", "wss"))] = Field(
        description="address, without user and password"
    )
    subscribe: str | None = Field(
        None, description="what is sent first; default: the module's wish for all its events"
    )
    ping: timedelta = Field(
        timedelta(seconds=20), gt=timedelta(), description="how often the other side is asked"
    )
    batch: int = Field(1000, ge=1, le=20_000, description="most messages stored together")
    held: int = Field(5000, ge=1, description="most messages held in memory")
    largest_bytes: int = Field(1 << 20, ge=1024, description="most of one message, bytes")

    @property
    def remote(self) -> str:
        """The service."""
        return urlsplit(self.url).netloc

    def connector(self) -> "WebSocketConnector":
        """What listens."""
        return WebSocketConnector(self)


class WebSocketConnector:
    """Listens, for ever."""

    def __init__(self, settings: WebSocketSettings) -> None:
        self._settings = settings
        self._socket: Socket = settings.wires.socket

    async def run(self, link: Link) -> None:
        """Connect, subscribe, store. Raises: what the driver raises, also when the connection ends."""
        async with self._connected() as connection:
            if first := self._first():
                await connection.send(first)
            link.alive()
            await Listening(connection, link, self._settings, self._socket).run()

    def _first(self) -> str:
        own = self._settings.subscribe
        return self._socket.subscribe if own is None else own

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator["ClientConnection"]:
        from websockets.asyncio.client import connect

        class Direct(connect):
            """Goes nowhere else: another host would learn the header with the secret."""

            def process_redirect(self, exc: Exception) -> Exception:
                return exc

        chosen = self._settings
        who = chosen.credentials
        async with Direct(
            chosen.url,
            additional_headers=await who.headers(),
            user_agent_header="analytics-hub",
            proxy=None,
            ping_interval=None,  # while the hub is full nothing is read, answers to pings neither
            close_timeout=2,
            max_size=chosen.largest_bytes,
            max_queue=64,  # frames, before the connection is not read any more
        ) as connection:
            yield connection
