"""What a connector is given: where to put what came, its memory, and a place to say how it goes."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.connectors.landing import Landing
from llm_analytics_hub.connectors.state import ConnectorState, Phase
from llm_analytics_hub.ingest.receipt import Receipt
from llm_analytics_hub.integrations.payload import Payload
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.connector_states import ConnectorStates
from llm_analytics_hub.telemetry.metrics import Metrics


@dataclass(frozen=True)
class Sources:
    """What the hub knows, for connectors that tell it to others."""

    queries: QueryService
    lists: EventLists


class Link:
    """One connector's side of the hub. For the event loop that runs it."""

    def __init__(
        self,
        state: ConnectorState,
        landing: Landing,
        memory: ConnectorStates,
        clock: Clock,
        metrics: Metrics,
        sources: Sources | None = None,
    ) -> None:
        self.state = state
        self.clock = clock
        self._landing = landing
        self._memory = memory
        self._metrics = metrics
        self._sources = sources
        self.on_alive: Callable[[], None] = lambda: None

    @property
    def tenant(self) -> str:
        """Whose connector this is."""
        return self.state.tenant

    @property
    def sources(self) -> Sources:
        """What the hub knows. Raises: RuntimeError for a link that was given none."""
        if self._sources is None:
            raise RuntimeError("this link has no sources")
        return self._sources

    async def store(self, payloads: Sequence[Payload], *, is_import: bool = False) -> Receipt:
        """What became of the events of some messages, after what is accepted is stored for good.

        Waits while the hub is full or its store is away, and says so in the state: whoever reads a
        queue stops reading. What is refused is a dead letter by now, and is not to come again. What
        `is_import` counts once however late it is repeated.
        """
        receipt = await self._landing.store(payloads, self.fault, is_import=is_import)
        state, now = self.state, self.clock.now()
        state.accepted += receipt.accepted
        state.duplicates += receipt.duplicates
        state.rejected += len(receipt.rejected)
        state.last_event_at = now if receipt.accepted else state.last_event_at
        self._went_well()
        return receipt

    def alive(self) -> None:
        """Note that the other side answers; that does not say yet that it will go well."""
        self.state.enter(Phase.RUNNING, self.clock.now())
        self._metrics.connector_up.labels(self.state.name).set(1)
        self.on_alive()

    def _went_well(self) -> None:
        self.state.failures_in_a_row = 0
        self.alive()

    def fault(self, error: Exception) -> None:
        """Note an error that the connector goes on from by itself."""
        self.state.last_error = _in_words(error)
        self.state.last_error_at = self.clock.now()

    def sent(self, count: int) -> None:
        """Note what the other side took from the hub."""
        self.state.sent += count
        self._went_well()

    def refused(self, error: Exception) -> None:
        """Note what the other side refused for good, or could never be sent."""
        self.state.refused += 1
        self.fault(error)

    def lag(self, seconds: float) -> None:
        """Note how far behind the other side the hub is."""
        self.state.lag_seconds = max(seconds, 0.0)
        self._metrics.connector_lag.labels(self.state.name).set(self.state.lag_seconds)

    async def cursor(self) -> str | None:
        """What `keep` was last given, in this process or an earlier one."""
        return await asyncio.to_thread(self._memory.cursor, self.state.name)

    async def keep(self, cursor: str) -> None:
        """Remember where to go on; call it after what lies before it is stored."""
        await asyncio.to_thread(self._memory.keep_cursor, self.state.name, cursor)


def _in_words(error: Exception) -> str:
    """An error on one line; drivers leave some without a text."""
    first_line = str(error).partition("\n")[0][:300]
    return f"{type(error).__name__}: {first_line}" if first_line else type(error).__name__
