"""The other side of RabbitMQ: what Sentinel does there, and what an operator sees."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import aiormq
from aiormq.abc import AbstractChannel
from pamqp.commands import Basic

EXCHANGE = "sentinel.alerts"


def alert(number: int, severity: str = "high") -> bytes:
    """An anomaly as Sentinel writes it, with an id of its own."""
    message = {
        "alert_id": f"a-{number:05}", "timestamp": "2025-11-19T10:00:20.418903221Z",
        "severity": severity, "anomaly_type": "latency_spike", "service_name": "chat",
        "model": "gpt-4o", "detection_method": "z_score", "confidence": 0.97,
        "details": {"metric": "latency_ms", "value": 9120.5, "baseline": 800.0,
                    "threshold": 3.0, "deviation_sigma": 8.2, "additional": {}},
        "context": {"trace_id": None, "user_id": None, "region": None,
                    "time_window": "5m", "sample_count": 100, "additional": {}},
        "root_cause": None, "remediation": [], "related_alerts": [], "runbook_url": None,
    }  # fmt: skip
    return json.dumps(message).encode()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[AbstractChannel]:
    """A channel with confirms."""
    async with aiormq.connect(url) as connection:
        yield await connection.channel()


async def publish(
    url: str, bodies: Iterable[bytes], exchange: str, key: str = "alert.high", **more: Any
) -> None:
    """Persistent messages in this order, confirmed by the server."""
    properties = Basic.Properties(content_type="application/json", delivery_mode=2, **more)
    async with opened(url) as channel:
        sent = (
            channel.basic_publish(body, exchange=exchange, routing_key=key, properties=properties)
            for body in bodies
        )
        await asyncio.gather(*sent)


async def left(url: str, queue: str) -> int:
    """How many messages wait in a queue that nobody holds any."""
    async with opened(url) as channel:
        return (await channel.queue_declare(queue, passive=True)).message_count or 0


async def delete(url: str, queue: str) -> None:
    """Remove a queue with what is in it."""
    async with opened(url) as channel:
        await channel.queue_delete(queue)
