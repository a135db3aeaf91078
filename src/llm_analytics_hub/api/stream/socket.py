"""Frames as messages of a WebSocket: each is the frame as JSON text. Clients say nothing."""

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from llm_analytics_hub.api.errors import headers_of, problem, status_of
from llm_analytics_hub.api.stream.open_streams import OpenStreams, abort_of, cut_off_later
from llm_analytics_hub.api.stream.relay import Opened, opened
from llm_analytics_hub.errors import HubError, InvalidInputError, SaturatedError, UnavailableError
from llm_analytics_hub.live.frames import Frame
from llm_analytics_hub.live.subscriptions import Subscriptions

log = structlog.get_logger(__name__)

GOING_AWAY, NOT_TAKEN, DEFECT, TRY_LATER = 1001, 1003, 1011, 1013
_CODES: tuple[tuple[type[HubError], int], ...] = (
    (SaturatedError, 4429),
    (InvalidInputError, 4400),
    (UnavailableError, TRY_LATER),
)
"""Close codes; what has none is a defect. Those of 4000 and more are ours, after HTTP's statuses."""

REASON_BYTES = 123
"""What a control frame has room for (RFC 6455, 5.5)."""


async def serve_socket(
    socket: WebSocket, subscriptions: Subscriptions, streams: OpenStreams
) -> None:
    """Serve one WebSocket until the hub stops or the client leaves."""
    try:
        stream = await opened(subscriptions, socket)
    except HubError as error:
        await refuse(socket, error)
        return
    with streams.holding(abort_of(socket.scope)):
        await socket.accept()
        try:
            await _relay(socket, stream)
        except WebSocketDisconnect:
            pass
        except HubError as error:
            await close(socket, _code(error), f"{error.code}: {error.message}")


async def refuse(socket: WebSocket, error: HubError) -> None:
    """Answer a handshake with a problem document; by a close code where the server cannot."""
    if "websocket.http.response" in socket.scope.get("extensions", {}):
        status, title = status_of(error)
        answer = problem(status, title, error.code, error.message, headers_of(error), error.field)
        await socket.send_denial_response(answer)
    else:
        await socket.accept()
        await close(socket, _code(error), f"{error.code}: {error.message}")


async def close(socket: WebSocket, code: int, reason: str) -> None:
    """Close a WebSocket; `reason` is cut to what has room."""
    await socket.close(code, reason.encode()[:REASON_BYTES].decode(errors="ignore"))


async def _relay(socket: WebSocket, stream: Opened) -> None:
    said: list[str] = []

    async def write(frame: Frame) -> None:
        await socket.send_text(frame.message)

    async def leaving() -> None:
        said.append((await socket.receive())["type"])

    if await stream.relay(write, leaving()):
        await close(socket, GOING_AWAY, "the hub is stopping: come again with the cursor")
        cut_off_later(socket.scope)
    elif "websocket.receive" in said:
        await close(socket, NOT_TAKEN, "this stream takes no messages")


def _code(error: HubError) -> int:
    return next((code for kind, code in _CODES if isinstance(error, kind)), DEFECT)
