"""A small hub that decodes what it gets, and a week of the platform as it arrived there."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from llm_analytics_hub.simulator.platform import Platform, history
from llm_analytics_hub.simulator.requests import Request

MONDAY = datetime(2025, 11, 17, tzinfo=UTC)
NAMES = {"id": "event_id", "type": "event_type", "time": "occurred_at"}
NAMES |= {"eventId": "event_id", "eventType": "event_type", "timestamp": "occurred_at"}
NAMES |= {"assetId": "asset_id", "version": "asset_version"}


def decode_events(content_type: str, body: bytes) -> list[dict[str, Any]]:
    """The events of a body under their canonical names, with the wire form they came in."""
    if content_type == "application/x-ndjson":
        rows = [json.loads(line) for line in body.splitlines()]
    else:
        rows = json.loads(body)
    return [flat(row, content_type) for row in rows]


def flat(row: dict[str, Any], content_type: str) -> dict[str, Any]:
    if "specversion" in row:
        assert content_type == "application/cloudevents-batch+json"
        assert row["specversion"] == "1.0"
        form = "cloudevents"
    else:
        form = "camel envelope" if "eventId" in row else content_type
    if "eventId" in row:
        row.pop("version")
    row = {**row, **row.pop("data", {})}
    return {NAMES.get(key, key): value for key, value in row.items()} | {"form": form}


def decode_spans(body: bytes) -> list[dict[str, Any]]:
    """The spans of a body as flat rows: resource and span attributes beside the span's members."""
    request = ExportTraceServiceRequest.FromString(body)
    return [
        {item.key: plain(item.value) for item in (*resource.resource.attributes, *span.attributes)}
        | {
            "name": span.name,
            "trace_id": span.trace_id.hex(),
            "span_id": span.span_id.hex(),
            "parent": span.parent_span_id.hex(),
            "start_ns": span.start_time_unix_nano,
            "end_ns": span.end_time_unix_nano,
            "failed": span.status.code == 2,
        }
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def plain(value: Any) -> object:
    kind = value.WhichOneof("value")
    content = getattr(value, kind)
    return [plain(item) for item in content.values] if kind == "array_value" else content


class FakeHub:
    """Decodes, removes repeats, counts; answers what it was told to first."""

    def __init__(self) -> None:
        self.events: dict[str, dict[str, Any]] = {}
        self.spans: dict[str, dict[str, Any]] = {}
        self.first_answers: list[Response] = []
        self.refused_types: set[str] = set()
        self.tenants: Counter[str] = Counter()
        routes = [
            Route("/api/v1/events", self._events, methods=["POST"]),
            Route("/v1/traces", self._traces, methods=["POST"]),
        ]
        self.transport = httpx.ASGITransport(Starlette(routes=routes))

    async def _events(self, http: HttpRequest) -> Response:
        body = await http.body()
        if self.first_answers:
            return self.first_answers.pop(0)
        self.tenants[http.headers["x-tenant"]] += 1
        return JSONResponse(self.take_events(http.headers["content-type"], body))

    def take_events(self, content_type: str, body: bytes) -> dict[str, Any]:
        rows = decode_events(content_type, body)
        rejected = [
            {"index": index, "code": "unwanted", "message": "told so"}
            for index, row in enumerate(rows)
            if row["event_type"] in self.refused_types
        ]
        wanted = [row for row in rows if row["event_type"] not in self.refused_types]
        fresh = {row["event_id"]: row for row in wanted if row["event_id"] not in self.events}
        self.events |= fresh
        repeats = len(wanted) - len(fresh)
        return {"accepted": len(fresh), "duplicates": repeats, "rejected": rejected}

    async def _traces(self, http: HttpRequest) -> Response:
        assert http.headers["content-type"] == "application/x-protobuf"
        self.take_spans(await http.body())
        answer = ExportTraceServiceResponse()
        if "span" in self.refused_types:
            answer.partial_success.rejected_spans = 1
        return Response(answer.SerializeToString(), media_type="application/x-protobuf")

    def take_spans(self, body: bytes) -> int:
        rows = decode_spans(body)
        self.spans |= {row["span_id"]: row for row in rows}
        return len(rows)

    def take(self, requests: Iterable[Request]) -> int:
        """How many events the requests carried; checks that each body has what it claims."""
        total = 0
        for request in requests:
            if request.path == "/v1/traces":
                count = self.take_spans(request.body)
            else:
                answer = self.take_events(request.headers["Content-Type"], request.body)
                count = answer["accepted"] + answer["duplicates"]
            assert count == request.event_count
            total += count
        return total

    def of(self, **members: object) -> list[dict[str, Any]]:
        """The events whose members have these values."""
        return [
            row
            for row in self.events.values()
            if all(row.get(key) == value for key, value in members.items())
        ]


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture(scope="session")
def monday() -> datetime:
    return MONDAY


@pytest.fixture(scope="session")
def week() -> FakeHub:
    """A hub that has received a week of about 60,000 events that begins on a Monday."""
    hub = FakeHub()
    hub.take(history(Platform(7), MONDAY, MONDAY + timedelta(days=7), 60_000))
    return hub
