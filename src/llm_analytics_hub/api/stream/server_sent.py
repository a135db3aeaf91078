"""Frames as server-sent events: `event` says which kind, `data` is the frame, `id` its cursor.

Source: HTML Living Standard, 9.2 "Server-sent events".
"""

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from llm_analytics_hub.api.stream.open_streams import OpenStreams, abort_of, cut_off_later
from llm_analytics_hub.api.stream.relay import Opened
from llm_analytics_hub.errors import HubError
from llm_analytics_hub.live.frames import Events, Frame, Missed, to_cursor

log = structlog.get_logger(__name__)

EVENT_STREAM = "text/event-stream"
RETRY_MILLISECONDS = 2000
_PRELUDE = f"retry: {RETRY_MILLISECONDS}\n\n"
_HEADERS = {
    "Cache-Control": "no-cache, no-store, no-transform",
    "X-Accel-Buffering": "no",  # nginx would keep small events back
    "Content-Type": EVENT_STREAM,
}


class EventStream(Response):
    """An answer that does not end until the hub or the client does."""

    def __init__(self, stream: Opened, streams: OpenStreams) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._stream = stream
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send frames until they end."""

        async def write(text: str, *, more: bool = True) -> None:
            body = text.encode()
            await send({"type": "http.response.body", "body": body, "more_body": more})

        async def leaving() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        with self._streams.holding(abort_of(scope)):
            await send(start)
            await write(_PRELUDE)
            try:
                is_over = await self._stream.relay(lambda one: write(to_text(one)), leaving())
            except HubError as error:
                log.warning("a stream broke off", code=error.code)
                is_over = True
            if is_over:
                await write("", more=False)
                cut_off_later(scope)


def to_text(frame: Frame) -> str:
    """A frame as one event of the stream."""
    return f"id: {to_cursor(frame.place)}\nevent: {_kind(frame)}\ndata: {frame.message}\n\n"


def _kind(frame: Frame) -> str:
    if isinstance(frame, Events):
        return "events"
    return "missed" if isinstance(frame, Missed) else "heartbeat"
