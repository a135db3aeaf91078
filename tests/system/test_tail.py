"""`analytics-hub tail` and the client's stream, over restarts of a real hub."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from time import monotonic
from typing import Any

import pytest

from .conftest import SECONDS, HubProcess, StartHub, free_port

pytestmark = [pytest.mark.system, pytest.mark.slow]
PROMPT_SECONDS = 15
"""Far below the time a hub gives open requests, and enough for a machine that is busy."""


class Tail:
    """A running `analytics-hub tail`, and the lines it writes."""

    def __init__(self, url: str, *flags: str) -> None:
        command = [sys.executable, "-m", "llm_analytics_hub", "tail", "--url", url, *flags]
        clean = {name: text for name, text in os.environ.items() if not name.startswith("HUB_")}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean
        )
        self._lines: Queue[str] = Queue()
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def line(self) -> str:
        return self._lines.get(timeout=SECONDS)

    def end(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(SECONDS)
        self._reading.join(SECONDS)
        assert self.process.stderr is not None
        told = self.process.stderr.read()
        self.process.stderr.close()
        return code, told

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._lines.put(line.rstrip("\n"))


def post(hub: HubProcess, *events: dict[str, Any]) -> list[str]:
    ids = [os.urandom(6).hex() for _ in events]
    told = [
        {
            "source": "app", "event_type": "a.b", "event_id": name,
            "occurred_at": datetime.now(UTC).isoformat(), **event,
        }
        for name, event in zip(ids, events, strict=True)
    ]  # fmt: skip
    answer = hub.client.post("/api/v1/events", json=told)
    assert answer.json()["accepted"] == len(events), answer.text
    return ids


def until_subscribed(hub: HubProcess) -> None:
    while hub.metrics()["hub_live_subscribers", ""] < 1:
        pass


def test_a_tail_goes_on_over_a_restart_of_the_hub_and_of_itself(
    start_hub: StartHub, tmp_path: Path
) -> None:
    port, file = free_port(), tmp_path / "cursor"
    hub = start_hub(tmp_path / "data", port=port)
    flags = ("--resume", str(file), "--format", "json", "--where", "latency_ms>5")
    tail = Tail(hub.url, *flags)
    until_subscribed(hub)
    sent = post(hub, {"latency_ms": 9}, {"latency_ms": 1})[:1]
    assert json.loads(tail.line())["event_id"] == sent[0]
    assert hub.stop() == 0
    hub = start_hub(tmp_path / "data", port=port)
    sent = post(hub, {"latency_ms": 9})
    assert json.loads(tail.line())["event_id"] == sent[0]
    until_subscribed(hub)
    assert tail.end() == (130, "")
    sent = post(hub, {"latency_ms": 8}, {"latency_ms": 7})
    tail = Tail(hub.url, *flags)
    assert {json.loads(tail.line())["event_id"] for _ in sent} == set(sent)
    hub.kill()
    hub = start_hub(tmp_path / "data", port=port)
    sent = post(hub, {"latency_ms": 9})
    assert json.loads(tail.line())["event_id"] == sent[0]
    assert tail.end()[0] == 130


def test_lines_are_for_people_and_end_where_wished(start_hub: StartHub, tmp_path: Path) -> None:
    hub = start_hub(tmp_path / "data")
    tail = Tail(hub.url, "--source", "sentinel", "--source", "app", "--limit", "2")
    until_subscribed(hub)
    sent = post(
        hub,
        {"source": "registry"},
        {"source": "sentinel", "severity": "high", "model": "gpt-4o\x1b[31m"},
        {"latency_ms": 1234.5, "cost_usd": "0.0042", "status": "ok"},
    )
    words = [tail.line().split("  ")[1:], tail.line().split("  ")[1:]]
    assert words[0] == ["sentinel", "a.b", "high", "gpt-4o\\x1b[31m", sent[1]]
    assert words[1] == ["app", "a.b", "ok", "1,234.5 ms", "0.0042 USD", sent[2]]
    assert tail.process.wait(SECONDS) == 0
    tail.end()


@pytest.mark.parametrize(
    ("flags", "code", "told"),
    [
        (["--where", "latency_ms"], 2, "no condition"),
        (["--where", "nope=1"], 2, "no dimension"),
        (["--since", "zzz"], 2, "invalid_cursor"),
        (["--data-dir", "x"], 1, "analytics-hub serve --data-dir x"),
    ],
)
def test_what_cannot_be_shown_is_told(
    start_hub: StartHub, tmp_path_factory: pytest.TempPathFactory, flags: list[str], code: int, told: str
) -> None:  # fmt: skip
    hub = start_hub(tmp_path_factory.mktemp("tail") / "data")
    tail = Tail(hub.url, *flags)
    assert tail.process.wait(SECONDS) == code
    assert told in tail.end()[1]
    hub.kill()


def test_a_hub_ends_at_once_whoever_does_not_read(start_hub: StartHub, tmp_path: Path) -> None:
    hub = start_hub(tmp_path / "data")
    with socket.socket() as stuck, socket.socket() as upgraded:
        for one, more in ((stuck, b""), (upgraded, UPGRADE)):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.connect(("127.0.0.1", int(hub.url.rsplit(":", 1)[1])))
            one.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: hub\r\n" + more + b"\r\n")
        while hub.metrics()["hub_live_subscribers", ""] < 2:
            pass
        for _ in range(40):
            post(hub, *[{"attributes": {"text": "x" * 20_000}}] * 10)
        began = monotonic()
        assert hub.stop() == 0
        assert monotonic() - began < PROMPT_SECONDS


UPGRADE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
