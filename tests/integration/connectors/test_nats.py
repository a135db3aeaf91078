"""NATS: what the registry and CostOps publish there, core and JetStream, server taken down and all."""

import json
from pathlib import Path
from typing import Any

import nats as driver
import pytest

from tests.services.process import Service

from .conftest import OpenHub, samples, until

pytestmark = pytest.mark.integration

REGISTRY = {
    "nats_asset_registered.json": "asset.registered",
    "nats_asset_updated.json": "asset.updated",
    "nats_asset_status_changed.json": "asset.deprecated",
    "nats_asset_downloaded.json": "asset.downloaded",
    "nats_checksum_verified.json": "checksum.verified",
    "nats_checksum_failed.json": "checksum.failed",
    "nats_dependency_added.json": "dependency.added",
    "nats_circular_dependency.json": "circular_dependency.detected",
    "nats_custom.json": "registry.custom",
}


def usage(number: int) -> bytes:
    message = {
        "message_id": f"m-{number}", "event_type": "usage_created",
        "created_at": "2025-11-19T10:00:00Z", "retry_count": 0,
        "payload": {
            "request_id": f"r-{number}", "timestamp": "2025-11-19T10:00:00Z", "provider": "openai",
            "model": {"name": "gpt-4o"}, "organization_id": "org-1",
            "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
            "performance": {"latency_ms": 12}, "tags": [], "metadata": {},
        },
    }  # fmt: skip
    return json.dumps(message).encode()


def registry(nats: Service, **more: Any) -> dict[str, Any]:
    return {"kind": "nats", "module": "registry", "servers": [nats.url], **more}


def costs(nats: Service, name: str) -> dict[str, Any]:
    return {"kind": "nats", "module": "costops", "servers": [nats.url], "subjects": [name],
            "durable": "hub"}  # fmt: skip


async def test_every_registry_message_arrives_as_its_event(
    nats: Service, shared: Path, tmp_path: Path, open_connected: OpenHub
) -> None:
    bodies = samples(shared, "registry", list(REGISTRY))
    async with open_connected(tmp_path, registry=registry(nats)) as hub:
        await until(lambda: hub.state("registry").phase == "running")
        client = await driver.connect(nats.url)
        for body in bodies.values():
            await client.publish(f"registry.events.{json.loads(body)['event_type']}", body)
        await client.close()
        events = await hub.stored(len(REGISTRY))
    assert sorted(event["event_type"] for event in events) == sorted(REGISTRY.values())


async def test_what_came_is_stored_before_a_pause_takes_hold(
    nats: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    only = registry(nats, module="costops", subjects=["pause.usage"], batch=7)
    async with open_connected(tmp_path, registry=only) as hub:
        await until(lambda: hub.state("registry").phase == "running")
        client = await driver.connect(nats.url)
        for number in range(500):
            await client.publish("pause.usage", usage(number))
        await client.flush()
        await hub.hub.connectors.pause("default", "registry", "test")
        assert len(set(hub.ids())) == len(hub.ids()) == 500
        await client.publish("pause.usage", usage(500))
        await client.flush()
        await hub.hub.connectors.resume("default", "registry", "test")
        await until(lambda: hub.state("registry").phase == "running")
        await client.publish("pause.usage", usage(501))
        await client.close()
        await hub.stored(501)
        assert len(hub.ids()) == 501


async def test_the_server_may_go_and_come_back(
    nats: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    only = registry(nats, module="costops", subjects=["outage.usage"])
    async with open_connected(tmp_path, registry=only) as hub:
        await until(lambda: hub.state("registry").phase == "running")
        with nats.outage():
            await until(lambda: hub.state("registry").phase == "retrying")
            assert "ConnectionError" in hub.state("registry").last_error
        await until(lambda: hub.state("registry").phase == "running")
        client = await driver.connect(nats.url)
        await client.publish("outage.usage", usage(1))
        await client.close()
        await hub.stored(1)


async def test_a_stream_is_read_on_where_the_last_hub_stopped(
    nats: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    client = await driver.connect(nats.url)
    stream = client.jetstream()
    await stream.add_stream(name="usage", subjects=["stream.usage"])
    for number in range(300):
        body = b"\xff not json" if number % 3 == 0 else usage(number)
        await stream.publish("stream.usage", body)
    async with open_connected(tmp_path, usage=costs(nats, "stream.usage")) as hub:
        await hub.stored(200)
        await until(lambda: hub.state("usage").rejected == 100)
        await until(lambda: hub.state("usage").lag_seconds is not None)
    for number in range(300, 400):
        await stream.publish("stream.usage", usage(number))
    await client.close()
    async with open_connected(tmp_path, usage=costs(nats, "stream.usage")) as hub:
        await hub.stored(300)
        assert (hub.state("usage").accepted, hub.state("usage").duplicates) == (100, 0)
        assert len(hub.ids()) == len(set(hub.ids())) == 300
        assert hub.hub.store.dead_letters("default", (), 1000).num_rows == 100


async def test_what_was_not_acknowledged_comes_again_and_counts_once(
    nats: Service, tmp_path: Path, open_connected: OpenHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await driver.connect(nats.url)
    stream = client.jetstream()
    await stream.add_stream(name="again", subjects=["again.usage"])
    config = driver.js.api.ConsumerConfig(ack_wait=1)
    await stream.pull_subscribe("again.usage", "hub", config=config)
    for number in range(50):
        await stream.publish("again.usage", usage(number))

    async def forgotten(_: object) -> None: ...

    with monkeypatch.context() as patched:
        patched.setattr("nats.aio.msg.Msg.ack", forgotten)
        async with open_connected(tmp_path, usage=costs(nats, "again.usage")) as hub:
            await hub.stored(50)
    async with open_connected(tmp_path, usage=costs(nats, "again.usage")) as hub:
        await until(lambda: hub.state("usage").duplicates == 50)
        assert len(hub.ids()) == 50
    await client.close()


async def test_a_module_without_subjects_has_to_name_them(
    tmp_path: Path, open_connected: OpenHub
) -> None:
    with pytest.raises(Exception, match="subjects: the module sentinel has none of its own"):
        async with open_connected(tmp_path, x={"kind": "nats", "module": "sentinel"}):
            pass
