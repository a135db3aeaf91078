"""Senders: they post bodies that are ready made, as fast as answered or on a schedule.

The threads of one process, over kept connections: a request costs the client some 0.2 ms, which
is little beside the work of the hub; `Sent.client_seconds` tells how much it was.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from queue import Empty, SimpleQueue
from threading import Barrier
from time import perf_counter, process_time, sleep
from typing import TypeVar
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 120
FULL = 429
ATTEMPTS = 60
LONGEST_WAIT_SECONDS = 1.0

Item = TypeVar("Item")


@dataclass(frozen=True)
class Target:
    """A door of a hub: where, and in what form it is spoken to."""

    url: str
    path: str
    content_type: str = "application/json"


@dataclass
class Sent:
    """What came of a load: the answers, and the bodies that the hub had no room for at first.

    `began` and `ended` (last answer) are moments of perf_counter.
    """

    answers: list[bytes] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0
    client_seconds: float = 0.0

    @property
    def seconds(self) -> float:
        """From the first request to the last answer."""
        return self.ended - self.began


class _Connection:
    """One kept connection to a target."""

    def __init__(self, target: Target, sent: Sent) -> None:
        self._target = target
        self._sent = sent
        self._http = HTTPConnection(urlsplit(target.url).netloc, timeout=TIMEOUT_SECONDS)
        self._http.connect()

    def post(self, body: bytes) -> None:
        """Send `body`, again while the hub is full, and keep the answer."""
        for _ in range(ATTEMPTS):
            answer, content = self._post(body)
            if answer.status != FULL:
                break
            self._sent.refused.append(body)
            sleep(min(float(answer.headers.get("Retry-After", "0.1")), LONGEST_WAIT_SECONDS))
        assert answer.status == 200, f"{self._target.path}: {answer.status} {content[:200]!r}"
        self._sent.answers.append(content)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def _post(self, body: bytes) -> tuple[HTTPResponse, bytes]:
        headers = {"Content-Type": self._target.content_type}
        self._http.request("POST", self._target.path, body, headers)
        answer = self._http.getresponse()
        return answer, answer.read()


def send_all(target: Target, bodies: Sequence[bytes], connections: int = 8) -> Sent:
    """Send all `bodies`, each connection its next one once the last is answered."""
    sent = Sent()
    waiting = _queue(bodies)

    def work(connection: _Connection) -> None:
        while (body := _next(waiting)) is not None:
            connection.post(body)

    _run(target, sent, work, connections)
    return sent


def send_on_schedule(
    target: Target, bodies: Sequence[bytes], seconds_between: float, connections: int = 32
) -> list[float]:
    """Milliseconds from when each body was due until it was answered, in the order of answers.

    An open loop: what is due is sent however slow the hub is, so that a stall counts for every
    request it holds up and not for one only.
    """
    sent = Sent()
    delays: list[float] = []
    waiting = _queue(list(enumerate(bodies)))

    def work(connection: _Connection) -> None:
        while (request := _next(waiting)) is not None:
            due = sent.began + request[0] * seconds_between
            sleep(max(0.0, due - perf_counter()))
            connection.post(request[1])
            delays.append((perf_counter() - due) * 1000)

    _run(target, sent, work, connections)
    assert not sent.refused, "the hub was full: the load was not steady"
    return delays


def _run(target: Target, sent: Sent, work: Callable[[_Connection], None], connections: int) -> None:
    """Run `work` on that many connections at once, and note when and at what cost."""
    all_open = Barrier(connections, action=lambda: _start(sent))

    def run() -> None:
        with closing(_Connection(target, sent)) as connection:
            all_open.wait(TIMEOUT_SECONDS)
            work(connection)

    with ThreadPoolExecutor(connections) as pool:
        for done in [pool.submit(run) for _ in range(connections)]:
            done.result()
    sent.ended = perf_counter()
    sent.client_seconds += process_time()


def _start(sent: Sent) -> None:
    sent.began = perf_counter()
    sent.client_seconds = -process_time()


def _queue(items: Sequence[Item]) -> SimpleQueue[Item]:
    waiting: SimpleQueue[Item] = SimpleQueue()
    for item in items:
        waiting.put(item)
    return waiting


def _next(waiting: SimpleQueue[Item]) -> Item | None:
    try:
        return waiting.get_nowait()
    except Empty:
        return None
