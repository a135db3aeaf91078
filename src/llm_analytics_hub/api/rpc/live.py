"""Live streams of gRPC: frames as messages, and stored events that go on with what comes."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from llm_analytics_hub.api.rpc.answers import NAMED, to_event
from llm_analytics_hub.api.stream.open_streams import OpenStreams
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.live.frames import Events, Frame, Missed, Quiet, to_cursor
from llm_analytics_hub.live.subscriptions import Subscriptions
from llm_analytics_hub.model.query import Filter, Place

Message = Any
_FRAME = NAMED("StreamFrame")


@dataclass(frozen=True)
class Live:
    """Who may subscribe, and which streams are open."""

    subscriptions: Subscriptions
    streams: OpenStreams

    @asynccontextmanager
    async def frames(
        self, tenant: str, where: Filter, after: Place | None = None
    ) -> AsyncIterator[AsyncGenerator[Frame, None]]:
        """The frames of a call, which is cancelled where its caller takes no end."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - calls are answered by tasks
        with self.streams.holding(task.cancel):
            async with aclosing(self.subscriptions.frames(tenant, where, after)) as frames:
                yield frames


async def frames_of(
    live: Live, tenant: str, where: Filter, after: Place | None
) -> AsyncGenerator[Message, None]:
    """StreamFrames. Raises: as `Subscriptions.frames`; UnavailableError when the hub stops."""
    async with live.frames(tenant, where, after) as frames:
        async for frame in frames:
            yield _message(frame)
    raise _stopping()


async def woken(live: Live, tenant: str, where: Filter) -> AsyncGenerator[None, None]:
    """Comes when subscribed, and whenever something that passes was stored. Raises: as above."""
    async with live.frames(tenant, where) as frames:
        async for frame in frames:
            if not isinstance(frame, Quiet):
                yield
    raise _stopping()


def _stopping() -> UnavailableError:
    """The end of a stream that has none: the same may be asked again."""
    return UnavailableError("the hub is stopping: come again with the cursor", code="stopping")


def _message(frame: Frame) -> Message:
    cursor = to_cursor(frame.place)
    if isinstance(frame, Missed):
        return _FRAME(missed=frame.events, missed_is_at_most=frame.is_at_most, cursor=cursor)
    texts = frame.texts if isinstance(frame, Events) else ()
    return _FRAME(events=map(_event, texts), cursor=cursor)


def _event(text: bytes) -> Message:
    event = to_event(msgspec.json.decode(text))
    event.json = text.decode()  # as it is written: with exact amounts of money
    return event
