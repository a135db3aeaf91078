"""What all routes of alerts share: alerting, opened when it is first asked for, and threads for it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from llm_analytics_hub.alerts.lazy import LazyAlerting
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.service import QueryService

if TYPE_CHECKING:
    from llm_analytics_hub.api.alerts.work.desks import Desks

Found = TypeVar("Found")


@dataclass(frozen=True)
class AlertDoor:
    """Where routes find what they ask."""

    alerting: LazyAlerting
    queries: QueryService
    lists: EventLists
    clock: Clock

    @cached_property
    def desks(self) -> "Desks":
        """All that can be asked; blocks until alerting is opened. Raises: as opening it."""
        from llm_analytics_hub.api.alerts.work.desks import Desks

        return Desks(self.alerting.opened(), self.queries, self.lists, self.clock)

    async def use(self, work: "Callable[[Desks], Found]") -> Found:
        """What `work` returns, done in a thread. Raises: what it raises."""
        return await asyncio.to_thread(lambda: work(self.desks))
