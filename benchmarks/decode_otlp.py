"""Time to decode one OTLP trace request of 1,000 spans, protobuf and JSON, without a server."""

from random import Random
from statistics import median
from time import perf_counter, time_ns

from benchmarks.figure import Figure, Scale
from benchmarks.spans import as_json, trace_request
from llm_analytics_hub.ingest.codecs.otlp import decode_otlp_traces

SPANS = 1_000
ROUNDS = 40


def measure(scale: Scale) -> list[Figure]:
    """µs for each span of 16 attributes, median of the rounds."""
    request = trace_request(SPANS, time_ns(), Random(7))
    rounds = scale.of(ROUNDS)
    return [
        _figure("protobuf", request.SerializeToString(), "application/x-protobuf", rounds),
        _figure("JSON", as_json(request), "application/json", rounds),
    ]


def _figure(form: str, body: bytes, content_type: str, rounds: int) -> Figure:
    times = [_decode(body, content_type) / SPANS * 1e6 for _ in range(rounds)]
    note = f"best {min(times):.1f} µs; {len(body) / SPANS:.0f} bytes/span"
    return Figure(f"decode OTLP {form}", median(times), "µs/span", note=note)


def _decode(body: bytes, content_type: str) -> float:
    started = perf_counter()
    decoded = decode_otlp_traces(body, content_type)
    seconds = perf_counter() - started
    assert len(decoded.rows) == SPANS  # a fast wrong answer is no answer
    return seconds
