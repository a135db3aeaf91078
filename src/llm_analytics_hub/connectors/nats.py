"""NATS: subjects as they are (core), or a JetStream consumer that remembers where it is."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from llm_analytics_hub.connectors.connector import ConnectorSettings
from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.connectors.waiting import (
    END_SECONDS,
    Waiting,
    store_rest,
    to_the_end,
    until_ended,
)
from llm_analytics_hub.integrations.payload import Payload

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

FETCH_SECONDS = 5.0


class NatsSettings(ConnectorSettings):
    """Messages of a NATS server.

    Core NATS gives each message once, to whoever listens then: what is sent while the hub is away
    is lost, and what came is stored before the connector ends. With `durable` they come from a
    JetStream stream, are acknowledged after they are stored, and nothing is lost.
    """

    kind: Literal["nats"] = "nats"
    servers: tuple[str, ...] = Field(
        ("nats://127.0.0.1:4222",), min_length=1, description="addresses, without user and password"
    )
    subjects: tuple[str, ...] = Field(
        (), description="subjects, wildcards allowed; default: the module's"
    )
    queue_group: str = Field("", description="core: hubs of one group share the messages")
    durable: str | None = Field(
        None, pattern="^[A-Za-z0-9_-]{1,64}$", description="JetStream: the consumer's name"
    )
    user: str | None = Field(None, description="user name")
    password: SecretStr | None = Field(None, description="password")
    token: SecretStr | None = Field(None, description="token, in place of user and password")
    batch: int = Field(1000, ge=1, le=20_000, description="most messages stored together")
    held: int = Field(20_000, ge=1, description="core: most messages held in memory")

    @model_validator(mode="after")
    def _has_subjects(self) -> Self:
        if not self.chosen_subjects:
            raise ValueError(f"subjects: the module {self.module} has none of its own; name them")
        return self

    @property
    def chosen_subjects(self) -> Sequence[str]:
        """The subjects, the module's own if none are set."""
        return self.subjects or self.wires.subjects

    @property
    def remote(self) -> str:
        """The servers."""
        return ",".join(urlsplit(server).netloc.rpartition("@")[2] for server in self.servers)

    def connector(self) -> "NatsConnector":
        """What listens to the subjects."""
        return NatsConnector(self)


class NatsConnector:
    """Listens to subjects, for ever."""

    def __init__(self, settings: NatsSettings) -> None:
        self._settings = settings

    async def run(self, link: Link) -> None:
        """Connect, listen, store. Raises: what the driver raises, also when the connection ends."""
        ended = asyncio.Event()
        async with self._connected(link, ended) as client:
            if self._settings.durable is None:
                await self._listen(client, link, ended)
            else:
                await until_ended(self._fetch(client, self._settings.durable, link), ended)

    @asynccontextmanager
    async def _connected(self, link: Link, ended: asyncio.Event) -> AsyncIterator["Client"]:
        import nats

        async def on_error(error: Exception) -> None:
            link.fault(error)  # such as a slow consumer: messages that there was no room for

        async def on_end() -> None:
            ended.set()

        client = await nats.connect(
            list(self._settings.servers), allow_reconnect=False, connect_timeout=5,
            error_cb=on_error, disconnected_cb=on_end, closed_cb=on_end, **self._identity(),
        )  # fmt: skip
        try:
            yield client
        finally:
            await client.close()

    def _identity(self) -> dict[str, Any]:
        chosen = self._settings
        secrets = {"password": chosen.password, "token": chosen.token}
        told = {name: secret.get_secret_value() for name, secret in secrets.items() if secret}
        return {"user": chosen.user, "name": "analytics-hub", **told}

    async def _listen(self, client: "Client", link: Link, ended: asyncio.Event) -> None:
        waiting = Waiting(self._settings.held)

        async def take(message: "Msg") -> None:
            await waiting.put(_payload(message))

        subscriptions = [
            await client.subscribe(subject, queue=self._settings.queue_group, cb=take)
            for subject in self._settings.chosen_subjects
        ]
        await client.flush()  # from here on nothing is missed
        link.alive()
        try:
            await until_ended(self._store(waiting, link), ended)
        finally:
            # The server has no other copy of these.
            async with asyncio.timeout(END_SECONDS):
                await store_rest(waiting, _drained(subscriptions), link.store, self._settings.batch)

    async def _store(self, waiting: Waiting, link: Link) -> None:
        while True:
            await to_the_end(link.store(await waiting.batch(self._settings.batch)))

    async def _fetch(self, client: "Client", durable: str, link: Link) -> None:
        async with asyncio.TaskGroup() as group:
            for number, subject in enumerate(self._settings.chosen_subjects):
                name = f"{durable}-{number}" if number else durable
                group.create_task(self._fetch_subject(client, name, subject, link))

    async def _fetch_subject(
        self, client: "Client", durable: str, subject: str, link: Link
    ) -> None:
        consumer = await client.jetstream().pull_subscribe(subject, durable)
        link.alive()
        while True:
            try:
                messages = await consumer.fetch(self._settings.batch, FETCH_SECONDS)
            except TimeoutError:  # there is nothing new
                link.alive()
                continue
            # What is stored is acknowledged, also when the hub ends between the two.
            await to_the_end(_take(messages, link))


async def _take(messages: Sequence["Msg"], link: Link) -> None:
    await link.store([_payload(message) for message in messages])
    for message in messages:
        await message.ack()
    written = messages[-1].metadata.timestamp
    link.lag((link.clock.now() - written).total_seconds())


def _payload(message: "Msg") -> Payload:
    content_type = (message.headers or {}).get("Content-Type", "application/json")
    return Payload(message.data, content_type, message.subject)


async def _drained(subscriptions: Sequence["Subscription"]) -> None:
    drains = (one.drain() for one in subscriptions)  # type: ignore[no-untyped-call]
    await asyncio.gather(*drains, return_exceptions=True)
