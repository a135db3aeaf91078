"""A web server that takes notices: it answers as it is told, and keeps what came."""

import socket
import struct
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

HOST = "127.0.0.1"
SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    """What one request is answered: `drops` closes the connection instead; `waits` holds it."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    drops: bool = False
    waits: threading.Event | None = None


@dataclass(frozen=True)
class Received:
    """One request; `port` is the client's, so equal ports are one connection."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    port: int


class Receiver(ThreadingHTTPServer):
    """Answers with `answers` in turn, then with 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _Handler)
        self.answers: deque[Answer] = deque()
        self.received: Queue[Received] = Queue()
        self.url = f"http://{HOST}:{self.server_address[1]}"

    def next(self) -> Received:
        """The next request, which may yet have to come."""
        return self.received.get(timeout=SECONDS)

    def answer(self, *statuses: int) -> None:
        """Have the next requests answered with these."""
        self.answers.extend(Answer(status) for status in statuses)

    def handle_error(self, *_: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answers = self.server.answers
        answer = answers.popleft() if answers else Answer()
        self.server.received.put(Received(self.path, headers, body, self.client_address[1]))
        if answer.waits is not None:
            answer.waits.wait(SECONDS)
        if answer.drops:
            self._drop()
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _drop(self) -> None:
        """Reset it, as a server that was killed does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def receiver() -> Iterator[Receiver]:
    """One that runs until the block ends."""
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
