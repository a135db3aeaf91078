"""How soon a webhook hears of a security event, while the hub takes other traffic and matches rules."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread, local
from time import perf_counter, sleep
from urllib.parse import urlsplit

import numpy as np
import yaml

from benchmarks.figure import Figure, Scale
from benchmarks.hub import RunningHub, serve
from benchmarks.ingest import EVENTS_PATH, json_bodies
from benchmarks.senders import Target, send_on_schedule
from llm_analytics_hub.alerts.routing.desk import RoutingDesk
from llm_analytics_hub.clock import SystemClock
from llm_analytics_hub.storage.control.opening import open_control

EVENTS_PER_SECOND, REQUEST_EVENTS = 10_000, 100
THREATS_PER_SECOND, RULES = 20, 500
SECONDS, WARM_UP_SECONDS = 20, 2
END_SECONDS = 30
JSON = {"Content-Type": "application/json"}
SENDERS = 8
TARGET = "< 100 ms"


def measure(scale: Scale) -> list[Figure]:
    """Milliseconds from when a security event is due to be posted until its webhook is called."""
    seconds, per_second = scale.of(SECONDS), EVENTS_PER_SECOND // REQUEST_EVENTS
    bodies = json_bodies((WARM_UP_SECONDS + seconds) * EVENTS_PER_SECOND, REQUEST_EVENTS)
    warm_up, load = bodies[: WARM_UP_SECONDS * per_second], bodies[WARM_UP_SECONDS * per_second :]
    ours, theirs = get_context("spawn").Pipe()
    probe = get_context("spawn").Process(target=_probe, args=(theirs,), daemon=True)
    probe.start()
    with _hub(ours.recv()) as hub:
        target = Target(hub.url, EVENTS_PATH)
        ours.send((hub.url, WARM_UP_SECONDS * THREATS_PER_SECOND))
        send_on_schedule(target, warm_up, 1 / per_second)
        _heard(ours)
        ours.send((hub.url, seconds * THREATS_PER_SECOND))
        before = hub.cpu_seconds()
        send_on_schedule(target, load, 1 / per_second)
        cores = (hub.cpu_seconds() - before) / seconds
        delays = _heard(ours)
    ours.send(None)
    return _figures(delays, cores)


def _figures(delays: list[float], cores: float) -> list[Figure]:
    p50, p99, longest = np.percentile(delays, [50, 99, 100]) * 1000
    name = f"security event to webhook at {EVENTS_PER_SECOND:,} other events/s"
    note = f"{len(delays)} events, {RULES} match rules; hub {cores:.2f} cores"
    return [
        Figure(f"{name}, p50", p50, "ms", note=note),
        Figure(f"{name}, p99", p99, "ms", TARGET),
        Figure(f"{name}, max", longest, "ms"),
    ]


def _heard(ours: Connection) -> list[float]:
    if not ours.poll(SECONDS + END_SECONDS):
        raise RuntimeError("not every security event came to the webhook")
    found: list[float] = ours.recv()
    return found


@contextmanager
def _hub(webhook: str) -> Iterator[RunningHub]:
    with TemporaryDirectory(prefix="hub-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "rules.yaml").write_text(yaml.safe_dump({"rules": _rules()}), "utf-8")
        alerts = {
            "rules": [str(folder / "rules.yaml")],
            "channels": {"hook": {"kind": "webhook", "url": webhook}},
        }
        (folder / "hub.yaml").write_text(yaml.safe_dump({"alerts": alerts}), "utf-8")
        _route_each_alone(folder / "data")
        with serve(folder / "data", "--config", str(folder / "hub.yaml")) as hub:
            yield hub


def _rules() -> list[dict[str, object]]:
    """One that all threats match, and others of which each looks at what many events have."""
    source = {"field": "source", "op": "eq", "value": "sentinel"}
    found: list[dict[str, object]] = [
        {"name": "threat", "kind": "match", "severity": "critical", "by": ["user_id"],
         "where": [source, {"field": "event_type", "op": "eq", "value": "threat.detected"}]}
    ]  # fmt: skip
    for number in range(RULES - 1):
        where = [
            {"field": "service", "op": "eq", "value": f"service-{number % 40:02}"},
            {"field": "latency_ms", "op": "gt", "value": 1_000_000 + number},
            {"field": "status", "op": "in", "value": ["error", "denied"]},
        ]
        found.append({"name": f"rule-{number}", "kind": "match", "severity": "warning",
                      "by": ["model"], "where": where})  # fmt: skip
    return found


def _route_each_alone(data: Path) -> None:
    control = open_control(data, SystemClock())
    routing = {"route": {"channels": ["hook"], "group_by": ["..."]}}
    RoutingDesk(control.alerts, SystemClock(), ["hook"]).put("default", routing, "benchmark")
    control.close()


def _probe(theirs: Connection) -> None:
    """Receives webhooks; posts as many threats as it is told, and tells how long each took."""
    heard: dict[str, float] = {}
    news = Event()

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in body["alerts"]:
                heard.setdefault(alert["labels"].get("user_id", ""), perf_counter())
            news.set()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    theirs.send(f"http://127.0.0.1:{server.server_port}/")
    while (order := theirs.recv()) is not None:
        due = _post(*order)
        until = perf_counter() + END_SECONDS
        while due.keys() - heard.keys() and perf_counter() < until:
            news.wait(0.1)
            news.clear()
        if not due.keys() - heard.keys():
            theirs.send([heard[name] - moment for name, moment in due.items()])


def _post(url: str, count: int) -> dict[str, float]:
    """When each threat was due, by its user; none waits for the answer to the one before."""
    began, due = perf_counter(), {}
    kept = local()

    def post(user: str) -> None:
        if not hasattr(kept, "http"):
            kept.http = HTTPConnection(urlsplit(url).netloc, timeout=60)
        event = {
            "source": "sentinel", "event_type": "threat.detected", "event_id": user,
            "user_id": user, "severity": "critical", "occurred_at": SystemClock().now().isoformat(),
        }  # fmt: skip
        kept.http.request("POST", EVENTS_PATH, json.dumps(event), JSON)
        answer = kept.http.getresponse()
        assert answer.status == 200, answer.read()[:200]
        answer.read()

    with ThreadPoolExecutor(SENDERS) as pool:
        for number in range(count):
            user = f"user-{began:.3f}-{number}"
            due[user] = began + number / THREATS_PER_SECOND
            sleep(max(0.0, due[user] - perf_counter()))
            pool.submit(post, user)
    return due
