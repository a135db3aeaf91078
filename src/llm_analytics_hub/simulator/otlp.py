"""OTLP bytes of spans, cheap by one law of protobuf: messages joined as bytes are merged.

So attributes that many spans share are encoded once, and a span that is encoded is never copied
into its parents as an object. Source: protobuf encoding, "Message Structure".
"""

from collections.abc import Iterable
from functools import cache

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import (
    AnyValue,
    ArrayValue,
    InstrumentationScope,
    KeyValue,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

SCOPE = InstrumentationScope(name="opentelemetry.instrumentation.genai", version="1.3")
LENGTH_DELIMITED = 2


def text(key: str, value: str) -> bytes:
    """A span that has nothing but this attribute."""
    return _attribute(key, AnyValue(string_value=value))


@cache
def shared_text(key: str, value: str) -> bytes:
    """As `text`, for attributes that many spans have; it remembers them."""
    return text(key, value)


@cache
def finish_reason(reason: str) -> bytes:
    """A span that has nothing but why the model stopped."""
    reasons = ArrayValue(values=[AnyValue(string_value=reason)])
    return _attribute("gen_ai.response.finish_reasons", AnyValue(array_value=reasons))


def _attribute(key: str, value: AnyValue) -> bytes:
    return bytes(Span(attributes=[KeyValue(key=key, value=value)]).SerializeToString())


def number(key: str, value: int) -> KeyValue:
    """An attribute that is a whole number."""
    return KeyValue(key=key, value=AnyValue(int_value=value))


def fraction(key: str, value: float) -> KeyValue:
    """An attribute that is a floating-point number."""
    return KeyValue(key=key, value=AnyValue(double_value=value))


def export_request(resource_spans: Iterable[bytes]) -> bytes:
    """An `ExportTraceServiceRequest` of encoded `ResourceSpans`."""
    number = ExportTraceServiceRequest.RESOURCE_SPANS_FIELD_NUMBER
    return b"".join(_embedded(number, spans) for spans in resource_spans)


def process_spans(resource: dict[str, str], spans: Iterable[bytes]) -> bytes:
    """The `ResourceSpans` of one process: what it is, and its encoded spans."""
    scope_spans = bytes(ScopeSpans(scope=SCOPE).SerializeToString()) + b"".join(
        _embedded(ScopeSpans.SPANS_FIELD_NUMBER, span) for span in spans
    )
    attributes = [
        KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in resource.items()
    ]
    process = ResourceSpans(resource=Resource(attributes=attributes))
    return bytes(process.SerializeToString()) + _embedded(
        ResourceSpans.SCOPE_SPANS_FIELD_NUMBER, scope_spans
    )


def _embedded(field_number: int, message: bytes) -> bytes:
    tag = field_number << 3 | LENGTH_DELIMITED
    return _varint(tag) + _varint(len(message)) + message


def _varint(value: int) -> bytes:
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)
