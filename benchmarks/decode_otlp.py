"""Time to decode one OTLP trace request of 1,000 GenAI spans with 16 attributes each.

Run alone on an idle machine: `python benchmarks/decode_otlp.py`. Prints µs for each span, the
best and the median of the rounds, for protobuf and JSON.
"""

import json
from random import Random
from statistics import median
from time import perf_counter

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from llm_analytics_hub.ingest.codecs.otlp import decode_otlp_traces

SPANS = 1_000
ROUNDS = 40
STARTED_NS = 1_795_292_000_000_000_000


def genai_request(spans: int, random: Random) -> ExportTraceServiceRequest:
    """A request as a chat service sends it: models repeat, ids and counts do not."""
    request = ExportTraceServiceRequest()
    of_resource = request.resource_spans.add()
    add_attributes(of_resource.resource, {"service.name": "chat", "service.version": "1.2.3"})
    of_scope = of_resource.scope_spans.add()
    of_scope.scope.name = "opentelemetry.instrumentation.genai.openai"
    for number in range(spans):
        start = STARTED_NS + number * 1_000_000
        span = of_scope.spans.add(
            trace_id=random.randbytes(16),
            span_id=random.randbytes(8),
            parent_span_id=random.randbytes(8),
            name="chat gpt-4o-mini",
            kind=Span.SPAN_KIND_CLIENT,
            start_time_unix_nano=start,
            end_time_unix_nano=start + random.randrange(10**8, 10**10),
        )
        add_attributes(span, attributes(number, random))
    return request


def attributes(number: int, random: Random) -> dict[str, str | int | float]:
    """The 16 attributes of one call, without its finish reasons (a list)."""
    model = random.choice(("gpt-4o-mini", "gpt-4o", "o4-mini"))
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": model,
        "gen_ai.response.model": f"{model}-2024-07-18",
        "gen_ai.response.id": f"chatcmpl-{number:012}",
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


def add_attributes(target: object, values: dict[str, str | int | float]) -> None:
    """Write `values` as OTLP attributes of a span or resource."""
    for key, value in values.items():
        pair = target.attributes.add(key=key)  # type: ignore[attr-defined]
        if isinstance(value, str):
            pair.value.string_value = value
        elif isinstance(value, int):
            pair.value.int_value = value
        else:
            pair.value.double_value = value


def as_json(request: ExportTraceServiceRequest) -> bytes:
    """The request in OTLP JSON: hex ids, 64-bit numbers as text."""

    def value(any_value: object) -> dict[str, object]:
        kind = any_value.WhichOneof("value")  # type: ignore[attr-defined]
        found = getattr(any_value, kind)
        name = {"string_value": "stringValue", "int_value": "intValue"}.get(kind, "doubleValue")
        return {name: str(found) if kind == "int_value" else found}

    def pairs(target: object) -> list[object]:
        return [{"key": p.key, "value": value(p.value)} for p in target.attributes]  # type: ignore[attr-defined]

    of_resource = request.resource_spans[0]
    of_scope = of_resource.scope_spans[0]
    spans = [
        {
            "traceId": span.trace_id.hex(),
            "spanId": span.span_id.hex(),
            "parentSpanId": span.parent_span_id.hex(),
            "name": span.name,
            "kind": span.kind,
            "startTimeUnixNano": str(span.start_time_unix_nano),
            "endTimeUnixNano": str(span.end_time_unix_nano),
            "attributes": pairs(span),
            "status": {},
        }
        for span in of_scope.spans
    ]
    scope_spans = [{"scope": {"name": of_scope.scope.name}, "spans": spans}]
    resource = {"attributes": pairs(of_resource.resource)}
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": scope_spans}]}
    return json.dumps(body).encode()


def measure(body: bytes, content_type: str) -> None:
    """Print the time for each span of `body`."""
    times = []
    for _ in range(ROUNDS):
        started = perf_counter()
        decoded = decode_otlp_traces(body, content_type)
        times.append((perf_counter() - started) / SPANS * 1e6)
        assert len(decoded.rows) == SPANS  # a fast wrong answer is no answer
    size = len(body) / SPANS
    print(
        f"{content_type:24} {size:6.0f} bytes/span   best {min(times):5.1f}   "
        f"median {median(times):5.1f} µs/span"
    )


if __name__ == "__main__":
    made = genai_request(SPANS, Random(7))
    measure(made.SerializeToString(), "application/x-protobuf")
    measure(as_json(made), "application/json")
