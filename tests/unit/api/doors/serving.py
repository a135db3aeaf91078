"""A hub behind real HTTP and gRPC ports, both on one loop in a thread, so that tests may wait."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
import uvloop

from llm_analytics_hub.bootstrap import Doors, Hub, open_doors
from llm_analytics_hub.settings import Settings


@dataclass(frozen=True)
class Served:
    """A hub and where its doors are."""

    hub: Hub
    doors: Doors
    url: str
    rpc: str


@contextmanager
def served(hub: Hub, settings: Settings) -> Iterator[Served]:
    """The hub at ports of this machine, until the block ends."""
    doors = open_doors(hub, settings)
    doors.health.started = True
    config = uvicorn.Config(doors.main, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ports = _Ports(server, doors, listening)
        thread = threading.Thread(target=ports.run, name="doors")
        thread.start()
        ports.ready.wait()
        http = listening.getsockname()[1]
        try:
            yield Served(hub, doors, f"http://127.0.0.1:{http}", f"127.0.0.1:{ports.rpc}")
        finally:
            server.should_exit = True
            thread.join()


class _Ports:
    def __init__(self, server: uvicorn.Server, doors: Doors, listening: socket.socket) -> None:
        self._server, self._doors, self._listening = server, doors, listening
        self.ready = threading.Event()
        self.rpc = 0

    def run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        try:
            server = self._doors.otlp_grpc()
            self.rpc = await server.start("127.0.0.1:0")
        finally:
            self.ready.set()  # the socket of HTTP listens already: who comes early waits
        await self._server.serve(sockets=[self._listening])
        await server.stop(0)
