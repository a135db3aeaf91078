"""A hub behind the server that `analytics-hub serve` has, in a thread, so that tests may wait."""

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import uvloop
from websockets.sync.client import ClientConnection, connect

from llm_analytics_hub.bootstrap import Doors, Hub, open_doors, open_hub
from llm_analytics_hub.cli.servers import _server
from llm_analytics_hub.live.settings import LiveSettings
from llm_analytics_hub.live.subscriptions import Subscriptions
from llm_analytics_hub.settings import Settings

SECONDS = 30
Row = dict[str, Any]


@dataclass(frozen=True)
class Serving:
    """A hub at a port, and what a test does with it."""

    url: str
    doors: Doors
    http: httpx.Client
    stop: Callable[[], None]

    def post(self, tenant: str, *events: Row) -> list[str]:
        """Store events; their ids."""
        ids = [os.urandom(6).hex() for _ in events]
        told = [
            {
                "source": "app", "event_type": "a.b", "event_id": name,
                "occurred_at": datetime.now(UTC).isoformat(), **event,
            }
            for name, event in zip(ids, events, strict=True)
        ]  # fmt: skip
        answer = self.http.post("/api/v1/events", json=told, headers={"x-tenant": tenant})
        assert answer.json() == {"accepted": len(events), "duplicates": 0, "rejected": []}
        return ids

    def socket(
        self, tenant: str, query: str = "", path: str = "/api/v1/stream", **how: Any
    ) -> ClientConnection:
        """A WebSocket."""
        address = self.url.replace("http", "ws", 1) + path + (f"?{query}" if query else "")
        how.setdefault("additional_headers", {"x-tenant": tenant})
        return connect(address, open_timeout=SECONDS, compression=None, ping_interval=None, **how)


@contextmanager
def serving(hub: Hub, **live: Any) -> Iterator[Serving]:
    """The hub at a port with subscribers of its own, until the block ends."""
    own = Subscriptions(hub.live, hub.store, hub.metrics, LiveSettings(**live))
    doors = open_doors(replace(hub, subscriptions=own), Settings(ui=False))
    doors.health.started = True
    server = _server(doors.main)
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve(sockets=[listening])

    def end_streams() -> None:
        asyncio.run_coroutine_threadsafe(doors.streams.stop(0.2), loops[0]).result(SECONDS)

    def in_thread() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run())

    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=in_thread)
        thread.start()
        try:
            with httpx.Client(base_url=url, timeout=SECONDS) as http:
                http.get("/health/live")
                yield Serving(url, doors, http, end_streams)
        finally:
            end_streams()
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The engine."""
    opened = open_hub(Settings(data_dir=tmp_path_factory.mktemp("stream") / "data"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def at(hub: Hub) -> Iterator[Serving]:
    """The hub at a port."""
    with serving(hub) as one:
        yield one


@pytest.fixture
def tenant() -> str:
    """A tenant that is new."""
    return f"t{os.urandom(6).hex()}"


QUIET = timedelta(seconds=0.05)
