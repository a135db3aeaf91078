"""A REST connector run by hand: waits are noted and not waited, and it ends after a walk."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import stamina

from llm_analytics_hub.bootstrap import Hub, open_hub
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.connectors.landing import Landing
from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.connectors.rest import RestConnector, RestSettings
from llm_analytics_hub.connectors.state import ConnectorState
from llm_analytics_hub.integrations.catalog import integration
from llm_analytics_hub.model.query import All, EventFilter
from llm_analytics_hub.query.events import to_api
from llm_analytics_hub.settings import load_settings
from llm_analytics_hub.storage.memory_control import MemoryControlStore

TENANTS = count()


class WalkedError(Exception):
    """The connector waits for its next walk."""


class Poll:
    """A connector of a tenant of its own."""

    def __init__(self, hub: Hub, **chosen: Any) -> None:
        self.hub = hub
        self.settings = RestSettings.model_validate({"tenant": f"t{next(TENANTS)}", **chosen})
        self.memory = MemoryControlStore()
        self.waits: list[float] = []
        self.every = (self.settings.every or self.settings.chosen.every).total_seconds()
        module, clock = self.settings.module, hub.clock
        self.state = ConnectorState(
            "poll", module, "rest", self.settings.tenant, self.settings.remote, clock.now()
        )
        landing = Landing(hub.intake, clock, integration(module), self.settings.tenant)
        self.connector = RestConnector(self.settings, self._sleep)
        self.link = Link(self.state, landing, self.memory, clock, hub.metrics)

    async def walk(self) -> None:
        """One walk. Raises: what the connector raises."""
        try:
            await self.connector.run(self.link)
        except WalkedError:
            return

    def events(self) -> list[dict[str, Any]]:
        wanted = EventFilter(self.settings.tenant, All(()), limit=100_000)
        return list(reversed(to_api(self.hub.store.events(wanted))))

    def ids(self) -> list[str]:
        return sorted(event["event_id"] for event in self.events())

    async def _sleep(self, seconds: float) -> None:
        if seconds == self.every:
            raise WalkedError
        self.waits.append(seconds)


@contextmanager
def opened(folder: Path, clock: Clock) -> Iterator[Hub]:
    """A hub for many polls, with retries that do not wait."""
    hub = open_hub(load_settings({"data_dir": folder}, environ={}), clock)
    try:
        with stamina.set_testing(True, attempts=5):
            yield hub
    finally:
        hub.close()
