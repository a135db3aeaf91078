"""REST: a list that a module shows, asked for what is new, again and again."""

import asyncio
import dataclasses
import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from llm_analytics_hub.connectors.addresses import address_of
from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.connectors.rest_credentials import CredentialSettings
from llm_analytics_hub.connectors.rest_memory import Memory
from llm_analytics_hub.connectors.rest_reader import RestReader, Sleep, StatusError
from llm_analytics_hub.connectors.rest_refusals import Refusals
from llm_analytics_hub.connectors.rest_walk import Walker
from llm_analytics_hub.integrations.catalog import integration
from llm_analytics_hub.integrations.wires import Pull

if TYPE_CHECKING:
    from httpx import AsyncClient

# Without the two names that lead out of a folder.
PathPart = Annotated[str, Field(pattern=r"^[A-Za-z0-9_~:@.-]{0,127}[A-Za-z0-9_~:@-]$")]


class RestSettings(CredentialSettings):
    """A list of a module's REST API, polled.

    Each row counts once, however often it is shown. A walk through the list that was cut short goes
    on where it was; the next one begins a little before the newest row of the last.
    """

    kind: Literal["rest"] = "rest"
    url: Annotated[str, AfterValidator(address_of("http", "https"))] = Field(
        description="address of the service, without user and password"
    )
    pull: str = Field("", description="which of the module's lists; default: its first")
    path: str = Field(
        "",
        pattern=r"^(/[^?#{}]*(\{[a-z_]+\}[^?#{}]*)?)?$",
        max_length=200,
        description="where it is; default: the module's",
    )
    params: dict[str, str] = Field({}, description="more parameters, or other values of its own")
    names: tuple[PathPart, ...] = Field(
        (), max_length=100, description="values of the part of the path that is in braces"
    )
    every: timedelta | None = Field(
        None, gt=timedelta(), description="time between two walks; default: as suits the list"
    )
    look_back: timedelta = Field(
        timedelta(days=7),
        ge=timedelta(),
        description="how old rows of the first walk may be, if the list takes a time",
    )
    overlap: timedelta = Field(
        timedelta(minutes=2), ge=timedelta(), description="how late a row may appear in the list"
    )
    page_rows: int | None = Field(
        None, ge=1, le=10_000, description="rows asked for at a time; default: as the list allows"
    )
    ca_file: Path | None = Field(
        None, description="certificates of authorities to trust; default: the public ones"
    )
    timeout: timedelta = Field(
        timedelta(seconds=30), gt=timedelta(), description="longest time for one reply"
    )
    largest_bytes: int = Field(16 << 20, ge=1024, description="most of one reply, bytes")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.pull not in {"", *self.wires.pulls}:
            known = ", ".join(self.wires.pulls)
            raise ValueError(f"pull: the module {self.module} has {known}, no {self.pull[:40]}")
        if ("{" in self.chosen_path) != bool(self.names):
            raise ValueError(
                f"names: the path {self.chosen_path} takes them, or none, by its braces"
            )
        return self

    @property
    def chosen(self) -> Pull:
        """The list, as the module's public code has it."""
        pulls = self.wires.pulls
        return pulls[self.pull] if self.pull else next(iter(pulls.values()))

    @property
    def chosen_path(self) -> str:
        """Where the list is; a part may be in braces."""
        return self.path or self.chosen.path

    @property
    def paths(self) -> Sequence[str]:
        """Where the lists are: one for each of the names."""
        before, _, rest = self.chosen_path.partition("{")
        after = rest.partition("}")[2]
        return [before + name + after for name in self.names] or [self.chosen_path]

    @property
    def remote(self) -> str:
        """The service."""
        return urlsplit(self.url).netloc

    def connector(self) -> "RestConnector":
        """What polls the list."""
        return RestConnector(self)


class RestConnector:
    """Walks lists, waits, walks again, for ever."""

    def __init__(self, settings: RestSettings, sleep: Sleep = asyncio.sleep) -> None:
        self._settings = settings
        self._sleep = sleep
        self._refusals = Refusals()

    async def run(self, link: Link) -> None:
        """Walk, wait. Raises: what `RestReader.get` raises."""
        chosen = self._settings
        memory = Memory(await link.cursor())
        memory.keep_only(chosen.paths)
        every = chosen.every or chosen.chosen.every
        async with self._client() as client:
            walker = self._walker(client, link)
            while True:
                began = link.clock.now()
                await self._walk_all(walker, memory, link)
                link.lag((link.clock.now() - began).total_seconds())
                await self._sleep(every.total_seconds())

    async def _walk_all(self, walker: Walker, memory: Memory, link: Link) -> None:
        """One after the other; a name that the service does not know keeps no other from its walk."""
        errors = []
        for path in self._settings.paths:
            try:
                await walker.walk(path, memory, self._settings.look_back)
            except StatusError as error:
                if not error.is_about_place:
                    raise
                link.fault(error)
                errors.append(error)
        if len(errors) == len(self._settings.paths):
            raise errors[0]

    def _client(self) -> "AsyncClient":
        from httpx import AsyncClient

        chosen = self._settings
        trusted = ssl.create_default_context(cafile=chosen.ca_file) if chosen.ca_file else True
        return AsyncClient(
            base_url=chosen.url,
            verify=trusted,
            timeout=chosen.timeout.total_seconds(),
            trust_env=False,  # the environment is read in one place; and netrc has other tokens
            headers={"Accept-Encoding": "identity", "User-Agent": "analytics-hub"},
        )

    def _walker(self, client: "AsyncClient", link: Link) -> Walker:
        chosen, pull = self._settings, self._settings.chosen
        reader = RestReader(
            client,
            chosen.credentials,
            link,
            largest_bytes=chosen.largest_bytes,
            timeout_seconds=chosen.timeout.total_seconds(),
            sleep=self._sleep,
        )
        params = {**pull.params, **chosen.params}
        return Walker(
            reader,
            link,
            integration(chosen.module),
            dataclasses.replace(pull, params=params),
            chosen.page_rows or pull.limit,
            chosen.overlap,
            self._refusals,
        )
