"""Redis streams: a consumer group that remembers what was read and not stored."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import msgspec
from pydantic import Field, SecretStr, model_validator

from llm_analytics_hub.connectors.connector import ConnectorSettings
from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.integrations.payload import Payload

BLOCK = timedelta(seconds=2)
"""Longest wait of the server for something new; the connector looks after itself in between."""

_Redis = Any
"""Of `redis.asyncio`, whose answers are typed as all forms of both protocols at once."""

Entry = tuple[bytes, Mapping[bytes, bytes] | None]
"""An id (milliseconds since 1970 UTC and a number) and fields; none where it was deleted."""

_NEW, _MINE = ">", "0"


class RedisSettings(ConnectorSettings):
    """Streams of a Redis server, read as a consumer group and acknowledged after they are stored.

    An entry whose reader died is taken over after `idle`. The payload is one field; an entry
    without it is itself the message.
    """

    kind: Literal["redis"] = "redis"
    url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379/0"), description="address; rediss:// is TLS"
    )
    streams: tuple[str, ...] = Field((), description="keys of streams; default: the module's")
    group: str = Field("analytics-hub", min_length=1, description="consumer group")
    consumer: str = Field("hub", min_length=1, description="this hub's name in the group")
    payload_field: str = Field("payload", min_length=1, description="the field with the message")
    batch: int = Field(1000, ge=1, le=20_000, description="most entries stored together")
    idle: timedelta = Field(
        timedelta(minutes=1), gt=timedelta(), description="after which an entry is taken over"
    )

    @model_validator(mode="after")
    def _has_streams(self) -> Self:
        if not self.chosen_streams:
            raise ValueError(f"streams: the module {self.module} has none of its own; name them")
        return self

    @property
    def chosen_streams(self) -> Sequence[str]:
        """The streams, the module's own if none are set."""
        return self.streams or self.wires.streams

    @property
    def remote(self) -> str:
        """The server."""
        return urlsplit(self.url.get_secret_value()).netloc.rpartition("@")[2]

    def connector(self) -> "RedisConnector":
        """What reads the streams."""
        return RedisConnector(self)


class RedisConnector:
    """Reads streams, for ever: first what was read before and not stored, then what is new."""

    def __init__(self, settings: RedisSettings) -> None:
        self._settings = settings

    async def run(self, link: Link) -> None:
        """Read, store, acknowledge. Raises: what the driver raises."""
        from redis.asyncio import Redis

        timeout = BLOCK.total_seconds() + 10
        url = self._settings.url.get_secret_value()
        async with Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=5) as redis:
            await self._join(redis)
            link.alive()
            for stream in self._settings.chosen_streams:
                await self._read_left(redis, stream, link)
            while True:
                await self._read_new(redis, link)
                for stream in self._settings.chosen_streams:
                    await self._take_over(redis, stream, link)

    async def _join(self, redis: _Redis) -> None:
        """Have the group at every stream, from its beginning."""
        from redis.exceptions import ResponseError

        for stream in self._settings.chosen_streams:
            try:
                await redis.xgroup_create(stream, self._settings.group, "0", mkstream=True)
            except ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise

    async def _read_left(self, redis: _Redis, stream: str, link: Link) -> None:
        """What an earlier run was given and did not acknowledge."""
        while entries := await self._read(redis, {stream: _MINE}):
            for name, found in entries:
                await self._store(redis, name, found, link)

    async def _read_new(self, redis: _Redis, link: Link) -> None:
        wanted = dict.fromkeys(self._settings.chosen_streams, _NEW)
        for name, found in await self._read(redis, wanted, block=BLOCK):
            await self._store(redis, name, found, link)
        link.alive()

    async def _read(
        self, redis: _Redis, wanted: Mapping[str, str], block: timedelta | None = None
    ) -> list[tuple[bytes, Sequence[Entry]]]:
        """Entries by stream; streams without any are left out."""
        milliseconds = int(block.total_seconds() * 1000) if block else None
        chosen = self._settings
        found = await redis.xreadgroup(
            chosen.group, chosen.consumer, dict(wanted), count=chosen.batch, block=milliseconds
        )
        pairs = found.items() if isinstance(found, dict) else found or ()
        return [(name, entries) for name, entries in pairs if entries]

    async def _take_over(self, redis: _Redis, stream: str, link: Link) -> None:
        """What another consumer of the group was given and left."""
        chosen, start = self._settings, "0-0"
        idle = int(chosen.idle.total_seconds() * 1000)
        answer = await redis.xautoclaim(
            stream, chosen.group, chosen.consumer, idle, start, count=chosen.batch
        )
        if answer[1]:
            await self._store(redis, stream.encode(), answer[1], link)

    async def _store(
        self, redis: _Redis, stream: bytes, entries: Sequence[Entry], link: Link
    ) -> None:
        subject = stream.decode(errors="replace")
        there = [(entry, fields) for entry, fields in entries if fields]
        await link.store([self._payload(fields, subject) for _, fields in there])
        await redis.xack(stream, self._settings.group, *(entry for entry, _ in entries))
        if there:
            written = int(there[-1][0].partition(b"-")[0]) / 1000
            link.lag(link.clock.now().timestamp() - written)

    def _payload(self, fields: Mapping[bytes, bytes], subject: str) -> Payload:
        body = fields.get(self._settings.payload_field.encode())
        if body is None:
            texts = {_text(name): _text(value) for name, value in fields.items()}
            body = msgspec.json.encode(texts)
        return Payload(body, subject=subject)


def _text(value: bytes) -> str:
    return value.decode(errors="replace")
