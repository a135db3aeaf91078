"""How long a sender waits for its acknowledgement under a steady load."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.figure import Figure, Scale
from benchmarks.hub import serve
from benchmarks.ingest import EVENTS_PATH, json_bodies
from benchmarks.senders import Target, send_on_schedule

EVENTS_PER_SECOND = 10_000
REQUEST_EVENTS = 100
SECONDS = 20
WARM_UP_SECONDS = 2


def measure(scale: Scale) -> list[Figure]:
    """Milliseconds from the moment a request of 100 events was due until its answer."""
    seconds = scale.of(SECONDS)
    per_second = EVENTS_PER_SECOND // REQUEST_EVENTS
    bodies = json_bodies((WARM_UP_SECONDS + seconds) * EVENTS_PER_SECOND, REQUEST_EVENTS)
    warm_up, load = bodies[: WARM_UP_SECONDS * per_second], bodies[WARM_UP_SECONDS * per_second :]
    with TemporaryDirectory(prefix="hub-bench-") as folder, serve(Path(folder)) as hub:
        target = Target(hub.url, EVENTS_PATH)
        send_on_schedule(target, warm_up, 1 / per_second)
        delays = send_on_schedule(target, load, 1 / per_second)
    return _figures(delays)


def _figures(delays: list[float]) -> list[Figure]:
    p50, p99, longest = np.percentile(delays, [50, 99, 100])
    name = "acknowledgement at 10,000 events/s"
    note = f"{len(delays):,} requests of {REQUEST_EVENTS} events, open loop"
    return [
        Figure(f"{name}, p50", p50, "ms", note=note),
        Figure(f"{name}, p99", p99, "ms", "<= 100 ms"),
        Figure(f"{name}, max", longest, "ms"),
    ]
