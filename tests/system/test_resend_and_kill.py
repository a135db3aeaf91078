"""Exactly once: a day of policy and security events, a fifth of them again over another transport, in
any order, with kill -9 in between; no question at any moment counts one twice.

What is right is what a tenant has to whom each message was sent once.
"""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import aio_pika
import httpx
import nats as nats_driver
import pytest
from tests.services import Service

from .conftest import SECONDS, HubProcess, StartHub

pytestmark = [pytest.mark.system, pytest.mark.integration, pytest.mark.slow]

MESSAGES = 1000
"""Of each of the two modules."""

AGAIN = 0.2
KILLS = 3
BATCH = 20
EXCHANGE, SUBJECT = "resend.alerts", "resend.decisions"
DAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
RESTLESS = {"HUB_STORAGE__BLOCK_ROWS": "200"}
"""Rows go to the tables all the time, so that some are on their way whenever the process dies."""

QUESTIONS = (
    {"measures": ["events"], "dimensions": ["source", "event_type"]},
    {"measures": ["events", "denied", "violations"], "granularity": "hour"},
    {"measures": ["events"], "dimensions": ["severity"]},
)


@dataclass(frozen=True)
class Message:
    """A message of a module, and the way it takes: the module's broker, or HTTP."""

    module: str
    body: bytes
    by_broker: bool


def alert(number: int, random: Random) -> bytes:
    severity = random.choice(["low", "medium", "high", "critical"])
    return json.dumps({
        "alert_id": str(UUID(int=random.getrandbits(128), version=4)), "timestamp": moment(random),
        "severity": severity, "anomaly_type": "latency_spike", "service_name": f"s-{number % 7}",
        "model": "gpt-4o", "detection_method": "z_score", "confidence": 0.9,
        "details": {"metric": "latency_ms", "value": 9.5, "baseline": 1.0, "threshold": 3.0,
                    "deviation_sigma": 4.0, "additional": {}},
        "context": {"time_window": "5m", "sample_count": 3, "additional": {}},
        "root_cause": None, "remediation": [], "related_alerts": [], "runbook_url": None,
    }).encode()  # fmt: skip


def decision(number: int, random: Random) -> bytes:
    allowed = number % 3 > 0
    return json.dumps({
        "event_id": str(UUID(int=random.getrandbits(128), version=4)), "agent_id": "enforcer",
        "agent_version": "1.0.0", "decision_type": "policy_enforcement_decision",
        "inputs_hash": "0123456789abcdef", "timestamp": moment(random), "confidence": 1.0,
        "outputs": {"decision": "policy_allow" if allowed else "policy_deny", "allowed": allowed,
                    "matched_policies": [f"p-{number % 5}"], "matched_rules": [],
                    "evaluation_time_ms": 1.25},
        "constraints_applied": [],
        "execution_ref": {"request_id": f"r-{number}", "environment": "production"},
    }).encode()  # fmt: skip


def moment(random: Random) -> str:
    at = DAY + timedelta(seconds=random.randrange(86_400))
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def a_day(random: Random) -> list[Message]:
    """Every message once, and a fifth of them again over the other transport, shuffled."""
    once = [
        Message(module, make(number, random), random.random() < 0.5)
        for module, make in (("sentinel", alert), ("policy-engine", decision))
        for number in range(MESSAGES)
    ]
    again = random.sample(once, int(len(once) * AGAIN))
    sent = [*once, *(Message(one.module, one.body, not one.by_broker) for one in again)]
    random.shuffle(sent)
    return sent


class Brokers:
    """Sends to RabbitMQ and NATS; returns when they have it."""

    def __init__(self, rabbitmq: Service, nats: Service) -> None:
        self._urls = rabbitmq.url, nats.url
        self._runner = asyncio.Runner()
        self._exchange: aio_pika.abc.AbstractExchange
        self._runner.run(self._open())

    async def _open(self) -> None:
        self._rabbit = await aio_pika.connect(self._urls[0])
        channel = await self._rabbit.channel(publisher_confirms=True)
        self._exchange = await channel.declare_exchange(EXCHANGE, "topic", durable=True)
        self._nats = await nats_driver.connect(self._urls[1])
        await self._nats.jetstream().add_stream(name="resend", subjects=[SUBJECT])

    def send(self, message: Message) -> None:
        self._runner.run(self._send(message))

    async def _send(self, message: Message) -> None:
        if message.module == "sentinel":
            body = aio_pika.Message(message.body, delivery_mode=2)
            await self._exchange.publish(body, "alert.high")
        else:
            await self._nats.jetstream().publish(SUBJECT, message.body)

    def close(self) -> None:
        async def end() -> None:
            await self._rabbit.close()
            await self._nats.close()

        self._runner.run(end())
        self._runner.close()


def connectors(rabbitmq: Service, nats: Service) -> dict[str, str]:
    chosen = {
        "alerts": {"kind": "rabbitmq", "module": "sentinel", "url": rabbitmq.url,
                   "exchange": EXCHANGE, "queue": "resend"},
        "decisions": {"kind": "nats", "module": "policy-engine", "servers": [nats.url],
                      "subjects": [SUBJECT], "durable": "resend"},
    }  # fmt: skip
    return {"HUB_CONNECTORS": json.dumps(chosen), **RESTLESS}


def post(hub: HubProcess, messages: list[Message], tenant: str = "default") -> bool:
    """Whether the hub said that it has them all; by module, as their senders would."""
    for module in ("sentinel", "policy-engine"):
        bodies = [one.body for one in messages if one.module == module]
        if not bodies:
            continue
        try:
            answer = hub.client.post(
                f"/api/v1/ingest/{module}",
                content=b"[" + b",".join(bodies) + b"]",
                headers={"content-type": "application/json", "x-tenant": tenant},
            )
        except httpx.TransportError:
            return False
        assert answer.status_code == 200, answer.text
        assert answer.json()["rejected"] == []
    return True


def ask(hub: HubProcess, question: dict[str, Any], tenant: str = "default") -> Any:
    span = {"from": DAY.isoformat(), "to": (DAY + timedelta(days=1)).isoformat()}
    body = {**question, "time_range": span, "limit": 1000}
    answer = hub.client.post("/api/v1/query", json=body, headers={"x-tenant": tenant})
    assert answer.status_code == 200, answer.text
    return sorted(answer.json()["rows"], key=repr)


def counts(hub: HubProcess, tenant: str = "default") -> dict[str, int]:
    return {
        row[0]: row[1]
        for row in ask(hub, {"measures": ["events"], "dimensions": ["source"]}, tenant)
    }


@contextmanager
def watched(hub: HubProcess) -> Iterator[list[dict[str, int]]]:
    """Asks all the time how many events there are; every answer it got, until the hub is gone."""
    seen: list[dict[str, int]] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            try:
                seen.append(counts(hub))
            except httpx.TransportError:
                return

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join(SECONDS)


def wait_until_connected(hub: HubProcess) -> None:
    deadline = datetime.now(UTC) + timedelta(seconds=SECONDS)
    while datetime.now(UTC) < deadline:
        modules = hub.client.get("/api/v1/integrations").json()["integrations"]
        phases = [one["phase"] for module in modules for one in module["connectors"]]
        if phases == ["running", "running"]:
            return
    raise TimeoutError(phases)


def test_nothing_is_counted_twice_and_nothing_is_lost(
    rabbitmq: Service, nats: Service, tmp_path: Path, start_hub: StartHub
) -> None:
    random = Random(11)
    sent = a_day(random)
    environment = connectors(rabbitmq, nats)
    brokers = Brokers(rabbitmq, nats)
    hub = start_hub(tmp_path / "data", **environment)
    wait_until_connected(hub)
    answers: list[dict[str, int]] = []
    waiting: list[Message] = []
    kills = {len(sent) * (number + 1) // (KILLS + 1) for number in range(KILLS)}
    for number, message in enumerate(sent):
        if message.by_broker:
            brokers.send(message)
        else:
            waiting.append(message)
        if number in kills:
            with watched(hub) as seen:
                posting = threading.Thread(target=post, args=(hub, list(waiting)))
                posting.start()
                hub.kill()  # whatever it said of these: they are sent again
                posting.join(SECONDS)
            answers += seen
            hub = start_hub(tmp_path / "data", **environment)
        elif len(waiting) >= BATCH and post(hub, waiting):
            waiting = []
    assert post(hub, waiting)
    once = list({one.body: one for one in sent}.values())
    assert post(hub, once, tenant="once")
    right = counts(hub, "once")
    with watched(hub) as seen:
        deadline = datetime.now(UTC) + timedelta(seconds=SECONDS)
        while counts(hub) != right and datetime.now(UTC) < deadline:
            pass
    brokers.close()
    for question in QUESTIONS:
        assert ask(hub, question) == ask(hub, question, "once")
    for answer in answers + seen:
        assert all(count <= right[source] for source, count in answer.items())
    assert right["sentinel"] == MESSAGES
    modules = hub.client.get("/api/v1/integrations").json()["integrations"]
    repeats = sum(module["events"]["duplicates"] for module in modules)
    assert repeats > 0
    assert hub.stop() == 0
