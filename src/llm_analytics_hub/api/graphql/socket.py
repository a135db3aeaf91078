"""Operations over a WebSocket, by the protocol graphql-transport-ws.

Source: PROTOCOL.md of the library graphql-ws, where the messages and the close codes are named.
"""

import asyncio
from contextlib import aclosing
from typing import Any

import msgspec
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.graphql.door import GraphqlDoor, operation_of
from llm_analytics_hub.api.graphql.schema import PROTOCOL, Json, hub_error, is_subscription
from llm_analytics_hub.api.stream.open_streams import OpenStreams, abort_of, cut_off_later
from llm_analytics_hub.api.stream.origin import check_origin
from llm_analytics_hub.api.stream.socket import GOING_AWAY, close, refuse
from llm_analytics_hub.errors import HubError, SaturatedError

log = structlog.get_logger(__name__)

INIT_SECONDS = 10.0
MAX_OPERATIONS = 20
MAX_ID = 200

_ENCODER = msgspec.json.Encoder(decimal_format="number")


class _BrokenError(Exception):
    """The client broke the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


async def serve_socket(socket: WebSocket, door: GraphqlDoor, streams: OpenStreams) -> None:
    """Serve one WebSocket until the hub stops or the client leaves."""
    try:
        check_origin(socket)
        tenant = tenant_of(socket)
    except HubError as error:
        await refuse(socket, error)
        return
    if PROTOCOL not in socket.scope["subprotocols"]:
        await socket.accept()
        await close(socket, 4406, f"the subprotocol here is {PROTOCOL}")
        return
    with streams.holding(abort_of(socket.scope)):
        await socket.accept(PROTOCOL)
        connection = Connection(socket, door, tenant)
        try:
            await connection.run()
        except WebSocketDisconnect:
            pass
        except _BrokenError as broken:
            await close(socket, broken.code, broken.reason)
        finally:
            await connection.end()


class Connection:
    """The operations of one client."""

    def __init__(self, socket: WebSocket, door: GraphqlDoor, tenant: str) -> None:
        self._socket = socket
        self._door = door
        self._tenant = tenant
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Do what the client says. Raises: WebSocketDisconnect, or that it broke the protocol."""
        await self._begin()
        while True:
            message = await self._next()
            match message.get("type"):
                case "subscribe":
                    await self._subscribe(message)
                case "complete":
                    if task := self._running.pop(_id(message), None):
                        task.cancel()
                case "ping":
                    await self._send({"type": "pong"})
                case "pong":
                    pass
                case "connection_init":
                    raise _BrokenError(4429, "too many initialisation requests")
                case _:
                    raise _BrokenError(4400, "this is no message of a client")

    async def end(self) -> None:
        """End all operations."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self) -> None:
        try:
            async with asyncio.timeout(INIT_SECONDS):
                message = await self._next()
        except TimeoutError:
            raise _BrokenError(4408, "connection initialisation timeout") from None
        if message.get("type") == "subscribe":
            raise _BrokenError(4401, "unauthorized: send connection_init first")
        if message.get("type") != "connection_init":
            raise _BrokenError(4400, "send connection_init first")
        await self._send({"type": "connection_ack"})

    async def _next(self) -> Json:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        try:
            found = msgspec.json.decode(message.get("text") or b"")
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            raise _BrokenError(4400, "a message is JSON text") from None
        if not isinstance(found, dict):
            raise _BrokenError(4400, "a message is an object with `type`")
        return found

    async def _subscribe(self, message: Json) -> None:
        name = _id(message)
        if name in self._running:
            raise _BrokenError(4409, f"subscriber for {name} already exists")
        if len(self._running) >= MAX_OPERATIONS:
            text = f"a connection has at most {MAX_OPERATIONS} operations at a time"
            await self._error(name, [hub_error(SaturatedError(text))])
            return
        task = asyncio.create_task(self._operate(name, message.get("payload")))
        self._running[name] = task

    async def _operate(self, name: str, payload: object) -> None:
        try:
            await self._told(name, payload)
        except (WebSocketDisconnect, WebSocketDisconnected):
            pass  # it left, or the hub closed it: there is nobody to tell
        except Exception:
            log.exception("an operation failed")
        finally:
            if self._running.get(name) is asyncio.current_task():
                del self._running[name]

    async def _told(self, name: str, payload: object) -> None:
        try:
            await self._answer(name, payload)
        except HubError as error:
            if error.code != "stopping":
                await self._error(name, [hub_error(error)])
                return
            await close(self._socket, GOING_AWAY, error.message)
            cut_off_later(self._socket.scope)

    async def _answer(self, name: str, payload: object) -> None:
        asked = operation_of(payload)
        document = await self._door.prepared(asked)
        if isinstance(document, dict):
            await self._error(name, document["errors"])
            return
        if is_subscription(document, asked.name):
            async with aclosing(self._door.subscribed(self._tenant, document, asked)) as told:
                async for response in told:
                    await self._next_of(name, response)
        else:
            await self._next_of(name, await self._door.answered(self._tenant, asked))
        await self._send({"type": "complete", "id": name})

    async def _next_of(self, name: str, response: Json) -> None:
        await self._send({"type": "next", "id": name, "payload": response})

    async def _error(self, name: str, errors: list[Any]) -> None:
        await self._send({"type": "error", "id": name, "payload": errors})

    async def _send(self, message: Json) -> None:
        await self._socket.send_text(_ENCODER.encode(message).decode())


def _id(message: Json) -> str:
    name = message.get("id")
    if not isinstance(name, str) or not 1 <= len(name) <= MAX_ID:
        raise _BrokenError(4400, "`id` is a text of up to 200 characters")
    return name
