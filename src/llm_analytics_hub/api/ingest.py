"""`POST /api/v1/events` and OTLP over HTTP: bytes in, stored events and a receipt out.

OTLP over gRPC (`otlp_grpc.py`) hands its bytes to the same door.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from llm_analytics_hub.api.body import BodyLimits, read_body, tenant_of
from llm_analytics_hub.api.errors import headers_of, status_of
from llm_analytics_hub.api.otlp_signals import METRICS, Signal
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import HubError, InvalidInputError
from llm_analytics_hub.ingest.codecs.hub_json import packed_events
from llm_analytics_hub.ingest.codecs.otlp_answer import (
    JSON,
    PROTOBUF,
    partial_success,
    rpc_status,
)
from llm_analytics_hub.ingest.intake import Intake
from llm_analytics_hub.ingest.metric_commit import MetricCommitter
from llm_analytics_hub.ingest.metric_point import DecodedMetrics, MetricReceipt
from llm_analytics_hub.ingest.receipt import Receipt, Rejection
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.telemetry.metrics import Metrics

Decode = Callable[[bytes, str, datetime], Decoded]
"""From a body, its content type and the time of its arrival."""

LARGE_BYTES = 4 << 20
"""Bodies beyond this size are decoded in a thread of their own, so that others get a turn."""

_Told = Sequence[Rejection]
_DEDUPLICATE = {"window": False, "always": True}


class IngestDoor:
    """Handlers of the routes that take events."""

    def __init__(
        self,
        intake: Intake,
        points: MetricCommitter,
        clock: Clock,
        metrics: Metrics,
        limits: BodyLimits,
    ) -> None:
        self._intake = intake
        self._points = points
        self._clock = clock
        self._metrics = metrics
        self._limits = limits

    async def events(self, request: Request) -> Response:
        """Events as JSON, NDJSON or CloudEvents; `?deduplicate=always` for imports."""
        _, receipt = await self.take(request, "events", packed_events)
        return Response(msgspec.json.encode(receipt), media_type="application/json")

    async def take(
        self,
        request: Request,
        door: str,
        decode: Decode,
        source: str = "",
        tenant: str | None = None,
    ) -> tuple[Decoded, Receipt]:
        """Store the events of a request that `decode` reads; what they are, and what became of them.

        They are the `tenant`'s, or whose the request says.

        Raises: as `decode`; TooLargeError; SaturatedError when too much waits; UnavailableError.
        """
        content_type = request.headers.get("content-type", "application/json")
        now = self._clock.now()
        with self.counted(door):
            # Read before all else: a sender still sending would not see a refusal.
            body = await read_body(request, self._limits)
            tenant = tenant or tenant_of(request)
            remember = _deduplicate(request.query_params.get("deduplicate", "window"))

        def read() -> Submission:
            with self.counted(door):
                decoded = decode(body, content_type, now)
            return Submission(tenant, door, decoded, remember_always=remember, source=source)

        return await self._stored(body, read)

    async def take_body(
        self, tenant: str, body: bytes, door: str, decode: Decode, source: str = ""
    ) -> tuple[Decoded, Receipt]:
        """Store the events of a JSON body that came by other ways than HTTP; else as `take`."""
        now = self._clock.now()

        def read() -> Submission:
            with self.counted(door):
                decoded = decode(body, JSON, now)
            return Submission(tenant, door, decoded, source=source)

        return await self._stored(body, read)

    async def otlp(self, request: Request, signal: Signal) -> Response:
        """An OTLP request of `signal`, protobuf or JSON; answered in the same form."""
        content_type = request.headers.get("content-type", PROTOBUF)
        try:
            with self.counted("otlp"):
                body = await read_body(request, self._limits)
                tenant = tenant_of(request)
            answer, media_type = await self.take_otlp(tenant, body, content_type, signal)
        except HubError as error:
            status, _ = status_of(error)
            message = f"{error.code}: {error.message}"
            answer, media_type = rpc_status(status, message, is_json=_is_json(content_type))
            return Response(answer, status, headers_of(error), media_type=media_type)
        return Response(answer, media_type=media_type)

    async def take_otlp(
        self, tenant: str, body: bytes, content_type: str, signal: Signal
    ) -> tuple[bytes, str]:
        """Store what an OTLP request holds, whatever it came by; its answer and media type after that.

        Raises: UndecodableError, UnsupportedMediaTypeError, TooLargeError; SaturatedError when too
        much waits; UnavailableError when closing.
        """
        rejected, repaired = await self._store(tenant, body, content_type, signal)
        gone = {one.index for one in rejected}
        repaired = [one for one in repaired if one.index not in gone]
        for one in repaired:
            self._metrics.repaired.labels("otlp", one.code).inc()
        is_json = _is_json(content_type)
        return partial_success(rejected, repaired, signal.counted, is_json=is_json)

    async def _store(
        self, tenant: str, body: bytes, content_type: str, signal: Signal
    ) -> tuple[_Told, _Told]:
        """What was refused of a request, and what was repaired, after the rest is stored."""
        if signal is METRICS:
            points = await self._stored_points(tenant, body, content_type)
            return points.rejected, points.repaired

        def read() -> Submission:
            with self.counted("otlp"):
                decoded = cast("Decoded", signal.decode(body, content_type))
            return Submission(tenant, "otlp", decoded, source="observatory")

        decoded, receipt = await self._stored(body, read)
        return receipt.rejected, decoded.repaired

    @contextmanager
    def counted(self, door: str) -> Iterator[None]:
        """Counts a request that is refused whole."""
        try:
            yield
        except HubError as error:
            self._metrics.refused_requests.labels(door, error.code).inc()
            raise

    async def _stored(self, body: bytes, read: Callable[[], Submission]) -> tuple[Decoded, Receipt]:
        """What `read` gives, and what became of it."""
        if len(body) > LARGE_BYTES:
            submission = await asyncio.to_thread(read)
            receipt = await asyncio.wrap_future(self._intake.submit(submission))
        else:
            submission, receipt = await asyncio.wrap_future(self._intake.take(read))
        return submission.decoded, receipt

    async def _stored_points(self, tenant: str, body: bytes, content_type: str) -> MetricReceipt:
        def read() -> DecodedMetrics:
            with self.counted("otlp"):
                return cast("DecodedMetrics", METRICS.decode(body, content_type))

        def commit() -> MetricReceipt:
            points = read() if early is None else early
            return self._points.commit(tenant, points, self._clock.now())

        early = await asyncio.to_thread(read) if len(body) > LARGE_BYTES else None
        # On the intake's thread: the store has one writer.
        return await asyncio.wrap_future(self._intake.run(commit))


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == JSON


def _deduplicate(word: str) -> bool:
    if word not in _DEDUPLICATE:
        message = f"deduplicate is one of {', '.join(_DEDUPLICATE)}"
        raise InvalidInputError(message, code="invalid_parameter")
    return _DEDUPLICATE[word]
