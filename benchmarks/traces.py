"""One long trace: taken in one request, in many, and read back as a tree."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, time_ns

from benchmarks.figure import Figure, Scale
from benchmarks.hub import RunningHub, serve
from benchmarks.senders import Target, send_all
from benchmarks.spans import tree_request

SPANS = 10_000
REQUESTS = 100
RUNS = 5
TARGET = "< 1 s"


def measure(scale: Scale) -> list[Figure]:
    """Seconds, median of five traces each, until the last answer; and to read the tree."""
    spans = scale.of(SPANS)
    with TemporaryDirectory(prefix="hub-bench-") as folder, serve(Path(folder)) as hub:
        _sent(hub, [_trace(spans, 1)], 1)  # to warm up
        ways = {"one request": (1, 1), f"{REQUESTS} requests in turn": (REQUESTS, 1),
                f"{REQUESTS} requests, 8 at a time": (REQUESTS, 8)}  # fmt: skip
        taken = {
            name: _sent(hub, [_trace(spans, parts) for _ in range(RUNS)], at_once)
            for name, (parts, at_once) in ways.items()
        }
        read = _read(hub, spans)
        grown = hub.private_megabytes()["Private_Dirty"]
    figures = [
        Figure(f"a trace of {spans:,} spans, {name}", seconds, "s", TARGET)
        for name, seconds in taken.items()
    ]
    note = f"hub has {grown:.0f} MB of its own in the end"
    return [*figures, Figure(f"a trace of {spans:,} spans, read", read, "s", note=note)]


def _trace(spans: int, parts: int) -> list[bytes]:
    """The requests of one trace, which no other has."""
    random = Random()
    trace_id, now = random.randbytes(16), time_ns() - 10**9
    size = spans // parts
    return [
        tree_request(trace_id, range(first, first + size), now, random).SerializeToString()
        for first in range(0, spans, size)
    ]


def _sent(hub: RunningHub, traces: Sequence[Sequence[bytes]], at_once: int) -> float:
    target = Target(hub.url, "/v1/traces", "application/x-protobuf")
    return median(send_all(target, bodies, at_once).seconds for bodies in traces)


def _read(hub: RunningHub, spans: int) -> float:
    """Seconds to get the tree of the newest trace, median of five times."""
    newest = hub.get("/api/v1/events?limit=1").json()["events"][0]["trace_id"]
    took = []
    for _ in range(RUNS):
        began = perf_counter()
        found = hub.get(f"/api/v1/traces/{newest}").json()
        took.append(perf_counter() - began)
        assert found["spans"] == spans, found["spans"]
    return median(took)
