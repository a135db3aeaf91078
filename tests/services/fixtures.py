"""The servers as fixtures: started when first asked for, one for each worker of the run.

Tests share them, so each names its own queues, subjects, keys and topics. A test that takes one
down brings it back: `with nats.outage(): ...`.
"""

from collections.abc import Iterator

import pytest

from .alertmanager_server import alertmanager_server
from .kafka_server import kafka_server
from .nats_server import nats_server
from .process import Service
from .rabbitmq_server import rabbitmq_server
from .redis_server import redis_server


@pytest.fixture(scope="session")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """RabbitMQ at `url` = amqp://guest:guest@127.0.0.1:port/."""
    with rabbitmq_server(tmp_path_factory.mktemp("rabbitmq")) as service:
        yield service


@pytest.fixture(scope="session")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """NATS with JetStream at `url` = nats://127.0.0.1:port."""
    with nats_server(tmp_path_factory.mktemp("nats")) as service:
        yield service


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Redis at `url` = redis://127.0.0.1:port, its database empty at first."""
    with redis_server(tmp_path_factory.mktemp("redis")) as service:
        yield service


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Apache Kafka, one broker, at `url` = 127.0.0.1:port; a topic is made when first named."""
    with kafka_server(tmp_path_factory.mktemp("kafka")) as service:
        yield service


@pytest.fixture(scope="session")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Alertmanager at `url` = http://127.0.0.1:port, which tells nobody anything."""
    with alertmanager_server(tmp_path_factory.mktemp("alertmanager")) as service:
        yield service
