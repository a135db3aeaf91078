"""Which hub a client command talks to: the options all of them share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import typer

from llm_analytics_hub.cli.client import HubClient
from llm_analytics_hub.errors import NotFoundError
from llm_analytics_hub.settings import load_settings

DEFAULT_URL = "http://127.0.0.1:8080"
EMBEDDED_URL = "http://embedded"

Url = Annotated[str, typer.Option(help="Address of the running hub.", envvar="HUB_URL")]
Tenant = Annotated[str, typer.Option(help="Whose events.", envvar="HUB_TENANT")]
StoreDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        help="Instead of --url: open this embedded store here, with no hub running.",
        file_okay=False,
    ),
]
StoreConfig = Annotated[
    Path | None,
    typer.Option("--config", help="With --data-dir: the hub's settings file.", dir_okay=False),
]


@dataclass(frozen=True)
class Target:
    """A hub, by address or by its folder, and a tenant of it."""

    url: str
    tenant: str
    data_dir: Path | None
    config: Path | None

    @property
    def name(self) -> str:
        """The hub in one text, the same for the same hub."""
        return self.url.rstrip("/") if self.data_dir is None else str(self.data_dir.resolve())


@contextmanager
def connected(target: Target, *, may_create: bool = False) -> Iterator[HubClient]:
    """A client of the hub. Raises: NotFoundError, ConflictError for a folder it cannot open."""
    if target.data_dir is None:
        client = HubClient(target.url, target.tenant)
    else:
        transport = _embedded(target.data_dir, target.config, may_create=may_create)
        client = HubClient(EMBEDDED_URL, target.tenant, transport=transport)
    try:
        yield client
    finally:
        client.close()


def _embedded(folder: Path, config: Path | None, *, may_create: bool) -> httpx.BaseTransport:
    if not may_create and not folder.is_dir():
        raise NotFoundError(f"there is no store in {folder}: `analytics-hub ingest` would make one")
    # Imported late: a client of a running hub starts without the engine.
    from llm_analytics_hub.cli.embedded import EmbeddedTransport
    from llm_analytics_hub.telemetry.logs import configure_logs

    configure_logs(level="warning", as_json=False)
    return EmbeddedTransport(load_settings({"data_dir": folder, "ui": False}, file=config))
