"""Where messages from other services come in: decoded, committed, and only then let go."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

import stamina

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import SaturatedError, UnavailableError
from llm_analytics_hub.ingest.intake import Intake
from llm_analytics_hub.ingest.receipt import Receipt
from llm_analytics_hub.ingest.submission import Submission
from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.native import decode_messages
from llm_analytics_hub.integrations.payload import Payload

Done = TypeVar("Done")

LONGEST_WAIT_SECONDS = 5.0
"""Between two tries to store what the hub had no room for."""


class Landing:
    """Takes the messages of one module for one tenant to the store."""

    def __init__(self, intake: Intake, clock: Clock, integration: Integration, tenant: str) -> None:
        self._intake = intake
        self._clock = clock
        self._integration = integration
        self._tenant = tenant

    async def store(
        self,
        payloads: Sequence[Payload],
        on_wait: Callable[[Exception], None] = lambda _: None,
        *,
        is_import: bool = False,
    ) -> Receipt:
        """What became of the events of `payloads`; waits as long as the hub is full or away."""
        source, now = self._integration.name, self._clock.now()

        def read() -> Submission:
            decoded = decode_messages(self._integration, payloads, now)
            return Submission(
                self._tenant, f"ingest/{source}", decoded, remember_always=is_import, source=source
            )

        _, receipt = await _when_there_is_room(lambda: self._intake.take(read), on_wait)
        return receipt


async def _when_there_is_room(
    work: Callable[[], Future[Done]], on_wait: Callable[[Exception], None]
) -> Done:
    """What `work` gives, tried until it can be done."""
    attempts = stamina.retry_context(
        on=_noted(on_wait), attempts=None, timeout=None, wait_max=LONGEST_WAIT_SECONDS
    )
    async for attempt in attempts:
        with attempt:
            return await asyncio.wrap_future(work())
    raise AssertionError("the attempts have no end")


def _noted(on_wait: Callable[[Exception], None]) -> Callable[[Exception], bool]:
    def is_worth_waiting(error: Exception) -> bool:
        if isinstance(error, SaturatedError | UnavailableError):
            on_wait(error)
            return True
        return False

    return is_worth_waiting
