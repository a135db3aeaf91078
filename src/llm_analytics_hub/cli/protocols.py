"""What the hub's server does beyond uvicorn: cut streams off, and bound what waits in the kernel."""

import asyncio
import functools
import socket
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from llm_analytics_hub.api.stream.open_streams import ABORT

if TYPE_CHECKING:
    from websockets.http11 import Request

SEND_BUFFER_BYTES = 256 * 1024
"""What the system keeps for a slow receiver of a WebSocket: else up to megabytes for each."""

MESSAGE_BYTES = 256 * 1024
"""Most of a message of a client: none is longer than an operation of GraphQL with its variables."""

PING_SECONDS, PONG_SECONDS = 20.0, 40.0
"""How often a WebSocket is asked whether it is there, and how long it has to answer."""


class HubHttp(HttpToolsProtocol):
    """HTTP whose answers can be cut off."""

    def on_message_begin(self) -> None:
        """Tell the application how."""
        super().on_message_begin()
        abort: Any = self.transport.abort
        self.scope["extensions"] = {ABORT: abort}


def hub_socket(**members: Any) -> asyncio.Protocol:
    """A protocol for a WebSocket; the first one imports what it needs."""
    made: asyncio.Protocol = _socket_class()(**members)
    return made


@functools.cache
def _socket_class() -> type[asyncio.Protocol]:
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    class HubSocket(WebSocketsSansIOProtocol):
        """A WebSocket that can be cut off, with a small buffer of the system."""

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            sock: socket.socket = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

        def handle_connect(self, event: "Request") -> None:
            super().handle_connect(event)
            if hasattr(self, "scope"):  # else the handshake was refused
                extensions: dict[str, Any] = self.scope["extensions"]
                extensions[ABORT] = self.transport.abort

        def keepalive_timeout(self) -> None:
            super().keepalive_timeout()
            # Closing waits until everything is sent, which a dead receiver never takes.
            self.loop.call_later(1, self.transport.abort)

    return HubSocket
