"""A real hub, and both clients of it: one over a socket, one over ASGI."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import uvicorn

from llm_analytics_hub.bootstrap import Doors, Hub, open_doors, open_hub
from llm_analytics_hub.client import AsyncHub
from llm_analytics_hub.client import Hub as SyncHub
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.settings import Settings

from .clients import Both

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The engine, at `NOW`."""
    folder = tmp_path_factory.mktemp("client") / "data"
    opened = open_hub(Settings(data_dir=folder), ManualClock(NOW))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def doors(hub: Hub) -> Doors:
    """Its doors, ready."""
    made = open_doors(hub, Settings(ui=False))
    made.health.started = True
    return made


@pytest.fixture(scope="module")
def address(doors: Doors) -> Iterator[str]:
    """Where it serves."""
    config = uvicorn.Config(doors.main, log_level="warning", lifespan="off")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


Connect = Callable[..., Both]


@pytest.fixture(params=["sync", "async"])
def connect(request: pytest.FixtureRequest, doors: Doors, address: str) -> Iterator[Connect]:
    """Makes clients of one kind: of the hub, or of a `handler` in its place."""
    is_sync = request.param == "sync"
    with asyncio.Runner() as runner, _closed() as made:

        def make(
            handler: Callable[[httpx.Request], httpx.Response] | None = None,
            *,
            url: str | None = None,
            pauses: list[float] | None = None,
            **members: Any,
        ) -> Both:
            if pauses is not None:
                members["pause"] = pauses.append if is_sync else _async(pauses.append)
            if is_sync:
                transport = httpx.MockTransport(handler) if handler else None
                one = SyncHub(url or address, transport=transport, **members)
            else:
                over = (
                    httpx.MockTransport(handler)
                    if handler
                    else httpx.ASGITransport(doors.main, raise_app_exceptions=False)
                )
                one = AsyncHub(url or "http://hub.test", transport=over, **members)
            made.append(Both(one, runner))
            return made[-1]

        yield make


def _async(call: Callable[[float], None]) -> Callable[[float], Awaitable[None]]:
    async def pause(seconds: float) -> None:
        call(seconds)

    return pause


@contextmanager
def _closed() -> Iterator[list[Both]]:
    made: list[Both] = []
    yield made
    for one in made:
        one.close()


@pytest.fixture
def client(connect: Connect) -> Both:
    """A client of the hub, as the default tenant."""
    return connect()
