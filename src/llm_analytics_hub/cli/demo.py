"""`analytics-hub demo`: a plausible platform's week, then its live traffic, in a running hub."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.cli.serve import Config, GrpcPort, Host, MetricsPort, OtlpPort, Port, run_hub
from llm_analytics_hub.settings import load_settings

_console = Console(highlight=False)

_OPEN = """
[bold]The hub is up.[/bold] Open:
  {url}/                     the overview
  {url}/api/docs             every door, to try out
  {url}/metrics              the hub's own metrics
Ask:
  analytics-hub query --url {url} --measure requests --measure cost_usd --by model --last 7d
Live traffic goes on until Ctrl-C.
"""


def demo(
    data_dir: Annotated[Path, typer.Option(help="Folder of the embedded store.")] = Path(
        "hub-data/demo"
    ),
    host: Host = None,
    port: Port = None,
    metrics_port: MetricsPort = None,
    otlp_grpc_port: GrpcPort = None,
    otlp_http_port: OtlpPort = None,
    config: Config = None,
    days: Annotated[int, typer.Option(min=1, max=90, help="Days of history.")] = 7,
    events: Annotated[int, typer.Option(min=1000, help="Events of history, about.")] = 220_000,
    live: Annotated[float, typer.Option(min=0, help="Live events a second; 0 = none.")] = 5.0,
) -> None:
    """Run the hub with a simulated platform: 12 models, 7 modules, incidents, attacks, releases.

    The events are made up but plausible, the same at every start, and come in through the same
    doors as anyone's.

    **Examples**

        analytics-hub demo
        analytics-hub demo --days 2 --events 50000 --port 9000
    """
    flags = {
        "data_dir": data_dir, "host": host, "port": port, "metrics_port": metrics_port,
        "otlp_grpc_port": otlp_grpc_port, "otlp_http_port": otlp_http_port,
    }  # fmt: skip

    async def play(url: str) -> None:
        await _play(url, days, events, live)

    with told():
        run_hub(load_settings(flags, file=config), play)


async def _play(url: str, days: int, events: int, live: float) -> None:
    from llm_analytics_hub.simulator.run import run_demo

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    told_address = False
    with Progress(*columns, console=_console) as bar:
        task = bar.add_task(f"{days} days of history", total=events)

        def show(sent: int) -> None:
            nonlocal told_address
            bar.update(task, completed=min(sent, events))
            if sent >= events and not told_address:
                told_address = True
                bar.stop()
                _console.print(_OPEN.format(url=url))

        await run_demo(url, days, events, live, show)
