"""Where control stores lie. A new database joins `DATABASES` and must pass all that use it."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

import psycopg
import pytest

from llm_analytics_hub.storage.connector_states import ConnectorStates
from llm_analytics_hub.storage.control.opening import open_control_url
from llm_analytics_hub.storage.memory_control import MemoryControlStore

from ..services.postgresql_server import postgresql_server  # noqa: TID252  tests are no package

Open = Callable[[], ConnectorStates]
NewUrl = Callable[[str], str]
NUMBERS = count()


@pytest.fixture(scope="session")
def new_postgresql() -> Iterator[Callable[[], str]]:
    """Gives the URL of a new, empty database."""
    with postgresql_server() as server:

        def create() -> str:
            name = f"control{next(NUMBERS)}"
            with psycopg.connect(server.url, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            of_server, _, _ = server.url.rpartition("/")
            return f"{of_server}/{name}".replace("postgresql:", "postgresql+psycopg:", 1)

        yield create


def new_sqlite(request: pytest.FixtureRequest) -> str:
    """Gives the URL of a file that is not there yet."""
    folder: Path = request.getfixturevalue("tmp_path_factory").mktemp("control")
    return f"sqlite:///{folder / 'control.db'}"


DATABASES: Mapping[str, Callable[[pytest.FixtureRequest], str]] = {
    "sqlite": new_sqlite,
    "postgresql": lambda request: request.getfixturevalue("new_postgresql")(),
}


def open_new(kind: str, request: pytest.FixtureRequest) -> ConnectorStates:
    """An empty store: `memory`, or of a database."""
    return MemoryControlStore() if kind == "memory" else open_control_url(DATABASES[kind](request))


@pytest.fixture(scope="module", params=["memory", *DATABASES])
def states(request: pytest.FixtureRequest) -> Iterator[ConnectorStates]:
    """A store that the tests of a module share: each takes a `connector` of its own."""
    store = open_new(request.param, request)
    yield store
    store.close()


@pytest.fixture(params=["memory", *DATABASES])
def own_states(request: pytest.FixtureRequest) -> Iterator[ConnectorStates]:
    """A store for one test, which may close it."""
    store = open_new(request.param, request)
    yield store
    store.close()


@pytest.fixture
def connector() -> str:
    """The name of a connector no test has used."""
    return f"connector-{next(NUMBERS)}"


@pytest.fixture(params=DATABASES)
def control_url(request: pytest.FixtureRequest) -> str:
    """Where no control store is yet."""
    return DATABASES[request.param](request)


@pytest.fixture
def open_store(control_url: str) -> Iterator[Open]:
    """Opens the store at `control_url`, as often as it is called; the end of the test closes all."""
    opened: list[ConnectorStates] = []

    def open_one() -> ConnectorStates:
        opened.append(open_control_url(control_url))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()
