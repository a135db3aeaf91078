"""Feeds: what the hub tells a module by itself, sent to an address of that module."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from llm_analytics_hub.connectors.feeds.catalog import FEEDS
from llm_analytics_hub.connectors.feeds.channel import Channel, FeedKind
from llm_analytics_hub.connectors.feeds.outbox import ASSET_ID, Address, Outbox, Sleep
from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.connectors.rest_credentials import CredentialSettings
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.integrations.usage import Scope

if TYPE_CHECKING:
    from httpx import AsyncClient

STORE_AWAY_SECONDS = 5.0
"""Until a feed asks again for what the store could not say."""


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment:
        raise ValueError("must be http:// or https://, a host and a path")
    if "@" in parts.netloc:
        raise ValueError("has no place for a password: set token, token_file or secret")
    return url


class FeedSettings(CredentialSettings):
    """What the hub tells a module by itself.

    What the other side refuses is noted and not sent again; everything else waits until it is taken.
    """

    kind: Literal["feed"] = "feed"
    what: str = Field(description="which of the module's feeds")
    url: Annotated[str, AfterValidator(_address)] = Field(
        description="where it is sent; annotations: with {asset_id} for the asset's id"
    )
    method: Literal["POST", "PUT", "PATCH"] | None = Field(
        None, description="HTTP method; default: as suits the feed"
    )
    every: timedelta | None = Field(
        None,
        gt=timedelta(),
        description="length of its periods, or time between two looks; default: as suits the feed",
    )
    delay: timedelta = Field(
        timedelta(),
        ge=timedelta(),
        description="how long after the end of a period it is told, for events that come late",
    )
    scope: Scope = Field(
        Scope(), description="baselines, curves: of one organization_id, provider, model"
    )
    headers: dict[
        Annotated[str, Field(pattern="^[A-Za-z0-9-]+$")],
        Annotated[str, Field(pattern="^[ -~]*$")],
    ] = Field({}, description="more headers, such as X-User-Id")
    ca_file: Path | None = Field(
        None, description="certificates of authorities to trust; default: the public ones"
    )
    timeout: timedelta = Field(
        timedelta(seconds=30), gt=timedelta(), description="longest time for one answer"
    )

    @model_validator(mode="after")
    def _is_one_of_the_module(self) -> Self:
        feeds = FEEDS.get(self.module, {})
        if self.what not in feeds:
            known = ", ".join(feeds) or "none"
            raise ValueError(f"what: the feeds of {self.module} are {known}")
        return self

    @model_validator(mode="after")
    def _suits_the_feed(self) -> Self:
        chosen = self.chosen
        if self.every and chosen.choices and self.every not in chosen.choices:
            known = ", ".join(f"{one.total_seconds():g}" for one in chosen.choices)
            raise ValueError(f"every: periods of {self.what} have {known} seconds")
        if (ASSET_ID in self.url) != chosen.is_by_asset:
            raise ValueError(f"url: of annotations, and of nothing else, it has {ASSET_ID}")
        if self.scope != Scope() and not chosen.is_scoped:
            raise ValueError(f"scope: {self.what} is of everything")
        return self

    @property
    def chosen(self) -> FeedKind:
        """The feed."""
        return FEEDS[self.module][self.what]

    @property
    def remote(self) -> str:
        """Host and port of the service."""
        return urlsplit(self.url).netloc

    def connector(self) -> "FeedConnector":
        """What tells it."""
        return FeedConnector(self)

    @asynccontextmanager
    async def outbox(self, link: Link, **limits: Any) -> AsyncIterator[Outbox]:
        """What sends there; `limits` are those of `Outbox`."""
        address = Address(self.method or self.chosen.method, self.url)
        seconds = self.timeout.total_seconds()
        async with self._client() as client:
            yield Outbox(client, address, self.credentials, link, timeout_seconds=seconds, **limits)

    def _client(self) -> "AsyncClient":
        from httpx import AsyncClient

        trusted = ssl.create_default_context(cafile=self.ca_file) if self.ca_file else True
        return AsyncClient(
            verify=trusted,
            timeout=self.timeout.total_seconds(),
            trust_env=False,  # the environment is read in one place; and netrc has other tokens
            headers={
                "Accept-Encoding": "identity",
                "User-Agent": "analytics-hub",
                **self.headers,
            },
        )


class FeedConnector:
    """Tells, waits, tells again, for ever."""

    def __init__(self, settings: FeedSettings, sleep: Sleep = asyncio.sleep) -> None:
        self._settings = settings
        self._sleep = sleep

    async def run(self, link: Link) -> None:
        """Tell, wait. Raises: what `Outbox.send` raises."""
        chosen = self._settings
        every = chosen.every or chosen.chosen.every
        async with chosen.outbox(link, sleep=self._sleep) as outbox:
            feed = chosen.chosen.open(Channel(link, outbox, every, chosen.delay, chosen.scope))
            while True:
                try:
                    seconds = await feed.tell()
                    link.alive()  # there is nothing it did not take
                except UnavailableError as error:
                    link.fault(error)
                    seconds = STORE_AWAY_SECONDS
                await self._sleep(seconds)
