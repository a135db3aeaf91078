"""Kafka: the marketplace's and Sentinel's topics on a real broker, killed and brought back."""

import json
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from tests.services.process import Service

from .conftest import OpenHub, samples, until

pytestmark = pytest.mark.integration

EVENTS = {
    "rate_limit_exceeded.json": "marketplace.consumption.events",
    "quota_exceeded.json": "marketplace.consumption.events",
    "policy_violation.json": "marketplace.consumption.events",
    "api_key_created.json": "marketplace.consumption.events",
    "api_key_revoked.json": "marketplace.consumption.events",
    "service_published.json": "marketplace-events",
    "service_updated.json": "marketplace-events",
    "service_deprecated.json": "marketplace-events",
    "validation_failed.json": "marketplace-events",
}


def request(number: int) -> bytes:
    event = {
        "event_type": "consumption_request", "request_id": f"r-{number}", "service_id": "s-1",
        "consumer_id": "c-1", "timestamp": "2025-11-19T10:00:00.512003117+00:00",
        "latency_ms": 120, "status": "success", "metadata": {},
        "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
        "cost": {"amount": 0.02, "currency": "USD", "breakdown": {}},
    }  # fmt: skip
    return json.dumps(event).encode()


def market(kafka: Service, *topics: str, **more: Any) -> dict[str, Any]:
    # Short, so that a group of a hub that is gone lets its partitions go.
    quick = {"session.timeout.ms": 6000, "topic.metadata.refresh.interval.ms": 500}
    chosen = {"topics": list(topics), "group": topics[0]} if topics else {}
    return {"kind": "kafka", "module": "marketplace", "servers": [kafka.url], "options": quick,
            **chosen, **more}  # fmt: skip


def produce(kafka: Service, topic: str, *bodies: bytes | None) -> None:
    producer = Producer({"bootstrap.servers": kafka.url})
    for body in bodies:
        producer.produce(topic, body, key="s-1")
        producer.poll(0)
    assert producer.flush(60) == 0


def committed(kafka: Service, topic: str) -> int:
    """The offset the hub would go on from; negative where it never committed."""
    consumer = Consumer({"bootstrap.servers": kafka.url, "group.id": topic})
    try:
        (found,) = consumer.committed([TopicPartition(topic, 0)], timeout=30)
        return int(found.offset)
    finally:
        consumer.close()


async def test_every_message_of_the_marketplace_arrives(
    kafka: Service, shared: Path, tmp_path: Path, open_connected: OpenHub
) -> None:
    for name, body in samples(shared, "marketplace", list(EVENTS)).items():
        produce(kafka, EVENTS[name], body)
    async with open_connected(tmp_path, market=market(kafka)) as hub:
        events = await hub.stored(len(EVENTS))
    assert {event["source"] for event in events} == {"marketplace"}
    assert len({event["event_type"] for event in events}) == len(EVENTS)


async def test_bad_messages_keep_no_good_one(
    kafka: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    bodies = [b"\xff{" if number % 3 == 0 else request(number) for number in range(600)]
    produce(kafka, "mixed", *bodies, None)
    async with open_connected(tmp_path, market=market(kafka, "mixed")) as hub:
        await hub.stored(400)
        await until(lambda: hub.state("market").rejected == 200)
        assert len(hub.ids()) == len(set(hub.ids())) == 400
        await until(lambda: hub.state("market").lag_seconds == 0)
    assert committed(kafka, "mixed") == 601


async def test_nothing_is_committed_before_it_is_stored(
    kafka: Service, tmp_path: Path, open_connected: OpenHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    produce(kafka, "late", *map(request, range(20)))

    async def broken(*_: object, **__: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patched:
        patched.setattr("llm_analytics_hub.connectors.landing.Landing.store", broken)
        async with open_connected(tmp_path, market=market(kafka, "late")) as hub:
            await until(lambda: hub.state("market").failures > 0)
    assert committed(kafka, "late") < 0
    async with open_connected(tmp_path, market=market(kafka, "late")) as hub:
        await hub.stored(20)


async def test_what_was_not_committed_comes_again_and_counts_once(
    kafka: Service, tmp_path: Path, open_connected: OpenHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    produce(kafka, "again", *map(request, range(20)))
    with monkeypatch.context() as patched:
        patched.setattr("llm_analytics_hub.connectors.kafka._Session._commit", lambda *_: None)
        async with open_connected(tmp_path, market=market(kafka, "again")) as hub:
            await hub.stored(20)
    async with open_connected(tmp_path, market=market(kafka, "again")) as hub:
        await until(lambda: hub.state("market").duplicates == 20)
        assert len(hub.ids()) == 20


async def test_the_broker_may_go_and_come_back(
    kafka: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    produce(kafka, "outage", *map(request, range(10)))
    async with open_connected(tmp_path, market=market(kafka, "outage")) as hub:
        await hub.stored(10)
        with kafka.outage():
            await until(lambda: hub.state("market").phase == "retrying")
        produce(kafka, "outage", *map(request, range(10, 20)))
        await hub.stored(20)
        assert len(hub.ids()) == 20


async def test_a_topic_that_is_not_there_yet_keeps_no_other(
    kafka: Service, tmp_path: Path, open_connected: OpenHub
) -> None:
    produce(kafka, "there", request(1))
    chosen = market(kafka, "there", "not-yet")
    chosen["options"]["allow.auto.create.topics"] = False
    async with open_connected(tmp_path, market=chosen) as hub:
        await hub.stored(1)
        produce(kafka, "not-yet", request(2))
        await hub.stored(2)


async def test_what_the_hub_sets_itself_cannot_be_set(
    tmp_path: Path, open_connected: OpenHub
) -> None:
    mine = {"kind": "kafka", "module": "marketplace", "options": {"group.id": "x"}}
    with pytest.raises(Exception, match=r"group\.id is set by group"):
        async with open_connected(tmp_path, market=mine):
            pass
