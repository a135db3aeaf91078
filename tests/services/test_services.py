"""Each service comes up, takes and gives a message, and keeps what it promised to keep."""

from uuid import uuid4

import aio_pika
import nats as nats_client
import pytest
import redis as redis_client
from confluent_kafka import Consumer, Producer

from .process import Service

pytestmark = pytest.mark.integration

SECONDS = 20.0
DOWN = ["kill", "stop"]


@pytest.fixture
def name() -> str:
    """A name that no other test has."""
    return f"hub-{uuid4().hex}"


def restart(service: Service, down: str) -> None:
    getattr(service, down)()
    service.start()


@pytest.mark.parametrize("down", DOWN)
async def test_rabbitmq_keeps_a_persistent_message_of_a_durable_queue(
    rabbitmq: Service, name: str, down: str
) -> None:
    async with await aio_pika.connect(rabbitmq.url, timeout=SECONDS) as connection:
        channel = await connection.channel(publisher_confirms=True)
        await channel.declare_queue(name, durable=True)
    # A queue is on disk some time after it is declared, a message when it is confirmed.
    restart(rabbitmq, "stop")
    async with await aio_pika.connect(rabbitmq.url, timeout=SECONDS) as connection:
        channel = await connection.channel(publisher_confirms=True)
        message = aio_pika.Message(b"hello", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
        await channel.default_exchange.publish(message, name)
    restart(rabbitmq, down)
    async with await aio_pika.connect(rabbitmq.url, timeout=SECONDS) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue(name)
        received = await queue.get(timeout=SECONDS)
        await received.ack()
        assert received.body == b"hello"


@pytest.mark.parametrize("down", DOWN)
async def test_nats_keeps_a_message_of_a_stream(nats: Service, name: str, down: str) -> None:
    async with await nats_client.connect(nats.url) as connection:
        stream = connection.jetstream(timeout=SECONDS)
        await stream.add_stream(name=name, subjects=[f"{name}.>"])
        await stream.publish(f"{name}.a", b"hello")
    restart(nats, down)
    async with await nats_client.connect(nats.url) as connection:
        stream = connection.jetstream(timeout=SECONDS)
        assert (await stream.get_msg(name, seq=1)).data == b"hello"


@pytest.mark.parametrize("down", DOWN)
def test_redis_keeps_a_value(redis: Service, name: str, down: str) -> None:
    with redis_client.from_url(redis.url) as client:
        client.set(name, "hello")
    restart(redis, down)
    with redis_client.from_url(redis.url) as client:
        assert client.get(name) == b"hello"


@pytest.mark.parametrize("down", DOWN)
def test_kafka_keeps_a_message_and_what_a_group_has_read(
    kafka: Service, name: str, down: str
) -> None:
    produce(kafka, name, b"one")
    assert consume(kafka, name) == b"one"
    produce(kafka, name, b"two")
    restart(kafka, down)
    assert consume(kafka, name) == b"two"


def produce(kafka: Service, topic: str, value: bytes) -> None:
    """Write one message, and return when the broker has taken it."""
    producer = Producer({"bootstrap.servers": kafka.url, "acks": "all"})
    producer.produce(topic, value)
    assert producer.flush(SECONDS) == 0


def consume(kafka: Service, topic: str) -> bytes | None:
    """The next message of the topic that the test's group has not read yet."""
    consumer = Consumer(
        {"bootstrap.servers": kafka.url, "group.id": topic, "auto.offset.reset": "earliest"}
    )
    try:
        consumer.subscribe([topic])
        message = consumer.poll(SECONDS)
        assert message is not None
        assert message.error() is None
        consumer.commit(message, asynchronous=False)
        return message.value()
    finally:
        consumer.close()
