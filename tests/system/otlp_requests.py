"""Requests of all three OTLP signals in every form they come in, right and wrong."""

import json
import os
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

JSON, PROTOBUF = "application/json", "application/x-protobuf"
NOW_NS = int(datetime.now(UTC).timestamp()) * 10**9
NOT_UTF8 = "(not UTF-8)"
"""Becomes bytes of the same number that are no UTF-8, in either form."""

Item = dict[str, Any]


def attribute(key: str, value: Item | str) -> Item:
    return {"key": key, "value": {"stringValue": value} if isinstance(value, str) else value}


def span(**members: Any) -> Item:
    return {
        "traceId": os.urandom(16).hex(), "spanId": os.urandom(8).hex(), "name": "chat",
        "startTimeUnixNano": str(NOW_NS), "endTimeUnixNano": str(NOW_NS + 10**6), **members,
    }  # fmt: skip


def record(**members: Any) -> Item:
    text = os.urandom(4).hex()
    return {"timeUnixNano": str(NOW_NS), "eventName": f"shop.{text}", **members}


def gauge(**members: Any) -> Item:
    return metric("gauge", **{"asDouble": 1.5, **members})


def metric(kind: str, name: str = "m", data: Item | None = None, **members: Any) -> Item:
    point = {
        "timeUnixNano": str(NOW_NS), "attributes": [attribute("id", os.urandom(4).hex())],
        **members,
    }  # fmt: skip
    if kind not in {"gauge", "summary"}:
        data = {"aggregationTemporality": 1, **(data or {})}
    return {"name": name, kind: {"dataPoints": [point], **(data or {})}}


@dataclass(frozen=True)
class Signal:
    """How the requests of a signal are made, sent and answered."""

    name: str
    noun: str
    rejected: str
    column: str
    service: str
    request: Any
    response: Any
    item: Callable[..., Item]
    scopes: str
    items: str
    resources: str
    door: str = "otlp"

    @property
    def method(self) -> str:
        return f"/opentelemetry.proto.collector.{self.service}/Export"

    def body(self, items: list[Item], resource: list[Item] | None = None) -> Item:
        scope = {"scope": {"name": "sdk"}, self.items: items}
        sender = {"attributes": resource or [attribute("service.name", "shop")]}
        return {self.resources: [{"resource": sender, self.scopes: [scope]}]}

    def encoded(self, items: list[Item], content_type: str, **how: Any) -> bytes:
        body = self.body(items, **how)
        whole = (
            json.dumps(body).encode()
            if content_type == JSON
            else ParseDict(_in_base64(body), self.request()).SerializeToString()
        )
        return whole.replace(NOT_UTF8.encode(), b"\xff" * len(NOT_UTF8))


def _in_base64(value: Any) -> Any:
    """OTLP's own JSON has ids in hex, protobuf's in base 64."""
    if isinstance(value, list):
        return [_in_base64(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: b64encode(bytes.fromhex(one)).decode() if key.endswith("Id") else _in_base64(one)
        for key, one in value.items()
    }


TRACES = Signal(
    "traces", "span", "rejectedSpans", "rejected_spans", "trace.v1.TraceService",
    ExportTraceServiceRequest, ExportTraceServiceResponse, span,
    "scopeSpans", "spans", "resourceSpans",
)  # fmt: skip
LOGS = Signal(
    "logs", "log record", "rejectedLogRecords", "rejected_log_records", "logs.v1.LogsService",
    ExportLogsServiceRequest, ExportLogsServiceResponse, record,
    "scopeLogs", "logRecords", "resourceLogs",
)  # fmt: skip
METRICS = Signal(
    "metrics", "data point", "rejectedDataPoints", "rejected_data_points",
    "metrics.v1.MetricsService", ExportMetricsServiceRequest, ExportMetricsServiceResponse, gauge,
    "scopeMetrics", "metrics", "resourceMetrics", "otlp_metrics",
)  # fmt: skip
SIGNALS = {signal.name: signal for signal in (TRACES, LOGS, METRICS)}


def nested(levels: int) -> Item:
    value: Item = {"stringValue": "deep"}
    for _ in range(levels):
        value = {"kvlistValue": {"values": [{"key": "k", "value": value}]}}
    return value


def nested_protobuf(levels: int) -> bytes:
    """The same as a serialised `AnyValue`, which the generated classes would not make."""
    raw = field(1, b"deep")
    for _ in range(levels):
        raw = field(6, field(1, field(1, b"k") + field(2, raw)))
    return raw


def field(number: int, body: bytes) -> bytes:
    """A field of bytes on the wire."""
    size, length = bytearray(), len(body)
    while length > 0x7F:
        size.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes([number << 3 | 2, *size, length]) + body


_DEEP = '{"stringValue": "(deep)"}'
_ATTRIBUTES = {"traces": 9, "logs": 6, "metrics": 7}
"""The field of an item that holds its attributes. Source: opentelemetry-proto."""


def deep_request(signal: Signal, levels: int, content_type: str) -> bytes:
    """A good item, one with a map of so many levels in an attribute, and a good one."""
    good = [signal.item(), signal.item()]
    if content_type == JSON:
        item = signal.item(attributes=[attribute("app.deep", {"stringValue": "(deep)"})])
        whole = signal.encoded([good[0], item, good[1]], JSON).decode()
        value = '{"kvlistValue":{"values":[{"key":"k","value":' * levels
        return whole.replace(_DEEP, value + _DEEP + "}]}}" * levels).encode()
    parts = [signal.encoded([one], PROTOBUF) for one in good]
    pair = field(1, b"app.deep") + field(2, nested_protobuf(levels))
    return parts[0] + _with_field(signal, field(_ATTRIBUTES[signal.name], pair)) + parts[1]


def _with_field(signal: Signal, more: bytes) -> bytes:
    """A request of one item with one more field."""
    made = ParseDict(_in_base64(signal.body([signal.item()])), signal.request())
    (of_resource,) = made.ListFields()[0][1]
    scope = of_resource.ListFields()[-1][1][0]
    item = scope.ListFields()[-1][1][0]
    if signal is METRICS:
        point = item.gauge.data_points[0].SerializeToString() + more
        item_bytes = field(1, item.name.encode()) + field(5, field(1, point))
    else:
        item_bytes = item.SerializeToString() + more
    return field(1, field(2, field(2, item_bytes)))
