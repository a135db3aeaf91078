"""What is to be told at once: handed to the feeds of a tenant, whatever they would tell next."""

import asyncio

from llm_analytics_hub.connectors.feed import FeedSettings
from llm_analytics_hub.connectors.feeds.outbox import Json
from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.errors import ConflictError, UnavailableError

Name = tuple[str, str, str]


class FeedDesk:
    """Knows the feeds there are. For the event loop that runs them."""

    def __init__(self) -> None:
        self._feeds: dict[Name, list[tuple[FeedSettings, Link]]] = {}

    def add(self, settings: FeedSettings, link: Link) -> None:
        """Have one more."""
        name = (settings.tenant, settings.module, settings.what)
        self._feeds.setdefault(name, []).append((settings, link))

    def has(self, tenant: str, module: str, what: str) -> bool:
        """Whether a tenant has such a feed."""
        return (tenant, module, what) in self._feeds

    async def send(self, tenant: str, module: str, what: str, body: Json) -> None:
        """Return when every such feed's other side took `body`.

        Raises: ConflictError, codes `no_target` where there is none, `target_paused`,
        `target_refused`; UnavailableError, code `target_unavailable`.
        """
        if not self.has(tenant, module, what):
            text = f"there is no feed {what} of {module}: set where it is sent to"
            raise ConflictError(text, code="no_target")
        for settings, link in self._feeds[tenant, module, what]:
            await _send(settings, link, body)


async def _send(settings: FeedSettings, link: Link, body: Json) -> None:
    name = link.state.name
    if link.state.paused_by is not None:
        raise ConflictError(f"the feed {name} is paused", code="target_paused")
    if not await _tried(settings, link, body):
        raise ConflictError(f"the target of {name} refused it", code="target_refused")


async def _tried(settings: FeedSettings, link: Link, body: Json) -> bool:
    """Try once: whoever asked waits. Raises: UnavailableError."""
    from httpx import TransportError

    try:
        async with settings.outbox(link, sleep=asyncio.sleep, attempts=1, waits=0) as outbox:
            return await outbox.send(body)
    except (OSError, TransportError, TimeoutError) as error:
        link.fault(error)
        text = f"the target of {link.state.name} did not take it"
        raise UnavailableError(text, code="target_unavailable") from error
