"""Where control stores lie. A new database joins `DATABASES` and must pass all that use it."""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text

from llm_analytics_hub.storage.alert_store import AlertStore
from llm_analytics_hub.storage.connector_states import ConnectorStates
from llm_analytics_hub.storage.control.opening import ControlStore, open_control_url
from llm_analytics_hub.storage.memory_alerts import MemoryAlertStore
from llm_analytics_hub.storage.memory_control import MemoryControlStore

from ..services.postgresql_server import postgresql_server  # noqa: TID252  tests are no package

Open = Callable[[], ConnectorStates]
OpenControl = Callable[[], ControlStore]
NewUrl = Callable[[str], str]
NUMBERS = count()
BY_LANGUAGE = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
"""Text is sorted as people do, as in most servers, and not by code points."""


@pytest.fixture(scope="session")
def new_postgresql() -> Iterator[Callable[[], str]]:
    """Gives the URL of a new, empty database."""
    with postgresql_server() as server:

        def create() -> str:
            name = f"control{next(NUMBERS)}"
            with psycopg.connect(server.url, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name} {BY_LANGUAGE}")
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


def open_new(kind: str, request: pytest.FixtureRequest) -> ControlStore:
    """An empty store: `memory`, or of a database."""
    if kind == "memory":
        return ControlStore(MemoryControlStore(), MemoryAlertStore())
    return open_control_url(DATABASES[kind](request))


@pytest.fixture(scope="module", params=["memory", *DATABASES])
def shared_control(request: pytest.FixtureRequest) -> Iterator[ControlStore]:
    """A store that the tests of a module share."""
    store = open_new(request.param, request)
    yield store
    store.close()


@pytest.fixture(params=["memory", *DATABASES])
def own_control(request: pytest.FixtureRequest) -> Iterator[ControlStore]:
    """A store for one test, which may close it."""
    store = open_new(request.param, request)
    yield store
    store.close()


@pytest.fixture(scope="module")
def states(shared_control: ControlStore) -> ConnectorStates:
    """States that the tests of a module share: each takes a `connector` of its own."""
    return shared_control.connectors


@pytest.fixture
def own_states(own_control: ControlStore) -> ConnectorStates:
    """States for one test, which may close them."""
    return own_control.connectors


@pytest.fixture(scope="module")
def alerts(shared_control: ControlStore) -> AlertStore:
    """A memory of alerting that the tests of a module share: each takes a `new_tenant()`."""
    return shared_control.alerts


@pytest.fixture
def own_alerts(own_control: ControlStore) -> AlertStore:
    """A memory of alerting for one test, which may close it."""
    return own_control.alerts


@pytest.fixture
def tenant(new_tenant: Callable[[], str]) -> str:
    """A tenant that no test has used."""
    return new_tenant()


@pytest.fixture
def connector() -> str:
    """The name of a connector no test has used."""
    return f"connector-{next(NUMBERS)}"


@pytest.fixture(params=DATABASES)
def control_url(request: pytest.FixtureRequest) -> str:
    """Where no control store is yet."""
    return DATABASES[request.param](request)


@pytest.fixture
def reopen(control_url: str) -> Iterator[OpenControl]:
    """Opens the store at `control_url`, as often as it is called; the end of the test closes all."""
    opened: list[ControlStore] = []

    def open_one() -> ControlStore:
        opened.append(open_control_url(control_url))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def open_store(reopen: OpenControl) -> Open:
    """As `reopen`, for tests of connectors."""
    return lambda: reopen().connectors


@pytest.fixture
def engine(control_url: str) -> Iterator[Engine]:
    """A program beside the hub."""
    made = create_engine(control_url)
    yield made
    made.dispose()


def run(engine: Engine, *statements: str) -> None:
    """Run what another program would, in one transaction."""
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
