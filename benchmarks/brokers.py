"""What a hub takes from real brokers, and how soon a security event is stored under load."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from threading import Thread
from time import perf_counter, sleep
from typing import Any
from uuid import UUID

import aio_pika
import numpy as np
import yaml
from confluent_kafka import Producer
from tests.services.kafka_server import kafka_server
from tests.services.process import Service
from tests.services.rabbitmq_server import rabbitmq_server

from benchmarks.figure import Figure, Scale
from benchmarks.hub import RunningHub, serve
from benchmarks.ingest import EVENTS_PATH, json_bodies
from benchmarks.senders import Target, send_on_schedule
from llm_analytics_hub.clock import SystemClock

KAFKA_MESSAGES = 300_000
RABBITMQ_MESSAGES = 60_000
LOOK_SECONDS = 0.05
QUEUE, TOPIC, EXCHANGE = "bench", "bench", "sentinel.alerts"

OTHER_EVENTS_PER_SECOND = {"security event": 10_000, "event": 5_000}
"""The documents' loads of their real-time and their event-driven pattern."""

TARGETS = {"security event": "<= 100 ms", "event": "<= 500 ms"}
REQUEST_EVENTS = 100
SECONDS = 20
WARM_UP_SECONDS = 2
ALERTS_PER_SECOND = 20


def measure_kafka(scale: Scale) -> list[Figure]:
    """Messages of a topic that waited: a second stored, offsets committed."""
    count, random = scale.of(KAFKA_MESSAGES), Random(7)
    with _folder() as folder, kafka_server(folder) as kafka:
        producer = Producer({"bootstrap.servers": kafka.url, "linger.ms": 50})
        for _ in range(count):
            producer.produce(TOPIC, _request(random), key="s-1")
            producer.poll(0)
        producer.flush()
        chosen = {"kind": "kafka", "module": "marketplace", "servers": [kafka.url],
                  "topics": [TOPIC]}  # fmt: skip
        with _hub(chosen) as hub:
            rate, note = _drained(hub, count)
    return [Figure("Kafka, stored", rate, "messages/s", ">= 20,000 messages/s", note=note)]


def measure_rabbitmq(scale: Scale) -> list[Figure]:
    """Alerts of a queue that waited: a second stored and acknowledged."""
    count, random = scale.of(RABBITMQ_MESSAGES), Random(7)
    with _folder() as folder, rabbitmq_server(folder) as rabbitmq:
        asyncio.run(_fill(rabbitmq.url, [_alert(random) for _ in range(count)]))
        with _hub(_alerts(rabbitmq)) as hub:
            rate, note = _drained(hub, count)
    return [Figure("RabbitMQ, stored", rate, "messages/s", ">= 5,000 messages/s", note=note)]


def measure_alerts(scale: Scale) -> list[Figure]:
    """Milliseconds from an alert's way to the broker until it is stored, under other traffic."""
    return [figure for name in OTHER_EVENTS_PER_SECOND for figure in _alert_delays(name, scale)]


def _alert_delays(name: str, scale: Scale) -> list[Figure]:
    seconds, rate = scale.of(SECONDS), OTHER_EVENTS_PER_SECOND[name]
    per_second = rate // REQUEST_EVENTS
    bodies = json_bodies((WARM_UP_SECONDS + seconds) * rate, REQUEST_EVENTS)
    with _folder() as folder, rabbitmq_server(folder) as rabbitmq, _hub(_alerts(rabbitmq)) as hub:
        _until_running(hub)
        target = Target(hub.url, EVENTS_PATH)
        warm_up = WARM_UP_SECONDS * per_second
        send_on_schedule(target, bodies[:warm_up], 1 / per_second)
        other = Thread(target=send_on_schedule, args=(target, bodies[warm_up:], 1 / per_second))
        other.start()
        delays = asyncio.run(_alert_and_look(rabbitmq.url, hub, seconds * ALERTS_PER_SECOND))
        other.join()
    p50, p99 = np.percentile(delays, [50, 99]) * 1000
    title = f"{name} from RabbitMQ to store at {rate:,} other events/s"
    note = f"{len(delays)} alerts, from publishing, looked at every 2 ms"
    return [
        Figure(f"{title}, p50", p50, "ms", note=note),
        Figure(f"{title}, p99", p99, "ms", TARGETS[name]),
    ]


async def _alert_and_look(url: str, hub: RunningHub, count: int) -> Sequence[float]:
    """Publish an alert, wait until it is stored, and so on."""
    random, delays = Random(7), []
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(EXCHANGE)
        for number in range(count):
            began = perf_counter()
            await exchange.publish(aio_pika.Message(_alert(random)), "alert.high")
            while _state(hub)["accepted"] <= number:  # noqa: ASYNC110 - looks from outside
                await asyncio.sleep(0.002)
            delays.append(perf_counter() - began)
            await asyncio.sleep(max(0.0, 1 / ALERTS_PER_SECOND - delays[-1]))
    return delays


async def _fill(url: str, bodies: Sequence[bytes]) -> None:
    """The hub's queue as it would be after some time without the hub."""
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.declare_exchange(EXCHANGE, "topic", durable=True)
        queue = await channel.declare_queue(QUEUE, durable=True)
        await queue.bind(exchange, "alert.*")
        for start in range(0, len(bodies), 500):
            messages = map(aio_pika.Message, bodies[start : start + 500])
            await asyncio.gather(*(exchange.publish(one, "alert.high") for one in messages))


def _drained(hub: RunningHub, count: int) -> tuple[float, str]:
    """Messages a second from the first look that saw some until all are stored, and a note."""
    looks, began_cpu = [], 0.0
    while not looks or looks[-1][1] < count:
        stored = _state(hub)["accepted"]
        if stored and not looks:
            began_cpu = hub.cpu_seconds()
        if stored:
            looks.append((perf_counter(), stored))
        sleep(LOOK_SECONDS)
    (began, before), (ended, after) = looks[0], looks[-1]
    if after == before:
        raise RuntimeError(f"all {count} messages were stored between two looks: take more")
    cpu = (hub.cpu_seconds() - began_cpu) / (after - before) * 1e6
    return (after - before) / (
        ended - began
    ), f"{count:,} waited, hub {cpu:.1f} µs of processor/message"


def _state(hub: RunningHub) -> dict[str, Any]:
    found: dict[str, Any] = hub.get("/api/v1/integrations/connectors/bench").json()
    return found


def _until_running(hub: RunningHub) -> None:
    while _state(hub)["phase"] != "running":
        sleep(LOOK_SECONDS)


def _alerts(rabbitmq: Service) -> dict[str, Any]:
    return {"kind": "rabbitmq", "module": "sentinel", "url": rabbitmq.url, "queue": QUEUE}


@contextmanager
def _hub(connector: dict[str, Any]) -> Iterator[RunningHub]:
    with _folder() as folder:
        config = folder / "hub.yaml"
        config.write_text(yaml.safe_dump({"connectors": {"bench": connector}}))
        with serve(folder / "data", "--config", str(config)) as hub:
            yield hub


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="hub-bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _request(random: Random) -> bytes:
    given, made = random.randrange(10, 4000), random.randrange(1, 900)
    return json.dumps({
        "event_type": "consumption_request", "request_id": _uuid(random), "service_id": "s-1",
        "consumer_id": "c-1", "timestamp": SystemClock().now().isoformat(), "status": "success",
        "latency_ms": random.randrange(50, 5000), "metadata": {},
        "usage": {"prompt_tokens": given, "completion_tokens": made, "total_tokens": given + made},
        "cost": {"amount": round(random.random(), 4), "currency": "USD", "breakdown": {}},
    }).encode()  # fmt: skip


def _alert(random: Random) -> bytes:
    return json.dumps({
        "alert_id": _uuid(random), "timestamp": SystemClock().now().isoformat(), "severity": "high",
        "anomaly_type": "latency_spike", "service_name": "chat", "model": "gpt-4o",
        "detection_method": "z_score", "confidence": round(random.random(), 3),
        "details": {"metric": "latency_ms", "value": round(random.random() * 9000, 1),
                    "baseline": 900.5, "threshold": 3.0, "deviation_sigma": 4.2, "additional": {}},
        "context": {"trace_id": None, "user_id": None, "region": "eu", "time_window": "5m",
                    "sample_count": 300, "additional": {}},
        "root_cause": None, "remediation": ["check the provider"], "related_alerts": [],
        "runbook_url": None,
    }).encode()  # fmt: skip


def _uuid(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))
