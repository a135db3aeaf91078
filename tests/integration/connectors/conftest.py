"""A hub in this process, its connectors started, and what its store holds."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from llm_analytics_hub.bootstrap import Hub, open_hub
from llm_analytics_hub.model.query import All, EventFilter
from llm_analytics_hub.query.events import to_api
from llm_analytics_hub.settings import load_settings

TENANT = "default"


class Connected:
    """An open hub whose connectors run."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def events(self) -> list[dict[str, Any]]:
        """Everything stored, oldest first."""
        wanted = EventFilter(TENANT, All(()), limit=1_000_000)
        return list(reversed(to_api(self.hub.store.events(wanted))))

    def ids(self) -> list[str]:
        """The ids of everything stored, as often as it is stored."""
        return sorted(event["event_id"] for event in self.events())

    def state(self, name: str) -> Any:
        """How a connector is doing."""
        return self.hub.connectors.state(TENANT, name)

    async def stored(self, count: int) -> list[dict[str, Any]]:
        """The events, once there are so many."""
        await until(lambda: len(self.events()) >= count)
        return self.events()


async def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Return when something holds. Raises: TimeoutError."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - it is looked at from outside
            await asyncio.sleep(0.02)


class OpenHub(Protocol):
    def __call__(self, folder: Path, **connectors: dict[str, Any]) -> Any: ...


@asynccontextmanager
async def _connected(folder: Path, **connectors: dict[str, Any]) -> AsyncIterator[Connected]:
    named = {name.replace("_", "-"): chosen for name, chosen in connectors.items()}
    hub = open_hub(load_settings({"data_dir": folder, "connectors": named}, environ={}))
    try:
        await hub.connectors.start()
        yield Connected(hub)
    finally:
        await hub.connectors.stop()
        await asyncio.to_thread(hub.close)


@pytest.fixture
def open_connected() -> OpenHub:
    """`async with open_connected(folder, my_name={"kind": …, "module": …}) as hub`."""
    return _connected


def samples(shared: Path, module: str, names: Sequence[str]) -> dict[str, bytes]:
    """The bodies of samples of a module, by file name."""
    return {name: (shared / "wire" / "samples" / module / name).read_bytes() for name in names}
