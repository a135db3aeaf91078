"""The HTTP applications of a hub on a real store, without a network."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import httpx
import pytest

from llm_analytics_hub.bootstrap import Doors, Hub, open_doors, open_hub
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.settings import IngestSettings, Settings

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One engine for the tests of a module: opening one costs a third of a second."""
    folder = tmp_path_factory.mktemp("api") / "data"
    opened = open_hub(Settings(data_dir=folder), ManualClock(NOW))
    yield opened
    opened.close()


@pytest.fixture
def doors(hub: Hub) -> Doors:
    """Its applications, without the page, and with small limits for bodies."""
    limits = IngestSettings(wire_bytes=100_000, plain_bytes=200_000)
    return open_doors(hub, Settings(ui=False, ingest=limits))


@pytest.fixture
async def client(doors: Doors) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the main port."""
    transport = httpx.ASGITransport(doors.main, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as made:
        yield made
