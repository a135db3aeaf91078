"""RabbitMQ: a queue of the hub's own at a module's exchange, acknowledged after it is stored."""

import ssl
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from llm_analytics_hub.connectors.connector import ConnectorSettings
from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.connectors.rabbitmq_inbox import Inbox
from llm_analytics_hub.connectors.rabbitmq_queue import Bound, in_words
from llm_analytics_hub.connectors.rabbitmq_session import Session
from llm_analytics_hub.connectors.waiting import until_ended

if TYPE_CHECKING:
    from pika.connection import Parameters

PORTS = {"amqp": 5672, "amqps": 5671}


class RabbitMqSettings(ConnectorSettings):
    """Messages of an exchange, through a durable queue that keeps them while the hub is away.

    The exchange is used as it is there; if there is none, a durable topic exchange is made. Messages
    are stored in the order of their delivery, and acknowledged after they are stored.
    """

    kind: Literal["rabbitmq"] = "rabbitmq"
    url: SecretStr = Field(
        SecretStr("amqp://guest:guest@127.0.0.1:5672/"),
        description="address with user, password and virtual host; amqps:// is TLS",
    )
    ca_file: Path | None = Field(
        None, description="PEM file that the server's certificate is checked with; default: system"
    )
    exchange: str = Field("", max_length=200, description="exchange; default: the module's")
    routing_keys: tuple[str, ...] = Field(
        (), description="binding keys, `*` and `#` allowed; default: the module's"
    )
    queue: str = Field(
        "", max_length=200, description="the hub's own queue; default: analytics-hub.<module>"
    )
    queue_type: Literal["classic", "quorum"] = Field(
        "classic", description="quorum: kept by several nodes of a cluster"
    )
    prefetch: int = Field(2000, ge=1, le=65_535, description="most messages held in memory")
    batch: int = Field(1000, ge=1, le=20_000, description="most messages stored together")
    heartbeat: timedelta = Field(
        timedelta(seconds=30),
        ge=timedelta(seconds=1),
        le=timedelta(hours=1),
        description="between signs of life, in whole seconds; one that is 5 s late ends the connection",
    )

    @field_validator("url")
    @classmethod
    def _is_amqp(cls, url: SecretStr) -> SecretStr:
        parts = urlsplit(url.get_secret_value())
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("write amqp://user:password@host:port/vhost, or amqps://")
        if (parts.username is None) != (parts.password is None):
            raise ValueError("write user and password, or amqp://host/vhost for guest")
        return url

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        for name, chosen in (("exchange", self.chosen_exchange), ("routing_keys", self.keys)):
            if not chosen:
                raise ValueError(f"{name}: the module {self.module} has none of its own; name it")
        return self

    @property
    def chosen_exchange(self) -> str:
        """The exchange, the module's own if none is set."""
        return self.exchange or self.wires.exchange

    @property
    def keys(self) -> Sequence[str]:
        """The binding keys, the module's own if none are set."""
        return self.routing_keys or self.wires.routing_keys

    @property
    def bound(self) -> Bound:
        """The queue and where it is bound; tenants do not share one by default."""
        owner = self.module if self.tenant == "default" else f"{self.tenant}.{self.module}"
        queue = self.queue or f"analytics-hub.{owner}"
        return Bound(queue, self.queue_type, self.chosen_exchange, self.keys)

    @property
    def remote(self) -> str:
        """The server."""
        parts = urlsplit(self.url.get_secret_value())
        return f"{parts.hostname}:{parts.port or PORTS[parts.scheme]}"

    def connector(self) -> "RabbitMqConnector":
        """What consumes the queue."""
        return RabbitMqConnector(self)


class RabbitMqConnector:
    """Consumes a queue, for ever."""

    def __init__(self, settings: RabbitMqSettings) -> None:
        self._settings = settings

    async def run(self, link: Link) -> None:
        """Connect, declare, consume. Raises: UnavailableError with what to do, where that is known."""
        chosen = self._settings
        inbox = Inbox(chosen.batch)
        session = Session(chosen.bound, chosen.prefetch, inbox)
        parameters = partial(self._parameters, link.state.name)
        with in_words(chosen.bound):
            async with session.running(parameters, link.alive) as ended:
                await until_ended(self._store(inbox, session, link), ended)

    def _parameters(self, name: str) -> "Parameters":
        from pika import SSLOptions, URLParameters

        chosen = self._settings
        found = URLParameters(chosen.url.get_secret_value())
        found.heartbeat = int(chosen.heartbeat.total_seconds())
        found.client_properties = {"connection_name": f"analytics-hub {name}"}
        if chosen.ca_file is not None and found.ssl_options is not None:
            found.ssl_options = SSLOptions(ssl.create_default_context(cafile=chosen.ca_file))
        return found

    async def _store(self, inbox: Inbox, session: Session, link: Link) -> None:
        while True:
            received = await inbox.batch()
            await link.store([one.payload for one in received])
            last = received[-1]
            session.acknowledge(last.tag)
            if last.written_at is not None:
                link.lag(link.clock.now().timestamp() - last.written_at)
