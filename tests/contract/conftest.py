"""Every event store there is. A new one joins `OPEN` and must pass the whole folder."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest

from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.interface import EventStore
from llm_analytics_hub.storage.memory import MemoryStore

from .control_stores import (  # noqa: F401  fixtures for every test of this folder
    alerts,
    connector,
    control_url,
    engine,
    new_postgresql,
    open_store,
    own_alerts,
    own_control,
    own_states,
    reopen,
    shared_control,
    states,
    tenant,
)

OPEN: Mapping[str, Callable[[Path], EventStore]] = {
    "memory": lambda folder: MemoryStore(),
    "clickhouse": ClickHouseStore,
}


@pytest.fixture(scope="module", params=OPEN)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EventStore]:
    """A store that the tests of a module share: opening one costs a third of a second.

    One at a time: chDB holds one folder per process.
    """
    opened = OPEN[request.param](tmp_path_factory.mktemp("store"))
    yield opened
    opened.close()


@pytest.fixture(params=OPEN)
def own_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventStore]:
    """A store for one test, which may close it; not in a module that uses `store`."""
    opened = OPEN[request.param](tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def new_tenant() -> Callable[[], str]:
    """Gives a tenant that no test has used: it starts with an empty store."""
    numbers = count()
    return lambda: f"tenant-{next(numbers)}"
