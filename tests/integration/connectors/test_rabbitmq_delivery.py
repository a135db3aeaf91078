"""RabbitMQ, one connector alone: the order it hands over in, how much it holds, and TLS."""

import asyncio
import os
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.connectors.rabbitmq import RabbitMqConnector, RabbitMqSettings
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.integrations.payload import Payload
from tests.services.process import HOST, Service

from .amqp import left, publish
from .conftest import until

pytestmark = pytest.mark.integration

NOW = datetime(2025, 11, 19, 10, 1, tzinfo=UTC)
OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(
    OPENSSL is None and not os.environ.get("HUB_TEST_SERVICES"),
    reason="openssl, which makes certificates, is not installed",
)


class Hub:
    """In place of a link: notes what it is given, and stores it once it may."""

    def __init__(self) -> None:
        self.state = SimpleNamespace(name="alone")
        self.clock = ManualClock(NOW)
        self.may_store, self.is_alive = asyncio.Event(), asyncio.Event()
        self.payloads: list[Payload] = []
        self.lags: list[float] = []

    async def store(self, payloads: Sequence[Payload]) -> None:
        await self.may_store.wait()
        self.payloads += payloads

    def alive(self) -> None:
        self.is_alive.set()

    def lag(self, seconds: float) -> None:
        self.lags.append(seconds)


@asynccontextmanager
async def running(name: str, url: str, **more: Any) -> AsyncIterator[Any]:
    settings = RabbitMqSettings(
        module="sentinel",
        url=url,
        exchange=name,
        queue=name,
        **more,  # type: ignore[arg-type]
    )
    hub: Any = Hub()
    task = asyncio.create_task(RabbitMqConnector(settings).run(hub))
    try:
        await asyncio.wait((task, alive := asyncio.ensure_future(hub.is_alive.wait())),
                           return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
        alive.cancel()
        if task.done():
            task.result()
        yield hub
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def numbered(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


async def test_messages_are_handed_over_in_the_order_of_their_delivery(rabbitmq: Service) -> None:
    async with running("order", rabbitmq.url, batch=64, prefetch=300) as hub:
        hub.may_store.set()
        written = datetime(2025, 11, 19, 10, tzinfo=UTC)
        await publish(rabbitmq.url, numbered(2000), "order", "alert.critical", timestamp=written)
        await until(lambda: len(hub.payloads) >= 2000)
        assert [one.body for one in hub.payloads] == numbered(2000)
        assert {one.subject for one in hub.payloads} == {"alert.critical"}
        assert set(hub.lags) <= {60.0}
    assert hub.lags


async def test_no_more_is_read_than_the_prefetch_while_the_hub_is_full(rabbitmq: Service) -> None:
    async with running("full", rabbitmq.url, batch=10, prefetch=40) as hub:
        await publish(rabbitmq.url, numbered(500), "full")
        assert await left(rabbitmq.url, "full") == 460
        assert not hub.payloads
        hub.may_store.set()
        await until(lambda: len(hub.payloads) >= 500)
    assert [one.body for one in hub.payloads] == numbered(500)


async def test_a_connector_that_is_stopped_gives_back_what_it_did_not_store(
    rabbitmq: Service,
) -> None:
    async with running("stopped", rabbitmq.url) as hub:
        await publish(rabbitmq.url, numbered(50), "stopped")
        assert not hub.payloads
    assert await left(rabbitmq.url, "stopped") == 50


@needs_openssl
async def test_tls_checks_the_server_with_the_file_of_certificates(
    rabbitmq: Service, tmp_path: Path
) -> None:
    certificate, key = make(tmp_path)
    async with tls_before(rabbitmq.port, certificate, key) as port:
        url = f"amqps://guest:guest@localhost:{port}/"
        async with running("tls", url, ca_file=certificate) as hub:
            hub.may_store.set()
            await publish(rabbitmq.url, numbered(3), "tls")
            await until(lambda: len(hub.payloads) >= 3)
        with pytest.raises(UnavailableError, match="CERTIFICATE_VERIFY_FAILED"):
            async with running("tls", url):
                pass


def make(folder: Path) -> tuple[Path, Path]:
    """A certificate of localhost that signed itself, and its key."""
    assert OPENSSL is not None
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


@asynccontextmanager
async def tls_before(port: int, certificate: Path, key: Path) -> AsyncIterator[int]:
    """A port that takes TLS and hands on what is in it: the server itself has none."""

    async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while some := await source.read(65_536):
                target.write(some)
                await target.drain()
        finally:
            target.close()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_connection(HOST, port)
        ways = carry(reader, behind[1]), carry(behind[0], writer)
        await asyncio.gather(*ways, return_exceptions=True)

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    async with await asyncio.start_server(take, HOST, 0, ssl=context) as server:
        yield server.sockets[0].getsockname()[1]
