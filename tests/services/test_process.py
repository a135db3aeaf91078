"""What holds for every service: nothing is left behind, and what is missing is said."""

import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from .missing import missing
from .nats_server import nats_server
from .process import HOST

ROOT = Path(__file__).parents[2]
SECONDS = 20.0
# A thread starts it, as a test may: the server is to end with the process, not with the thread.
TEST_RUN = """
import pathlib, sys, threading
from tests.services.nats_server import nats_server
service = nats_server(pathlib.Path(sys.argv[1]))
thread = threading.Thread(target=service.start)
thread.start()
thread.join()
print(service.port, flush=True)
sys.stdin.read()
"""


@pytest.mark.integration
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv (Linux) is not installed")
def test_a_killed_test_run_leaves_no_server_behind(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", TEST_RUN, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe) as run:
        assert run.stdout is not None
        port = int(run.stdout.readline())
        with socket.create_connection((HOST, port), SECONDS) as connection:
            assert connection.recv(4)
            run.send_signal(signal.SIGKILL)
            while connection.recv(4096):
                pass


@pytest.mark.integration
def test_an_outage_ends_with_its_block(tmp_path: Path) -> None:
    with nats_server(tmp_path) as service:
        with suppress(AssertionError), service.outage():
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((HOST, service.port), SECONDS)
            raise AssertionError
        socket.create_connection((HOST, service.port), SECONDS).close()


@pytest.mark.parametrize("wanted", ["", "kafka,browser"])
def test_what_is_missing_skips(monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
    monkeypatch.setenv("HUB_TEST_SERVICES", wanted)
    with pytest.raises(pytest.skip.Exception, match="no redis"):
        missing("redis", "no redis")


@pytest.mark.parametrize("wanted", ["all", "kafka,redis"])
def test_what_is_missing_but_wanted_fails(monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
    monkeypatch.setenv("HUB_TEST_SERVICES", wanted)
    with pytest.raises(pytest.fail.Exception, match="no redis"):
        missing("redis", "no redis")
