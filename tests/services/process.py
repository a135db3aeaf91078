"""A server as a child process: started, taken down, and brought back on its port with its data."""

import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Self

HOST = "127.0.0.1"
SECONDS_TO_READY = 120.0
SECONDS_TO_STOP = 30.0
SECONDS_BETWEEN_LOOKS = 0.02

# Below the ports that the system gives to clients: else a client that calls a server which is down
# may take its port, even by connecting to itself.
PORTS = range(20_000, 32_000)
# In an order of this worker's own, each at most once: a port given out may not be in use yet.
UNTRIED = iter(random.SystemRandom().sample(PORTS, len(PORTS)))

# A child gets the death signal when the thread that started it ends, so this one lasts.
STARTER = ThreadPoolExecutor(1, "services")


def free_port() -> int:
    """A port on loopback that nothing listens on; never the same twice."""
    return next(port for port in UNTRIED if can_be_taken(port))


def can_be_taken(port: int) -> bool:
    """Whether a server could listen on this port of loopback."""
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


def listens(port: int) -> bool:
    """Whether a server takes connections on this port of loopback."""
    try:
        socket.create_connection((HOST, port), 1).close()
    except OSError:
        return False
    return True


class Service:
    """A server that runs. Port and data outlive `stop` and `kill`; `start` brings it back."""

    def __init__(
        self,
        url: str,
        port: int,
        command: Sequence[str | Path],
        folder: Path,
        *,
        environment: Mapping[str, str] | None = None,
        is_ready: Callable[[], bool] | None = None,
    ) -> None:
        self.url = url
        self.port = port
        self.log = folder / "log"
        self._command = [*dies_with_parent(), *map(str, command)]
        self._folder = folder
        self._environment = environment
        self._is_ready = is_ready or (lambda: listens(port))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return when it answers; nothing where it runs. Safe on any thread.

        Raises: RuntimeError with the end of its log, if it ends or does not answer in time.
        """
        if self._process is None:
            self._process = STARTER.submit(self._spawn).result()
            self._wait_until_ready(self._process)

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power switch would: no handler runs."""
        self._end(signal.SIGKILL)

    @contextmanager
    def outage(self) -> Iterator[None]:
        """Kill it; it is back when the block ends, however it ends."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()  # no one reads the data again, so it need not be brought in order

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + SECONDS_TO_READY
        while not self._is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(self.log.read_text(errors="replace")[-3000:])
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def dies_with_parent() -> list[str]:
    """What to put before a command, so that a killed test run leaves no server behind (Linux)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
