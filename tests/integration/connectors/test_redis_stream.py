"""Redis streams: CostOps' usage, read as a group, acknowledged after it is stored."""

from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from tests.services.process import Service

from .conftest import OpenHub, samples, until
from .test_nats import usage

pytestmark = pytest.mark.integration


def costs(redis: Service, stream: str, **more: Any) -> dict[str, Any]:
    return {"kind": "redis", "module": "costops", "url": redis.url, "streams": [stream], **more}


def pending(redis: Service, stream: str) -> int:
    with Redis.from_url(redis.url) as client:
        found: Any = client.xpending(stream, "analytics-hub")
    return int(found["pending"])


def add(redis: Service, stream: str, *bodies: bytes) -> None:
    with Redis.from_url(redis.url) as client:
        for body in bodies:
            client.xadd(stream, {"payload": body})


async def test_the_sample_arrives_as_its_event(
    redis: Service, shared: Path, tmp_path: Path, open_connected: OpenHub
) -> None:
    (body,) = samples(shared, "costops", ["nats_stream_message.json"]).values()
    add(redis, "llm:usage", body)
    default = {"kind": "redis", "module": "costops", "url": redis.url}
    async with open_connected(tmp_path, usage=default) as hub:
        (event,) = await hub.stored(1)
        assert event["event_type"].startswith("usage.")
        await until(lambda: pending(redis, "llm:usage") == 0)


async def test_bad_entries_keep_no_good_one(
    redis: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    bodies = [b"{" if number % 3 == 0 else usage(number) for number in range(600)]
    add(redis, "mixed", *bodies)
    async with open_connected(tmp_path, usage=costs(redis, "mixed", batch=50)) as hub:
        await hub.stored(400)
        await until(lambda: pending(redis, "mixed") == 0)
        assert hub.state("usage").rejected == 200
        assert len(hub.ids()) == len(set(hub.ids())) == 400


async def test_nothing_is_acknowledged_before_it_is_stored(
    redis: Service, tmp_path: Path, open_connected: OpenHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(redis, "late", usage(1))

    async def broken(*_: object, **__: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patched:
        patched.setattr("llm_analytics_hub.connectors.landing.Landing.store", broken)
        async with open_connected(tmp_path, usage=costs(redis, "late")) as hub:
            await until(lambda: hub.state("usage").failures > 0)
            assert pending(redis, "late") == 1
    async with open_connected(tmp_path, usage=costs(redis, "late")) as hub:
        await hub.stored(1)
        await until(lambda: pending(redis, "late") == 0)


async def test_what_another_consumer_left_is_taken_over(
    redis: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    add(redis, "left", usage(1))
    with Redis.from_url(redis.url) as client:
        client.xgroup_create("left", "analytics-hub", "0")
        client.xreadgroup("analytics-hub", "dead", {"left": ">"})
    async with open_connected(tmp_path, usage=costs(redis, "left", idle=0.1)) as hub:
        await hub.stored(1)
        await until(lambda: pending(redis, "left") == 0)


async def test_an_entry_without_a_payload_is_the_message_itself(
    redis: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    with Redis.from_url(redis.url) as client:
        client.xadd("flat", {"event_type": "usage_created", "message_id": "m1"})
    async with open_connected(tmp_path, usage=costs(redis, "flat")) as hub:
        (event,) = await hub.stored(1)
        assert event["original_type"] == "usage_created"


async def test_the_server_may_go_and_come_back(
    redis: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    async with open_connected(tmp_path, usage=costs(redis, "outage")) as hub:
        await until(lambda: hub.state("usage").phase == "running")
        with redis.outage():
            await until(lambda: hub.state("usage").phase == "retrying")
        add(redis, "outage", usage(1))
        await hub.stored(1)
