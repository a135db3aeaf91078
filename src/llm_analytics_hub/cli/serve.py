"""`analytics-hub serve`: the hub as a server."""

import asyncio
import sys
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.settings import Settings, load_settings

if TYPE_CHECKING:
    from llm_analytics_hub.cli.servers import Ready

GRPC_DOOR = "llm_analytics_hub.api.rpc.services"

DataDir = Annotated[
    Path | None, typer.Option(help="Folder of the embedded store. [default: hub-data]")
]
Host = Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")]
Port = Annotated[int | None, typer.Option(help="HTTP port; 0 picks a free one. [default: 8080]")]
MetricsPort = Annotated[int | None, typer.Option(help="Port of /metrics; 0 = off. [default: 9090]")]
GrpcPort = Annotated[
    int | None, typer.Option(help="Port of gRPC, OTLP too; 0 = off. [default: 4317]")
]
OtlpPort = Annotated[int | None, typer.Option(help="OTLP HTTP port; 0 = off. [default: 4318]")]
Config = Annotated[Path | None, typer.Option(help="Settings file (YAML).")]


def serve(
    data_dir: DataDir = None,
    host: Host = None,
    port: Port = None,
    metrics_port: MetricsPort = None,
    otlp_grpc_port: GrpcPort = None,
    otlp_http_port: OtlpPort = None,
    config: Config = None,
) -> None:
    """Run the hub: take events, answer questions, show the page.

    Prints one line when it is ready: `ready http://127.0.0.1:8080`. Stops on SIGTERM or Ctrl-C,
    after everything accepted is stored.

    **Examples**

        analytics-hub serve
        analytics-hub serve --data-dir /var/lib/hub --port 8080 --config hub.yaml
        HUB_STORAGE__SYNC=true analytics-hub serve
    """
    flags = {
        "data_dir": data_dir, "host": host, "port": port, "metrics_port": metrics_port,
        "otlp_grpc_port": otlp_grpc_port, "otlp_http_port": otlp_http_port,
    }  # fmt: skip
    with told():
        run_hub(load_settings(flags, file=config), _say_ready)


async def _say_ready(url: str) -> None:
    sys.stdout.write(f"ready {url}\n")
    sys.stdout.flush()


def run_hub(settings: Settings, on_ready: "Ready") -> None:
    """Serve until told to stop; `on_ready` gets the address once the hub answers."""
    # Imported late: the other commands start without the engine.
    from llm_analytics_hub.bootstrap import open_doors, open_hub
    from llm_analytics_hub.cli.servers import Servers
    from llm_analytics_hub.telemetry.logs import configure_logs

    configure_logs(level=settings.logs.level, as_json=settings.logs.json_lines)
    servers = Servers(settings)
    if settings.otlp_grpc_port:
        # Two tenths of a second of imports, done while the engine opens.
        Thread(target=import_module, args=[GRPC_DOOR], daemon=True).start()
    try:
        hub = open_hub(settings)
        try:
            runner = _runner()
            runner.run(servers.run(hub, open_doors(hub, settings), on_ready))
        finally:
            hub.close()
    finally:
        servers.close()


def _runner() -> asyncio.Runner:
    try:
        import uvloop
    except ImportError:  # not on Windows
        return asyncio.Runner()
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)
