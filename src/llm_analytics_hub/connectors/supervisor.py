"""Keeps connectors up: each in a task of its own, tried again after it failed, paused when told."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import structlog

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.connectors.circuit import Circuit
from llm_analytics_hub.connectors.connector import Connector
from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.connectors.pace import LONGEST_SECONDS, Timer, loop_timer, wait_seconds
from llm_analytics_hub.connectors.state import ConnectorState, Phase
from llm_analytics_hub.errors import NotFoundError
from llm_analytics_hub.storage.connector_states import ConnectorStates
from llm_analytics_hub.telemetry.metrics import Metrics

log = structlog.get_logger(__name__)

GOODBYE_SECONDS = 15.0
"""How long a connector that is told to end may take before it is told again."""


@dataclass
class Supervised:
    """A connector under supervision."""

    connector: Connector
    link: Link
    task: asyncio.Task[None] | None = field(default=None)

    @property
    def state(self) -> ConnectorState:
        """How it is doing."""
        return self.link.state


class Supervisor:
    """Starts, watches, pauses and stops the connectors of a hub. For one event loop.

    A connector that fails is tried again by itself, for ever, each time after a longer wait; none
    waits for another, but for those of a remote that is down (`circuit`). Pauses are remembered.
    """

    def __init__(
        self, memory: ConnectorStates, clock: Clock, metrics: Metrics, random: Random | None = None
    ) -> None:
        self._memory = memory
        self._clock = clock
        self._metrics = metrics
        self._random = random or Random()  # noqa: S311 - spreads tries, keeps no secret
        self._all: dict[str, Supervised] = {}
        self._circuits: dict[str, Circuit] = {}
        self._timer: Timer | None = None

    def add(self, connector: Connector, link: Link) -> None:
        """Have one more under supervision."""
        self._all[link.state.name] = Supervised(connector, link)

    def states(self, tenant: str) -> Sequence[ConnectorState]:
        """How the connectors of a tenant are doing, by name."""
        return [one.state for _, one in sorted(self._all.items()) if one.state.tenant == tenant]

    def state(self, tenant: str, name: str) -> ConnectorState:
        """How one is doing. Raises: NotFoundError, also for another tenant's."""
        return self._one(tenant, name).state

    async def start(self, timer: Timer | None = None) -> None:
        """Begin with all that are not paused."""
        self._timer = timer or loop_timer()
        for name, one in self._all.items():
            paused_by = await asyncio.to_thread(self._memory.paused_by, name)
            if paused_by is None:
                self._begin(one)
            else:
                one.state.paused_by = paused_by
                one.state.enter(Phase.PAUSED, self._clock.now())

    async def stop(self) -> None:
        """End all; what they hold and did not store comes again after the next start."""
        running = [one for one in self._all.values() if one.task is not None]
        await asyncio.gather(*(self._end(one, Phase.STOPPED) for one in running))

    async def pause(self, tenant: str, name: str, by: str) -> ConnectorState:
        """Stop one until it is resumed, also over restarts; idempotent. Raises: NotFoundError."""
        one = self._one(tenant, name)
        await asyncio.to_thread(self._memory.pause, name, by)
        one.state.paused_by = by
        await self._end(one, Phase.PAUSED)
        return one.state

    async def resume(self, tenant: str, name: str, by: str) -> ConnectorState:
        """Go on with one that was paused; idempotent. Raises: NotFoundError."""
        one = self._one(tenant, name)
        await asyncio.to_thread(self._memory.resume, name, by)
        one.state.paused_by = None
        if one.task is None:
            self._begin(one)
        return one.state

    def _one(self, tenant: str, name: str) -> Supervised:
        one = self._all.get(name)
        if one is None or one.state.tenant != tenant:
            raise NotFoundError(f"there is no connector {name[:80]!r}", code="unknown_connector")
        return one

    def _begin(self, one: Supervised) -> None:
        one.state.enter(Phase.STARTING, self._clock.now())
        one.task = asyncio.create_task(self._keep_up(one), name=f"connector {one.state.name}")

    async def _end(self, one: Supervised, phase: Phase) -> None:
        task, one.task = one.task, None
        while task is not None and not task.done():
            # Again, if need be: drivers are known to lose a cancellation.
            task.cancel()
            await asyncio.wait((task,), timeout=GOODBYE_SECONDS)
        self._metrics.connector_up.labels(one.state.name).set(0)
        one.state.enter(phase, self._clock.now())

    async def _keep_up(self, one: Supervised) -> None:
        timer = self._timer or loop_timer()
        circuit = self._circuit(one.state.remote, timer)
        one.link.on_alive = circuit.succeeded
        while True:
            await circuit.admitted()
            began = timer.now()
            try:
                await one.connector.run(one.link)
                error: Exception = ConnectionError("the connection ended")
            except Exception as raised:  # noqa: BLE001 - whatever a driver raises, it is tried again
                if _is_told_to_end():
                    return
                error = raised
            circuit.failed()
            if timer.now() - began >= LONGEST_SECONDS:
                one.state.failures_in_a_row = 0  # it was well for long enough
            await timer.sleep(self._failed(one, error))

    def _failed(self, one: Supervised, error: Exception) -> float:
        """Note a failure; seconds to wait before the next try."""
        state, now = one.state, self._clock.now()
        state.failures += 1
        state.failures_in_a_row += 1
        one.link.fault(error)
        seconds = wait_seconds(state.failures_in_a_row, self._random)
        state.enter(Phase.RETRYING, now)
        state.next_try_at = now + timedelta(seconds=seconds)
        self._metrics.connector_up.labels(state.name).set(0)
        self._metrics.connector_failures.labels(state.name).inc()
        if state.failures_in_a_row == 1:
            log.warning("connector failed", connector=state.name, error=state.last_error)
        return seconds

    def _circuit(self, remote: str, timer: Timer) -> Circuit:
        return self._circuits.setdefault(remote, Circuit(timer))


def _is_told_to_end() -> bool:
    """Whether this task is cancelled: an error on the way out may have taken that one's place."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def by_module(states: Sequence[ConnectorState]) -> Mapping[str, Sequence[ConnectorState]]:
    """Connectors by the module at their other end."""
    found: dict[str, list[ConnectorState]] = {}
    for state in states:
        found.setdefault(state.module, []).append(state)
    return found
