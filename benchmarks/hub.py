"""A hub as users start it: `analytics-hub serve` in a process of its own, on a free port."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from time import perf_counter
from typing import IO, Any

import httpx

START_SECONDS = 120
ANSWER_SECONDS = 120
STOP_SECONDS = 120
_OFF = ("--metrics-port", "0", "--otlp-grpc-port", "0", "--otlp-http-port", "0")


@dataclass(frozen=True)
class RunningHub:
    """Where a hub is reached, when it was started, and how long it took to say `ready`."""

    url: str
    client: httpx.Client
    pid: int
    started_at: float
    ready_seconds: float

    def cpu_seconds(self) -> float:
        """Processor time the hub has used so far, all threads (Linux)."""
        words = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def private_megabytes(self) -> Mapping[str, float]:
        """The members of smaps_rollup (Linux) in MB of 1,000,000 bytes."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text("ascii").splitlines()[1:]
        members = (line.split() for line in lines)
        return {name.rstrip(":"): int(kilobytes) * 1024 / 1e6 for name, kilobytes, _ in members}

    def get(self, path: str) -> httpx.Response:
        """The answer to a GET. Raises: httpx.HTTPError unless it is a success."""
        return self.client.get(self.url + path).raise_for_status()

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of `POST /api/v1/query`."""
        answer = self.client.post(f"{self.url}/api/v1/query", json=question)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    def count(self, begin: str, end: str) -> int:
        """How many events of [begin, end) can be queried: all that were acknowledged before."""
        question = {"measures": ["events"], "time_range": {"from": begin, "to": end}}
        rows = self.ask(question)["rows"]
        return int(rows[0][0]) if rows else 0


@contextmanager
def serve(folder: Path, *flags: str) -> Iterator[RunningHub]:
    """A hub on `folder`, stopped at the end as by an operator, after everything is stored."""
    command = [str(Path(sys.executable).with_name("analytics-hub")), "serve"]
    command += ["--data-dir", str(folder), "--host", "127.0.0.1", "--port", "0", *_OFF, *flags]
    with TemporaryFile() as log, httpx.Client(timeout=ANSWER_SECONDS) as client:
        started_at = perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process:
            try:
                url = _ready_url(process)
                ready_seconds = perf_counter() - started_at
                yield RunningHub(url, client, process.pid, started_at, ready_seconds)
            except Exception as error:
                error.add_note(f"the hub's last words: {_tail(log)}")
                raise
            finally:
                _stop(process)


def _tail(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read()[-2000:].decode(errors="replace")


def _ready_url(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    too_late = Timer(START_SECONDS, process.kill)
    too_late.start()
    try:
        for line in process.stdout:
            word, _, url = line.decode().strip().partition(" ")
            if word == "ready":
                return url
    finally:
        too_late.cancel()
    raise RuntimeError(f"the hub did not start: exit status {process.wait()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
