"""A hub behind a real gRPC port, and a caller of its services."""

import os
from collections.abc import AsyncIterator

import grpc
import httpx
import pytest

from llm_analytics_hub.bootstrap import Doors

from .calls import Rpc


@pytest.fixture
async def address(doors: Doors) -> AsyncIterator[str]:
    """Where the hub's gRPC port is."""
    doors.health.started = True
    server = doors.otlp_grpc()
    port = await server.start("127.0.0.1:0")
    yield f"127.0.0.1:{port}"
    await server.stop(0)


@pytest.fixture
async def rpc(address: str, client: httpx.AsyncClient) -> AsyncIterator[Rpc]:
    """A caller of the same new tenant as `client`."""
    tenant = client.headers["x-tenant"] = f"t{os.urandom(8).hex()}"
    async with grpc.aio.insecure_channel(address) as channel:
        yield Rpc(channel, tenant)
