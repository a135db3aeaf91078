"""What every feed is made of: where it reads, where it sends, how often."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from llm_analytics_hub.connectors.feeds.outbox import Outbox
from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.feedback.costs import EVERYTHING
from llm_analytics_hub.integrations.usage import Scope


@dataclass(frozen=True)
class Channel:
    """From the hub to one address: `every` so often, `delay` after a period is over."""

    link: Link
    outbox: Outbox
    every: timedelta
    delay: timedelta = timedelta()
    scope: Scope = EVERYTHING


class Feed(Protocol):
    """Tells what there is to tell."""

    async def tell(self) -> float:
        """Send what is due and remember it; seconds until there may be more.

        Raises: UnavailableError where the store is away; whatever is wrong with the other side.
        """
        ...


@dataclass(frozen=True)
class FeedKind:
    """A feed that may be set: how often it tells, and what it is made of.

    `choices`: the lengths of periods there are, none for a feed that has no periods. `is_scoped`:
    whether it can be of one organization, provider or model.
    """

    every: timedelta
    open: Callable[[Channel], Feed]
    choices: tuple[timedelta, ...] = ()
    method: str = "POST"
    is_by_asset: bool = False
    is_scoped: bool = False
