"""Every door of a hub that is served, by name."""

import asyncio
import functools
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import grpc
import httpx

from llm_analytics_hub.client import AsyncHub
from llm_analytics_hub.client import Hub as HubClient

from .client_doors import AsyncClient, Client, CommandLine
from .door import Door
from .http_doors import RestPost, http_doors
from .rpc_doors import Rpc, RpcArrow
from .serving import Served

NAMES = (
    "REST", "REST, GET", "REST, csv", "REST, jsonl", "REST, arrow", "REST, parquet", "GraphQL", "SQL",
    "gRPC", "gRPC, Struct", "gRPC, Arrow", "client", "async client", "CLI, json", "CLI, csv",
)  # fmt: skip


@contextmanager
def all_doors(at: Served) -> Iterator[Mapping[str, Door]]:
    """The doors, with their connections open until the block ends."""
    with ExitStack() as undo:
        http = undo.enter_context(httpx.Client(base_url=at.url, timeout=60))
        channel = undo.enter_context(grpc.insecure_channel(at.rpc))
        rest, url = RestPost(http), ("--url", at.url)
        made: list[Door] = [
            *http_doors(http), Rpc(channel), Rpc(channel, as_struct=True), RpcArrow(channel),
            _client(at.url, undo), _async_client(at.url, undo),
            CommandLine(url, rest), CommandLine(url, rest, "csv"),
        ]  # fmt: skip
        yield {door.name: door for door in made}


def _client(url: str, undo: ExitStack) -> Client:
    @functools.cache
    def connect(tenant: str) -> HubClient:
        return undo.enter_context(HubClient(url, tenant=tenant))

    return Client(connect)


def _async_client(url: str, undo: ExitStack) -> AsyncClient:
    runner = undo.enter_context(asyncio.Runner())

    @functools.cache
    def connect(tenant: str) -> AsyncHub:
        made = AsyncHub(url, tenant=tenant)
        undo.callback(lambda: runner.run(made.close()))
        return made

    return AsyncClient(connect, runner)
