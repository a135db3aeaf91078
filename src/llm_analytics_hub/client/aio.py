"""The client whose answers are awaited."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import httpx

from llm_analytics_hub.client.call import Call
from llm_analytics_hub.client.connection import DEFAULT_URL, TIMEOUT_SECONDS, parts_of, settings_of
from llm_analytics_hub.client.download import Download
from llm_analytics_hub.client.exchange import Exchange, Outcome
from llm_analytics_hub.client.exports import Course, Step
from llm_analytics_hub.client.methods import Awaiting, Questions
from llm_analytics_hub.client.watch import Frame, Watch

T = TypeVar("T")
Send = Callable[[], Awaitable[httpx.Response]]


class AsyncHub(Questions, Awaiting):
    """`Hub` for asyncio: its methods are awaited, its lists are for `async for`."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        tenant: str = "default",
        token: str | None = None,
        timeout: float = TIMEOUT_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """See `Hub`."""
        self._exchange = Exchange(url)
        self.url = self._exchange.url
        self._pause = pause
        self._http = httpx.AsyncClient(
            **settings_of(self.url, tenant, token, timeout), transport=transport
        )

    async def do(self, call: Call[T]) -> T:
        """What a call reads, after as many tries as it takes."""
        return await self._carried(call, lambda: self._http.request(**parts_of(call)))

    async def run(self, course: Course) -> dict[str, Any]:
        """What a course comes to, after all its steps."""
        answer: dict[str, Any] | None = None
        try:
            while True:
                answer = await self._taken(course.send(answer))
        except StopIteration as done:
            return cast("dict[str, Any]", done.value)

    async def follow(self, watch: Watch) -> AsyncIterator[Frame]:
        """What comes of what is watched, over as many connections as it takes."""
        reader = watch.reader(self._exchange)
        while True:
            try:
                async with self._http.stream(**reader.request()) as answer:
                    outcome: Outcome = answer
                    if answer.is_success:
                        async for piece in answer.aiter_bytes():
                            for frame in reader.frames(piece):
                                yield frame
                    else:
                        await answer.aread()
            except httpx.TransportError as error:
                outcome = error
            await self._pause(reader.wait(outcome))

    async def close(self) -> None:
        """End the connection."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _carried(self, call: Call[T], send: Send) -> T:
        steps = self._exchange.steps(call)
        outcome: Outcome | None = None
        try:
            while True:
                wait = steps.send(outcome)
                if wait is None:
                    outcome = await _tried(send)
                else:
                    await self._pause(wait)
        except StopIteration as done:
            return cast("T", done.value)

    async def _taken(self, step: Step) -> dict[str, Any] | None:
        if isinstance(step, Call):
            return await self.do(step)
        if isinstance(step, Download):
            await self._fetch(step)
        else:
            await self._pause(step)
        return None

    async def _fetch(self, file: Download) -> None:
        try:
            await self._carried(file.call, lambda: self._streamed(file))
            await asyncio.to_thread(file.finish)
        finally:
            file.clean_up()

    async def _streamed(self, file: Download) -> httpx.Response:
        async with self._http.stream("GET", file.path, headers=file.headers) as answer:
            if not answer.is_success:
                await answer.aread()
                return answer
            await asyncio.to_thread(file.begin, answer)
            async for piece in answer.aiter_bytes():
                await asyncio.to_thread(file.take, piece)
        return answer


async def _tried(send: Send) -> Outcome:
    try:
        return await send()
    except httpx.TransportError as error:
        return error
