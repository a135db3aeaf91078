"""What a running hub takes: requests of 500 events, 8 at a time, over HTTP and gRPC."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, time_ns

import msgspec
import numpy as np
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from benchmarks.calls import draw_calls, encoded
from benchmarks.figure import Figure, Scale
from benchmarks.grpc_senders import free_port, send_all_calls
from benchmarks.hub import RunningHub, serve
from benchmarks.raw_engine import RAW
from benchmarks.senders import Sent, Target, send_all
from benchmarks.spans import SPAN_SPACING_NS, trace_request
from llm_analytics_hub.clock import SystemClock

EVENTS = 600_000
SPANS = 200_000
REQUEST_EVENTS = 500
WARM_UP_REQUESTS = 8
EVENTS_PATH = "/api/v1/events"
TRACES_PATH = "/v1/traces"


def measure_json(scale: Scale) -> list[Figure]:
    """Canonical events as JSON: events a second acknowledged, and queryable."""
    bodies = json_bodies(scale.of(EVENTS) + WARM_UP_REQUESTS * REQUEST_EVENTS)
    load = Load(bodies, _posts(EVENTS_PATH, "application/json"), _accepted)
    acknowledged, queryable, note = _measure(load)
    targets = ">= 60,000 events/s", ">= 0.35 of raw"
    return [
        Figure("JSON, acknowledged", acknowledged, "events/s", targets[0], RAW, note),
        Figure("JSON, queryable", queryable, "events/s", targets[1], RAW),
    ]


def measure_otlp(scale: Scale) -> list[Figure]:
    """Spans of 16 attributes as OTLP protobuf: spans a second acknowledged, and queryable."""
    bodies = otlp_bodies(scale.of(SPANS) + WARM_UP_REQUESTS * REQUEST_EVENTS)
    load = Load(bodies, _posts(TRACES_PATH, "application/x-protobuf"), _taken)
    return _span_figures("OTLP over HTTP", ">= 30,000 spans/s", load)


def measure_grpc(scale: Scale) -> list[Figure]:
    """The same spans over gRPC, 8 calls at a time over one channel."""
    bodies = otlp_bodies(scale.of(SPANS) + WARM_UP_REQUESTS * REQUEST_EVENTS)
    port = free_port()

    def send(_: RunningHub, bodies: Sequence[bytes]) -> Sent:
        return send_all_calls(f"127.0.0.1:{port}", bodies)

    load = Load(bodies, send, _taken, ("--otlp-grpc-port", str(port)))
    return _span_figures("OTLP over gRPC", ">= 25,000 spans/s", load)


def json_bodies(events: int, size: int = REQUEST_EVENTS) -> list[bytes]:
    """Requests of `size` events each, of the last hour."""
    now = SystemClock().now()
    return encoded(
        draw_calls(events, now - timedelta(hours=1), now, np.random.default_rng(7)), size
    )


def otlp_bodies(spans: int) -> list[bytes]:
    """Requests of 500 spans each, of the last minutes."""
    random, first_ns = Random(7), time_ns() - spans * SPAN_SPACING_NS
    starts = range(first_ns, first_ns + spans * SPAN_SPACING_NS, REQUEST_EVENTS * SPAN_SPACING_NS)
    return [trace_request(REQUEST_EVENTS, at, random).SerializeToString() for at in starts]


def day_around(now: datetime) -> tuple[str, str]:
    """A time range that holds all that is sent."""
    day = timedelta(days=1)
    return (now - day).isoformat(), (now + day).isoformat()


@dataclass(frozen=True)
class Load:
    """Request bodies, how they are sent, how many events an answer takes, flags of the hub."""

    bodies: Sequence[bytes]
    send: Callable[[RunningHub, Sequence[bytes]], Sent]
    taken: Callable[[bytes], int]
    flags: Sequence[str] = ()


def _posts(path: str, content_type: str) -> Callable[[RunningHub, Sequence[bytes]], Sent]:
    return lambda hub, bodies: send_all(Target(hub.url, path, content_type), bodies)


def _span_figures(name: str, target: str, load: Load) -> list[Figure]:
    acknowledged, queryable, note = _measure(load)
    return [
        Figure(f"{name}, acknowledged", acknowledged, "spans/s", target, note=note),
        Figure(f"{name}, queryable", queryable, "spans/s"),
    ]


def _measure(given: Load) -> tuple[float, float, str]:
    """Events a second until the last answer and until all can be queried, and a note."""
    bodies = given.bodies
    warm_up, load = bodies[:WARM_UP_REQUESTS], bodies[WARM_UP_REQUESTS:]
    sent_events = len(bodies) * REQUEST_EVENTS
    with (
        TemporaryDirectory(prefix="hub-bench-") as folder,
        serve(Path(folder), *given.flags) as hub,
    ):
        given.send(hub, warm_up)
        idle_cpu = hub.cpu_seconds()
        sent = given.send(hub, load)
        found = hub.count(*day_around(SystemClock().now()))
        until_found = perf_counter() - sent.began
        cpu = hub.cpu_seconds() - idle_cpu
    assert sum(map(given.taken, sent.answers)) == len(load) * REQUEST_EVENTS
    assert found == sent_events, f"{found} of {sent_events} events can be queried"
    events = len(load) * REQUEST_EVENTS
    return events / sent.seconds, events / until_found, _note(events, load, sent, cpu)


def _note(events: int, load: Sequence[bytes], sent: Sent, cpu: float) -> str:
    size = sum(map(len, load)) / events
    parts = (
        f"{events:,} of {size:.0f} bytes", f"hub {cpu / events * 1e6:.1f} µs of processor/event",
        f"client {sent.client_seconds / sent.seconds:.0%} of a core",
        f"{len(sent.refused)} x full",
    )  # fmt: skip
    return ", ".join(parts)


def _accepted(answer: bytes) -> int:
    return int(msgspec.json.decode(answer)["accepted"])


def _taken(answer: bytes) -> int:
    rejected = ExportTraceServiceResponse.FromString(answer).partial_success.rejected_spans
    return REQUEST_EVENTS - int(rejected)
