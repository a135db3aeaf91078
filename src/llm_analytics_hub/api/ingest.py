"""`POST /api/v1/events` and OTLP over HTTP: bytes in, stored events and a receipt out.

OTLP over gRPC (`otlp_grpc.py`) hands its bytes to the same door.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from llm_analytics_hub.api.body import BodyLimits, read_body, tenant_of
from llm_analytics_hub.api.errors import headers_of, status_of
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import HubError, InvalidInputError
from llm_analytics_hub.ingest.codecs.hub_json import packed_events
from llm_analytics_hub.ingest.codecs.otlp import decode_otlp_logs, decode_otlp_traces
from llm_analytics_hub.ingest.codecs.otlp_answer import (
    logs_partial_success,
    partial_success,
    rpc_status,
)
from llm_analytics_hub.ingest.codecs.otlp_metrics import decode_otlp_metrics
from llm_analytics_hub.ingest.codecs.otlp_metrics_answer import metrics_partial_success
from llm_analytics_hub.ingest.intake import Intake
from llm_analytics_hub.ingest.metric_commit import MetricCommitter
from llm_analytics_hub.ingest.metric_point import DecodedMetrics
from llm_analytics_hub.ingest.receipt import Receipt
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.telemetry.metrics import Metrics

Done = TypeVar("Done")

LARGE_BYTES = 4 << 20
"""Bodies beyond this size are decoded in a thread of their own, so that others get a turn."""

OtlpCodec = Callable[[bytes, str], Decoded | DecodedMetrics]
"""From a body and its content type to its events or points; raises InvalidInputError for what is none."""


class OtlpAnswer(Protocol):
    """From a receipt to the answer of a signal, as bytes and their media type."""

    def __call__(self, receipt: Receipt, *, is_json: bool) -> tuple[bytes, str]:
        """The answer, JSON or protobuf."""
        ...


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
        content_type = request.headers.get("content-type", "application/json")
        now = self._clock.now()
        with self.counted("events"):
            # Read before all else: a sender still sending would not see a refusal.
            body = await read_body(request, self._limits)
            tenant = tenant_of(request)
            remember = _deduplicate(request.query_params.get("deduplicate", "window"))
            decoded = await self._decode(body, lambda: packed_events(body, content_type, now))
        receipt = await self._submit(
            Submission(tenant, "events", decoded, remember_always=remember)
        )
        return Response(msgspec.json.encode(receipt), media_type="application/json")

    async def traces(self, request: Request) -> Response:
        """An OTLP ExportTraceServiceRequest, protobuf or JSON; answered in the same form."""
        return await self._otlp(request, decode_otlp_traces, partial_success)

    async def logs(self, request: Request) -> Response:
        """An OTLP ExportLogsServiceRequest, protobuf or JSON; answered in the same form."""
        return await self._otlp(request, decode_otlp_logs, logs_partial_success)

    async def metric_points(self, request: Request) -> Response:
        """An OTLP ExportMetricsServiceRequest, protobuf or JSON; answered in the same form."""
        return await self._otlp(request, decode_otlp_metrics, metrics_partial_success)

    async def _otlp(self, request: Request, decode: OtlpCodec, answer: OtlpAnswer) -> Response:
        content_type = request.headers.get("content-type", "application/x-protobuf")
        is_json = content_type.partition(";")[0].strip().lower() == "application/json"
        try:
            receipt = await self._take(request, content_type, decode)
        except HubError as error:
            status, _ = status_of(error)
            body, media_type = rpc_status(status, f"{error.code}: {error.message}", is_json=is_json)
            return Response(body, status, headers_of(error), media_type=media_type)
        body, media_type = answer(receipt, is_json=is_json)
        return Response(body, media_type=media_type)

    async def _take(self, request: Request, content_type: str, decode: OtlpCodec) -> Receipt:
        with self.counted("otlp"):
            body = await read_body(request, self._limits)
            tenant = tenant_of(request)
        return await self.take_otlp(tenant, body, content_type, decode)

    async def take_otlp(
        self, tenant: str, body: bytes, content_type: str, decode: OtlpCodec
    ) -> Receipt:
        """Store the events of an OTLP request, whatever it came by; its receipt once they are.

        Raises: UndecodableError, UnsupportedMediaTypeError; SaturatedError when too much waits;
        UnavailableError when closing.
        """
        with self.counted("otlp"):
            decoded = await self._decode(body, lambda: decode(body, content_type))
        if isinstance(decoded, DecodedMetrics):
            return await self._commit_points(tenant, decoded)
        return await self._submit(Submission(tenant, "otlp", decoded, source="observatory"))

    @contextmanager
    def counted(self, door: str) -> Iterator[None]:
        """Counts a request that is refused whole."""
        try:
            yield
        except HubError as error:
            self._metrics.refused_requests.labels(door, error.code).inc()
            raise

    async def _decode(self, body: bytes, decode: Callable[[], Done]) -> Done:
        """The decoded body as columns: its objects are let go while they are fresh in the cache."""
        if len(body) > LARGE_BYTES:
            return await asyncio.to_thread(decode)
        return await asyncio.wrap_future(self._intake.run(decode))

    async def _commit_points(self, tenant: str, decoded: DecodedMetrics) -> Receipt:
        # On the intake's thread: the store has one writer.
        now = self._clock.now()
        commit = self._intake.run(lambda: self._points.commit(tenant, decoded, now))
        return await asyncio.wrap_future(commit)

    async def _submit(self, submission: Submission) -> Receipt:
        return await asyncio.wrap_future(self._intake.submit(submission))


def _deduplicate(word: str) -> bool:
    if word not in _DEDUPLICATE:
        message = f"deduplicate is one of {', '.join(_DEDUPLICATE)}"
        raise InvalidInputError(message, code="invalid_parameter")
    return _DEDUPLICATE[word]
