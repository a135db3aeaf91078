"""How long an event takes from its sender to a thousand subscribers, and what they cost the hub.

Subscribers are WebSockets in a process of their own. Each wants one of 100 services, so that an
event goes to ten of them: 2,000 events/s are 20,000 deliveries/s.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import local
from time import perf_counter, sleep
from urllib.parse import urlencode, urlsplit

import numpy as np
import uvloop
from websockets.asyncio.client import connect

from benchmarks.figure import Figure, Scale
from benchmarks.hub import RunningHub, serve
from benchmarks.ingest import EVENTS_PATH
from llm_analytics_hub.clock import SystemClock

SUBSCRIBERS, SERVICES = 1_000, 100
EVENTS_PER_SECOND, REQUEST_EVENTS = 2_000, 20
SECONDS, WARM_UP_SECONDS = 20, 2
CONNECTING, SENDERS = 50, 8
START_SECONDS, END_SECONDS = 120, 30
TARGET, MEMORY_TARGET = "<= 250 ms", "<= 1,000 MB"

_SENT = re.compile(r'"sent":([0-9.]+)')


def measure(scale: Scale) -> list[Figure]:
    """Milliseconds from when an event was due to be posted until a subscriber has it; memory."""
    return [
        *_measured(scale, "100 filters", are_distinct=False),
        *_measured(scale, "1,000 filters", are_distinct=True),
    ]


def _measured(scale: Scale, name: str, *, are_distinct: bool) -> list[Figure]:
    seconds = scale.of(SECONDS)
    with TemporaryDirectory(prefix="hub-bench-") as folder, serve(Path(folder)) as hub:
        ours, theirs = get_context("spawn").Pipe()
        arguments = (theirs, hub.url, _queries(are_distinct=are_distinct))
        readers = get_context("spawn").Process(target=_read_all, args=arguments)
        before = hub.private_megabytes()["Rss"]
        readers.start()
        try:
            _heard(ours, START_SECONDS)
            _post(hub, WARM_UP_SECONDS)
            cpu = hub.cpu_seconds()
            began = _post(hub, seconds)
            cpu = (hub.cpu_seconds() - cpu) / seconds
            expected = seconds * EVENTS_PER_SECOND * SUBSCRIBERS // SERVICES
            ours.send((began, expected))
            delays, missed = _heard(ours, END_SECONDS + START_SECONDS)
        finally:
            readers.kill()
        memory = hub.private_megabytes()["Rss"]
    p50, p99, longest = np.percentile(delays, [50, 99, 100]) * 1000
    title = f"live, 1,000 subscribers with {name} at 2,000 events/s"
    note = f"{len(delays):,} of {expected:,} deliveries, {missed:,} missed; hub {cpu:.2f} of a core"
    return [
        Figure(f"{title}, p50", p50, "ms", note=note),
        Figure(f"{title}, p99", p99, "ms", TARGET),
        Figure(f"{title}, max", longest, "ms"),
        Figure(f"{title}, memory", memory, "MB", MEMORY_TARGET, note=f"{before:,.0f} MB before"),
    ]


def _queries(*, are_distinct: bool) -> list[str]:
    wheres = [
        [f"service=s{number % SERVICES}", *([f"latency_ms>-{number + 1}"] if are_distinct else [])]
        for number in range(SUBSCRIBERS)
    ]
    return [urlencode({"where": where}, doseq=True) for where in wheres]


def _heard(pipe: Connection, seconds: float) -> tuple[Sequence[float], int]:
    if not pipe.poll(seconds):
        raise RuntimeError("the subscribers said nothing in time")
    found: tuple[Sequence[float], int] = pipe.recv()
    return found


def _post(hub: RunningHub, seconds: int) -> float:
    """Post events at a steady rate, whatever the answers; when that began."""
    kept, netloc = local(), urlsplit(hub.url).netloc
    prefix = f"{perf_counter():.6f}"
    began = perf_counter() + 0.1
    per_second = EVENTS_PER_SECOND // REQUEST_EVENTS

    def send(number: int) -> None:
        due = began + number / per_second
        sleep(max(0.0, due - perf_counter()))
        if not hasattr(kept, "http"):
            kept.http = HTTPConnection(netloc, timeout=START_SECONDS)
        kept.http.request("POST", EVENTS_PATH, _body(f"{prefix}-{number}", number, due), _HEADERS)
        answer = kept.http.getresponse()
        assert answer.status == 200, answer.read()
        answer.read()

    with ThreadPoolExecutor(SENDERS) as senders:
        list(senders.map(send, range(seconds * per_second)))
    return began


_HEADERS = {"Content-Type": "application/json"}


def _body(name: str, number: int, due: float) -> bytes:
    at = SystemClock().now().isoformat()
    return json.dumps([
        {
            "source": "observatory", "event_type": "inference.completed", "occurred_at": at,
            "event_id": f"{name}-{one}", "service": f"s{(number * REQUEST_EVENTS + one) % SERVICES}",
            "provider": "openai", "model": "gpt-4o", "input_tokens": 1200, "output_tokens": 320,
            "latency_ms": 843.2, "status": "ok", "attributes": {"sent": round(due, 6)},
        }
        for one in range(REQUEST_EVENTS)
    ]).encode()  # fmt: skip


@dataclass
class _Received:
    """When events were received, and when they had been due; how many were missed."""

    sent: list[float] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    missed: int = 0


def _read_all(pipe: Connection, url: str, queries: Sequence[str]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_subscribed(pipe, url.replace("http", "ws", 1), queries))


async def _subscribed(pipe: Connection, url: str, queries: Sequence[str]) -> None:
    received, turns = _Received(), asyncio.Semaphore(CONNECTING)
    begun = [asyncio.Event() for _ in queries]
    tasks = [
        asyncio.create_task(_read(f"{url}/api/v1/stream?{query}", received, turns, one))
        for query, one in zip(queries, begun, strict=True)
    ]
    await asyncio.gather(*(one.wait() for one in begun))
    pipe.send(((), 0))
    began, expected = await asyncio.to_thread(pipe.recv)
    until = perf_counter() + END_SECONDS
    delays = _delays(received, began)
    while len(delays) < expected and perf_counter() < until:
        await asyncio.sleep(0.5)
        delays = _delays(received, began)
    pipe.send((delays, received.missed))
    for task in tasks:
        task.cancel()


def _delays(received: _Received, began: float) -> list[float]:
    pairs = zip(received.sent, received.at, strict=True)
    return [at - sent for sent, at in pairs if sent >= began - 1e-3]


async def _read(
    url: str, received: _Received, turns: asyncio.Semaphore, begun: asyncio.Event
) -> None:
    async with turns:
        socket = await connect(url, compression=None, ping_interval=None, open_timeout=60)
        await socket.recv()
    begun.set()
    async for message in socket:
        at, sent = perf_counter(), [float(one) for one in _SENT.findall(str(message))]
        received.sent += sent
        received.at += [at] * len(sent)
        received.missed += json.loads(message)["missed"] if '{"missed"' in message[:10] else 0
