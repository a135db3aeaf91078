"""RabbitMQ: Sentinel's alerts, each stored once, whatever happens to the server, the queue or us."""

import asyncio
import json
import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiormq.exceptions import ChannelPreconditionFailed
from pamqp import encode
from pika.adapters.blocking_connection import BlockingChannel

from llm_analytics_hub.connectors.landing import Landing
from tests.services.process import Service

from .amqp import EXCHANGE, alert, delete, left, opened, publish
from .conftest import Connected, OpenHub, samples, until

pytestmark = pytest.mark.integration


def alerts(rabbitmq: Service, name: str, **more: Any) -> dict[str, Any]:
    """A connector with an exchange and a queue of its own."""
    return {"kind": "rabbitmq", "module": "sentinel", "url": rabbitmq.url,
            "exchange": name, "queue": name, **more}  # fmt: skip


async def running(hub: Connected) -> None:
    await until(lambda: hub.state("alerts").phase == "running")


async def taken(hub: Connected, count: int) -> None:
    """Return when so many are counted, stored or repeated."""
    state = hub.state("alerts")
    await until(lambda: state.accepted + state.duplicates + state.rejected >= count)


def once(hub: Connected, count: int) -> bool:
    return hub.ids() == [f"a-{number:05}" for number in range(count)]


async def test_every_sample_arrives_as_its_event(
    rabbitmq: Service, shared: Path, tmp_path: Path, open_connected: OpenHub
) -> None:
    index = json.loads((shared / "wire" / "samples" / "INDEX.json").read_bytes())
    told = [one for one in index["samples"] if one["transport"].get("exchange") == EXCHANGE]
    bodies = samples(shared, "sentinel", [Path(one["file"]).name for one in told])
    default = {"kind": "rabbitmq", "module": "sentinel", "url": rabbitmq.url}
    async with open_connected(tmp_path, alerts=default) as hub:
        await running(hub)
        for one, body in zip(told, bodies.values(), strict=True):
            properties = one["transport"]["properties"]
            more = {"message_id": properties["message_id"]}
            await publish(rabbitmq.url, [body], EXCHANGE, one["transport"]["routing_key"], **more)
        events = {event["event_id"]: event for event in await hub.stored(len(told))}
    for body in map(json.loads, bodies.values()):
        event = events[body["alert_id"]]
        assert event["event_type"] == "anomaly.detected"
        assert event["severity"].lower() == body["severity"]
    assert await left(rabbitmq.url, "analytics-hub.sentinel") == 0


async def test_an_exchange_that_is_there_is_used_as_it_is(
    rabbitmq: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    async with opened(rabbitmq.url) as channel:
        await channel.exchange_declare("own", exchange_type="direct", auto_delete=True)
    only = alerts(rabbitmq, "own", routing_keys=["alert.high"])
    async with open_connected(tmp_path, alerts=only) as hub:
        await running(hub)
        await publish(rabbitmq.url, [alert(0)], "own")
        await hub.stored(1)


@pytest.mark.parametrize("queue_type", ["classic", "quorum"])
async def test_an_exchange_that_is_absent_is_made_durable_and_topic(
    rabbitmq: Service, tmp_path: Path, open_connected: OpenHub, queue_type: str
) -> None:
    name = f"absent-{queue_type}"
    only = alerts(rabbitmq, name, queue_type=queue_type)
    async with open_connected(tmp_path, alerts=only) as hub:
        await running(hub)
        async with opened(rabbitmq.url) as channel:
            await channel.exchange_declare(name, exchange_type="topic", durable=True)
        await publish(rabbitmq.url, [alert(0)], name)
        await hub.stored(1)


async def test_nothing_is_acknowledged_before_it_is_stored(
    rabbitmq: Service, tmp_path: Path, open_connected: OpenHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise OSError("no room")

    only = alerts(rabbitmq, "late")
    with monkeypatch.context() as patched:
        patched.setattr(Landing, "store", broken)
        async with open_connected(tmp_path, alerts=only) as hub:
            await running(hub)
            await publish(rabbitmq.url, map(alert, range(300)), "late")
            await until(lambda: hub.state("alerts").failures > 0)
    assert await left(rabbitmq.url, "late") == 300
    async with open_connected(tmp_path, alerts=only) as hub:
        await taken(hub, 300)
        assert once(hub, 300)
        assert hub.state("alerts").duplicates == 0
    assert await left(rabbitmq.url, "late") == 0


async def test_what_was_not_acknowledged_comes_again_and_counts_once(
    rabbitmq: Service, tmp_path: Path, open_connected: OpenHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgotten(*_: object, **__: object) -> None: ...

    only = alerts(rabbitmq, "again")
    with monkeypatch.context() as patched:
        patched.setattr(BlockingChannel, "basic_ack", forgotten)
        async with open_connected(tmp_path, alerts=only) as hub:
            await running(hub)
            await publish(rabbitmq.url, map(alert, range(300)), "again")
            await taken(hub, 300)
    async with open_connected(tmp_path, alerts=only) as hub:
        await taken(hub, 300)
        assert (hub.state("alerts").accepted, hub.state("alerts").duplicates) == (0, 300)
        assert once(hub, 300)
    assert await left(rabbitmq.url, "again") == 0


async def test_the_server_may_go_and_come_back_in_the_middle(
    rabbitmq: Service, tmp_path: Path, open_connected: OpenHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, store = asyncio.Event(), Landing.store

    async def held(*given: Any, **more: Any) -> Any:
        if hub.state("alerts").accepted >= 100:
            await goes_on.wait()
        return await store(*given, **more)

    monkeypatch.setattr(Landing, "store", held)
    only = alerts(rabbitmq, "outage", batch=50, prefetch=100)
    async with open_connected(tmp_path, alerts=only) as hub:
        await running(hub)
        await publish(rabbitmq.url, map(alert, range(400)), "outage")
        await taken(hub, 100)
        with rabbitmq.outage():
            await until(lambda: hub.state("alerts").phase == "retrying")
            assert len(hub.ids()) < 400
        goes_on.set()
        await running(hub)
        await publish(rabbitmq.url, map(alert, range(400, 420)), "outage")
        await until(lambda: len(hub.ids()) >= 420)
        assert once(hub, 420)
    assert await left(rabbitmq.url, "outage") == 0


async def test_bad_messages_keep_no_good_one(
    rabbitmq: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    bad = [b"\xff", b"{", b"[1]", b""] * 50
    bodies = [body for pair in zip(bad, map(alert, range(200)), strict=True) for body in pair]
    async with open_connected(tmp_path, alerts=alerts(rabbitmq, "bad", batch=30)) as hub:
        await running(hub)
        await publish(rabbitmq.url, bodies, "bad")
        await taken(hub, 400)
        assert once(hub, 200)
        assert hub.state("alerts").rejected == 200
        assert hub.hub.store.dead_letters("default", (), 1000).num_rows == 200
    assert await left(rabbitmq.url, "bad") == 0


async def test_the_queue_keeps_what_comes_in_a_pause(
    rabbitmq: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    async with open_connected(tmp_path, alerts=alerts(rabbitmq, "pause")) as hub:
        await running(hub)
        await hub.hub.connectors.pause("default", "alerts", "test")
        await publish(rabbitmq.url, map(alert, range(100)), "pause")
        assert await left(rabbitmq.url, "pause") == 100
        await hub.hub.connectors.resume("default", "alerts", "test")
        await taken(hub, 100)
        assert once(hub, 100)


async def test_a_queue_that_is_deleted_is_told_and_made_anew(
    rabbitmq: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    async with open_connected(tmp_path, alerts=alerts(rabbitmq, "gone")) as hub:
        await running(hub)
        await delete(rabbitmq.url, "gone")
        await until(lambda: hub.state("alerts").phase == "retrying")
        assert "'gone' was deleted at the server" in hub.state("alerts").last_error
        await running(hub)
        await publish(rabbitmq.url, [alert(0)], "gone")
        await hub.stored(1)


async def test_a_queue_with_other_arguments_is_refused_with_what_to_do(
    rabbitmq: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    async with opened(rabbitmq.url) as channel:
        await channel.queue_declare("other", durable=True, arguments={"x-max-length": 5})
    async with open_connected(tmp_path, alerts=alerts(rabbitmq, "other")) as hub:
        await until(lambda: hub.state("alerts").phase == "retrying")
        told = hub.state("alerts").last_error
    assert "name another `queue`" in told
    assert "x-max-length" in told
    async with opened(rabbitmq.url) as channel:
        with pytest.raises(ChannelPreconditionFailed):  # it is as it was
            await channel.queue_declare("other", durable=True)


async def test_a_refused_login_is_told_without_the_password(
    rabbitmq: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    only = alerts(rabbitmq, "login") | {"url": rabbitmq.url.replace("guest@", "geheim@")}
    async with open_connected(tmp_path, alerts=only) as hub:
        await until(lambda: hub.state("alerts").phase == "retrying")
        told = hub.state("alerts").last_error
    assert "the server refuses user and password of `url`" in told
    assert "geheim" not in told


async def test_headers_that_nobody_can_read_are_told_with_what_to_do(
    rabbitmq: Service, tmp_path: Path, open_connected: OpenHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    nanoseconds = struct.pack(">Q", 1763546420 * 10**9)
    now = datetime.now(UTC)
    async with open_connected(tmp_path, alerts=alerts(rabbitmq, "headers")) as hub:
        await running(hub)
        with monkeypatch.context() as patched:
            patched.setitem(encode.METHODS, "timestamp", lambda _: nanoseconds)
            patched.setattr(encode, "timestamp", lambda _: nanoseconds)
            await publish(rabbitmq.url, [alert(0)], "headers", timestamp=now)  # not looked into
            await hub.stored(1)
            await publish(rabbitmq.url, [alert(1)], "headers", headers={"sent": now})
        await until(lambda: hub.state("alerts").phase == "retrying")
        assert "take it out of the queue" in hub.state("alerts").last_error
    await delete(rabbitmq.url, "headers")
