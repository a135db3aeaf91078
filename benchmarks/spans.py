"""OTLP trace requests as a chat service sends them: models repeat, ids and counts do not."""

import json
from random import Random

from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

SPAN_SPACING_NS = 1_000_000
Attributes = dict[str, str | int | float]


def trace_request(spans: int, start_ns: int, random: Random) -> ExportTraceServiceRequest:
    """A request of `spans` calls with 16 attributes each, one a millisecond from `start_ns` on."""
    request = ExportTraceServiceRequest()
    of_resource = request.resource_spans.add()
    _add_attributes(of_resource.resource, {"service.name": "chat", "service.version": "1.2.3"})
    of_scope = of_resource.scope_spans.add()
    of_scope.scope.name = "opentelemetry.instrumentation.genai.openai"
    for number in range(spans):
        begins = start_ns + number * SPAN_SPACING_NS
        span = of_scope.spans.add(
            trace_id=random.randbytes(16),
            span_id=random.randbytes(8),
            parent_span_id=random.randbytes(8),
            name="chat gpt-4o-mini",
            kind=Span.SPAN_KIND_CLIENT,
            start_time_unix_nano=begins,
            end_time_unix_nano=begins + random.randrange(10**8, 10**10),
        )
        _add_attributes(span, _call_attributes(random))
    return request


def tree_request(
    trace_id: bytes, numbers: range, start_ns: int, random: Random
) -> ExportTraceServiceRequest:
    """Some spans of one trace: each has ten children, and every tenth is a call."""
    request = ExportTraceServiceRequest()
    of_scope = request.resource_spans.add().scope_spans.add()
    of_scope.scope.name = "opentelemetry.instrumentation.genai.openai"
    for number in numbers:
        begins = start_ns + number
        span = of_scope.spans.add(
            trace_id=trace_id,
            span_id=(number + 1).to_bytes(8),
            parent_span_id=(number // 10 + 1).to_bytes(8) if number else b"",
            name=f"step {number}",
            start_time_unix_nano=begins,
            end_time_unix_nano=begins + SPAN_SPACING_NS,
        )
        if number % 10 == 0:
            _add_attributes(span, _call_attributes(random))
    return request


def as_json(request: ExportTraceServiceRequest) -> bytes:
    """The request in OTLP JSON: hex ids, 64-bit numbers as text."""
    of_resource = request.resource_spans[0]
    of_scope = of_resource.scope_spans[0]
    spans = [_span_json(span) for span in of_scope.spans]
    scope_spans = [{"scope": {"name": of_scope.scope.name}, "spans": spans}]
    resource = {"attributes": _attributes_json(of_resource.resource)}
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": scope_spans}]}
    return json.dumps(body).encode()


def _call_attributes(random: Random) -> Attributes:
    """The 16 attributes of one call, without its finish reasons (a list)."""
    model = random.choice(("gpt-4o-mini", "gpt-4o", "o4-mini"))
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": model,
        "gen_ai.response.model": f"{model}-2024-07-18",
        "gen_ai.response.id": f"chatcmpl-{random.getrandbits(48):012x}",
        "gen_ai.request.temperature": 0.2,
        "gen_ai.request.max_tokens": 300,
        "gen_ai.usage.input_tokens": random.randrange(200, 20_000),
        "gen_ai.usage.output_tokens": random.randrange(10, 3_000),
        "gen_ai.usage.cache_read.input_tokens": random.randrange(0, 200),
        "gen_ai.usage.reasoning.output_tokens": random.randrange(0, 10),
        "gen_ai.response.time_to_first_chunk": random.random(),
        "gen_ai.conversation.id": f"session-{random.randrange(200)}",
        "user.id": f"user-{random.randrange(400):04}",
        "server.address": "api.openai.com",
        "server.port": 443,
    }


def _add_attributes(target: Message, values: Attributes) -> None:
    for key, value in values.items():
        pair = target.attributes.add(key=key)
        if isinstance(value, str):
            pair.value.string_value = value
        elif isinstance(value, int):
            pair.value.int_value = value
        else:
            pair.value.double_value = value


def _span_json(span: Span) -> dict[str, object]:
    return {
        "traceId": span.trace_id.hex(),
        "spanId": span.span_id.hex(),
        "parentSpanId": span.parent_span_id.hex(),
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(span.start_time_unix_nano),
        "endTimeUnixNano": str(span.end_time_unix_nano),
        "attributes": _attributes_json(span),
        "status": {},
    }


def _attributes_json(target: Message) -> list[dict[str, object]]:
    pairs = target.attributes
    return [{"key": pair.key, "value": _value_json(pair.value)} for pair in pairs]


def _value_json(value: AnyValue) -> dict[str, object]:
    kind = value.WhichOneof("value")
    found = getattr(value, kind or "string_value")
    name = {"string_value": "stringValue", "int_value": "intValue"}.get(str(kind), "doubleValue")
    return {name: str(found) if kind == "int_value" else found}
