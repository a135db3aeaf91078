"""A hub in a process of its own, driven from outside: nothing is imported from it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

OFF = ("--metrics-port", "0", "--otlp-http-port", "0", "--otlp-grpc-port", "0")
SECONDS = 60
_SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? ([0-9.eE+-]+)")


def free_port() -> int:
    """A port that nothing listens on: for doors whose port 0 means off."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class HubProcess:
    """A running `analytics-hub serve` on a free port, and a client of it."""

    def __init__(self, folder: Path, grpc_port: int = 0, port: int = 0, **environment: str) -> None:
        self.grpc = f"127.0.0.1:{grpc_port}"
        clean = {name: text for name, text in os.environ.items() if not name.startswith("HUB_")}
        self.log = folder.with_name(f"{folder.name}.log")
        command = [sys.executable, "-m", "llm_analytics_hub", "serve", "--port", str(port), *OFF]
        command += ["--otlp-grpc-port", str(grpc_port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--data-dir", str(folder)],
                env={**clean, **environment},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("ready http://"), self.log.read_text()
        self.url = line.split()[1]
        self.client = httpx.Client(base_url=self.url, timeout=SECONDS)

    def kill(self) -> None:
        """End it as a power switch would: no handler runs."""
        self.process.kill()
        self.process.wait(SECONDS)

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)

    def close(self) -> None:
        """Leave nothing behind, whatever state it is in."""
        self.client.close()
        if self.process.poll() is None:
            self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def metrics(self) -> dict[tuple[str, str], float]:
        """The value of every sample, by name and labels as they are printed."""
        lines = self.client.get("/metrics").text.splitlines()
        found = (_SAMPLE.fullmatch(line) for line in lines if not line.startswith("#"))
        return {(m[1], m[2] or ""): float(m[3]) for m in found if m}


StartHub = Callable[..., HubProcess]


@pytest.fixture(scope="module")
def start_hub() -> Iterator[StartHub]:
    """Starts hubs that end with the module."""
    started: list[HubProcess] = []

    def start(folder: Path, grpc_port: int = 0, port: int = 0, **environment: str) -> HubProcess:
        started.append(HubProcess(folder, grpc_port, port, **environment))
        return started[-1]

    yield start
    for hub in started:
        hub.close()
