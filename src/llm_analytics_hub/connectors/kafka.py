"""Kafka: topics read as a consumer group, offsets committed after the events are stored."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from pydantic import Field, SecretStr, field_validator, model_validator

from llm_analytics_hub.connectors.connector import ConnectorSettings
from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.integrations.payload import Payload

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, Message

Done = TypeVar("Done")

POLL_SECONDS = 0.2
"""Longest wait for a full batch: how late a lone message may be."""

OWN = {
    "bootstrap.servers": "servers", "group.id": "group", "sasl.username": "username",
    "sasl.password": "password", "enable.auto.commit": "nothing else: offsets follow the store",
    "error_cb": "nothing else", "logger": "nothing else",
}  # fmt: skip
"""What `options` may not set, and what does."""


class KafkaSettings(ConnectorSettings):
    """Topics of a Kafka cluster.

    Each message counts once: its offset is committed after its events are stored, and what comes
    again after a failure is noticed as a repeat.
    """

    kind: Literal["kafka"] = "kafka"
    servers: tuple[str, ...] = Field(
        ("127.0.0.1:9092",), min_length=1, description="bootstrap servers, host:port"
    )
    topics: tuple[str, ...] = Field((), description="topics; default: the module's")
    group: str = Field("analytics-hub", min_length=1, description="consumer group")
    username: str | None = Field(None, description="SASL user name")
    password: SecretStr | None = Field(None, description="SASL password")
    options: dict[str, str | int | bool] = Field(
        {}, description="more of librdkafka's settings, such as security.protocol, ssl.ca.location"
    )
    batch: int = Field(5000, ge=1, le=20_000, description="most messages stored together")

    @field_validator("options")
    @classmethod
    def _are_not_ours(cls, options: dict[str, Any]) -> dict[str, Any]:
        for name in options.keys() & OWN.keys():
            raise ValueError(f"{name} is set by {OWN[name]}")
        return options

    @model_validator(mode="after")
    def _has_topics(self) -> Self:
        if not self.chosen_topics:
            raise ValueError(f"topics: the module {self.module} has none of its own; name them")
        return self

    @property
    def chosen_topics(self) -> Sequence[str]:
        """The topics, the module's own if none are set."""
        return self.topics or self.wires.topics

    @property
    def remote(self) -> str:
        """The bootstrap servers."""
        return ",".join(self.servers)

    @property
    def properties(self) -> Mapping[str, Any]:
        """What librdkafka is told."""
        secret = self.password.get_secret_value() if self.password else None
        identity = {"sasl.username": self.username, "sasl.password": secret}
        return {
            "auto.offset.reset": "earliest",
            "partition.assignment.strategy": "cooperative-sticky",
            "queued.max.messages.kbytes": 32 * 1024,  # of memory, before messages are asked for
            "client.id": "analytics-hub",
            **self.options,
            **{name: value for name, value in identity.items() if value is not None},
            "bootstrap.servers": self.remote,
            "group.id": self.group,
            "enable.auto.commit": False,
        }

    def connector(self) -> "KafkaConnector":
        """What reads the topics."""
        return KafkaConnector(self)


class KafkaConnector:
    """Reads topics, for ever."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings

    async def run(self, link: Link) -> None:
        """Read, store, commit. Raises: KafkaException, also when no broker is left."""
        # All calls of a consumer on one thread: one that waits must be over before it is closed.
        with ThreadPoolExecutor(1, "kafka") as thread:
            session = _Session(self._settings, link, thread)
            await session.on_thread(session.open)
            try:
                while True:
                    await session.step()
            finally:
                await asyncio.shield(session.on_thread(session.close))


class _Session:
    """One consumer, from its birth to its end."""

    def __init__(self, settings: KafkaSettings, link: Link, thread: ThreadPoolExecutor) -> None:
        self._settings = settings
        self._link = link
        self._thread = thread
        self._loop = asyncio.get_running_loop()
        self._fault: KafkaError | None = None
        self._consumer: Consumer
        self._has_partitions = False

    def on_thread(self, call: Callable[[], Done]) -> "asyncio.Future[Done]":
        return self._loop.run_in_executor(self._thread, call)

    def open(self) -> None:
        from confluent_kafka import Consumer

        self._consumer = Consumer({**self._settings.properties, "error_cb": self._on_error})
        self._consumer.subscribe(list(self._settings.chosen_topics), on_assign=self._on_assign)

    def close(self) -> None:
        self._consumer.close()

    async def step(self) -> None:
        messages = await self.on_thread(self._consume)
        if messages:
            await self._link.store([_payload(one) for one in messages if one.value() is not None])
            await self.on_thread(lambda: self._commit(messages))
            written = max(one.timestamp()[1] for one in messages) / 1000
            self._link.lag(self._link.clock.now().timestamp() - written)
        elif self._has_partitions:
            self._link.lag(0)

    def _consume(self) -> Sequence["Message"]:
        from confluent_kafka import KafkaException

        found = self._consumer.consume(self._settings.batch, POLL_SECONDS)
        for error in (one.error() for one in found):
            if error is not None:
                self._on_error(error)
        if self._fault is not None:
            raise KafkaException(self._fault)
        return [one for one in found if one.error() is None]

    def _commit(self, messages: Sequence["Message"]) -> None:
        from confluent_kafka import TopicPartition

        ends = {(str(one.topic()), int(one.partition() or 0)): one.offset() for one in messages}
        offsets = [
            TopicPartition(topic, partition, int(offset or 0) + 1)
            for (topic, partition), offset in ends.items()
        ]
        self._consumer.commit(offsets=offsets, asynchronous=False)

    def _on_assign(self, _: "Consumer", partitions: Sequence[object]) -> None:
        self._has_partitions = True
        self._loop.call_soon_threadsafe(self._link.alive)

    def _on_error(self, error: "KafkaError") -> None:
        """What librdkafka tells by the way; it goes on by itself, but not where nobody answers.

        A topic that is not there yet is no fault: the others are read, and it is, once it is there.
        """
        from confluent_kafka import KafkaError, KafkaException

        is_down = error.code() in {
            KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001 - librdkafka's names for its own errors
            KafkaError._AUTHENTICATION,  # noqa: SLF001
            KafkaError._MAX_POLL_EXCEEDED,  # noqa: SLF001
        }
        if error.fatal() or is_down:
            self._fault = error
        self._loop.call_soon_threadsafe(self._link.fault, KafkaException(error))


def _payload(message: "Message") -> Payload:
    headers = dict(message.headers() or [])
    told = headers.get("content-type", b"application/json")
    content_type = told.decode("latin-1") if isinstance(told, bytes) else str(told)
    return Payload(bytes(message.value() or b""), content_type, str(message.topic()))
