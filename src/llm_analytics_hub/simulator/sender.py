"""Sends requests to a hub over HTTP, waits when the hub says so, and counts the answers."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpx
import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from llm_analytics_hub.errors import (
    DeniedError,
    HubError,
    InvalidInputError,
    SaturatedError,
    UnavailableError,
)
from llm_analytics_hub.simulator.requests import TRACES_PATH, Request

ATTEMPTS = 8
FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 30.0
TIMEOUT_SECONDS = 60.0
BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
FORBIDDEN = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}

Progress = Callable[[int], None]
Pause = Callable[[float], Awaitable[None]]


@dataclass
class Sent:
    """What the hub did with the events, and why it refused some (code: how many)."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """All events that were answered for."""
        return self.accepted + self.duplicates + self.rejected

    def add(self, other: "Sent") -> None:
        """Count the other's events here too."""
        self.accepted += other.accepted
        self.duplicates += other.duplicates
        self.rejected += other.rejected
        self.reasons += other.reasons


class _Rejection(msgspec.Struct):
    code: str


class _Answer(msgspec.Struct):
    accepted: int
    duplicates: int = 0
    rejected: list[_Rejection] = []


class Sender:
    """A connection to one hub; an async context manager."""

    def __init__(
        self,
        url: str,
        *,
        pause: Pause = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`pause` waits for seconds; `transport` replaces the network."""
        self._url = url
        self._pause = pause
        self._has_answered = False
        self._client = httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, transport=transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    async def post(self, request: Request) -> Sent:
        """What the hub did with the events of the request.

        A busy hub is asked again as it wishes (Retry-After) or ever later, 8 times in all; so is
        one that has gone away, but not one that never was there.
        Raises: UnavailableError (nobody there, or not a hub), SaturatedError (busy for too long),
        DeniedError, InvalidInputError (the whole request was refused).
        """
        for attempt in range(ATTEMPTS):
            answer = await self._try(request)
            if isinstance(answer, httpx.Response) and answer.status_code not in BUSY:
                return _read(request, answer)
            is_last = attempt == ATTEMPTS - 1
            if is_last or not self._has_answered:
                break
            await self._pause(_wait_seconds(answer, attempt))
        raise self._gave_up(answer)

    async def _try(self, request: Request) -> httpx.Response | httpx.TransportError:
        try:
            answer = await self._client.post(
                request.path, headers=request.headers, content=request.body
            )
        except httpx.TransportError as error:
            return error
        self._has_answered = True
        return answer

    def _gave_up(self, answer: httpx.Response | httpx.TransportError) -> HubError:
        if isinstance(answer, httpx.TransportError):
            return UnavailableError(
                f"no hub answers at {self._url} ({type(answer).__name__}); "
                "start one with `analytics-hub serve` or give another address"
            )
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            return SaturatedError(f"the hub at {self._url} stays full")
        return UnavailableError(f"the hub at {self._url} stays unavailable")


def _wait_seconds(answer: httpx.Response | httpx.TransportError, attempt: int) -> float:
    wished = answer.headers.get("Retry-After", "") if isinstance(answer, httpx.Response) else ""
    seconds = float(wished) if wished.isdigit() else FIRST_WAIT_SECONDS * 2**attempt
    return min(seconds, LONGEST_WAIT_SECONDS)


def _read(request: Request, answer: httpx.Response) -> Sent:
    if answer.status_code in FORBIDDEN:
        raise DeniedError(f"the hub refuses us: {answer.text[:200]}")
    if answer.is_client_error and answer.status_code != HTTPStatus.NOT_FOUND:
        raise InvalidInputError(f"the hub refuses {request.path}: {answer.text[:500]}")
    try:
        answer.raise_for_status()
        reader = _read_spans if request.path == TRACES_PATH else _read_events
        return reader(request, answer.content)
    except (httpx.HTTPStatusError, ValueError) as error:
        raise UnavailableError(
            f"what answers {request.path} is no hub in order (status {answer.status_code})"
        ) from error


def _read_events(request: Request, body: bytes) -> Sent:
    answer = msgspec.json.decode(body, type=_Answer)
    reasons = Counter(rejection.code for rejection in answer.rejected)
    return Sent(answer.accepted, answer.duplicates, len(answer.rejected), reasons)


def _read_spans(request: Request, body: bytes) -> Sent:
    """OTLP tells only how many spans were rejected: a duplicate counts as accepted."""
    rejected = int(ExportTraceServiceResponse.FromString(body).partial_success.rejected_spans)
    reasons = Counter({"partial_success": rejected} if rejected else {})
    return Sent(request.event_count - rejected, 0, rejected, reasons)


async def send(
    requests: Iterable[Request],
    url: str,
    on_progress: Progress | None = None,
    concurrency: int = 4,
    *,
    pause: Pause = asyncio.sleep,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Sent:
    """What became of all events; `on_progress` hears how many have been answered so far.

    `concurrency` requests are under way at a time, so that they arrive almost in order.
    Raises: as `Sender.post`; the requests under way are given up then.
    """
    sent, waiting = Sent(), iter(requests)

    async def work(sender: Sender) -> None:
        for request in waiting:
            sent.add(await sender.post(request))
            if on_progress is not None:
                on_progress(sent.total)

    async with Sender(url, pause=pause, transport=transport) as sender:
        workers = [asyncio.create_task(work(sender)) for _ in range(concurrency)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
    return sent
