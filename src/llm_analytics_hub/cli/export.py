"""`analytics-hub export`: events, answers and assets as files."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from llm_analytics_hub.cli.export_file import ExportFetch, check_out
from llm_analytics_hub.cli.export_file import Progress as Report
from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.cli.output import console
from llm_analytics_hub.cli.query import (
    Dimensions,
    From,
    Granularity,
    Last,
    Measures,
    OrderBy,
    TimeZone,
    To,
    Where,
)
from llm_analytics_hub.cli.question import to_time_range
from llm_analytics_hub.cli.target import (
    DEFAULT_URL,
    StoreConfig,
    StoreDir,
    Target,
    Tenant,
    Url,
    connected,
)
from llm_analytics_hub.query.formats.format import Format
from llm_analytics_hub.query.words import to_condition, to_order

export = typer.Typer(
    help="Write events, answers and assets to files. A command that was ended goes on when run again.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Form = Annotated[Format, typer.Option("--format", help="How the file is written.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="The file to write.", dir_okay=False)]
Force = Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")]
Columns = Annotated[
    list[str] | None, typer.Option("--column", help="Only this column; several may be given.")
]
Most = Annotated[int, typer.Option(min=1, max=10_000, help="Most rows.")]


@export.command("events")
def events(
    out: Out,
    form: Form = Format.PARQUET,
    where: Where = None,
    last: Last = None,
    start: From = None,
    end: To = None,
    column: Columns = None,
    force: Force = False,
    quiet: Quiet = False,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Write events to a file, newest first, and check it against the hub's checksum.

    **Examples**

        analytics-hub export events --last 7d --format parquet --out events.parquet
        analytics-hub export events --last 24h --where source=costops --format csv --out costs.csv
        analytics-hub export events --from 2025-11-01 --to 2025-12-01 --column event_id --column cost_usd --format jsonl -o november.jsonl
    """
    with told():
        asked = {
            "what": "events",
            "filters": [to_condition(text) for text in where or []],
            "time_range": to_time_range(last, start, end),
            **({"columns": column} if column else {}),
        }
        _fetch(asked, form, out, Target(url, tenant, data_dir, config), force=force, quiet=quiet)


@export.command("query")
def query(
    out: Out,
    measure: Measures,
    form: Form = Format.CSV,
    by: Dimensions = None,
    where: Where = None,
    last: Last = None,
    start: From = None,
    end: To = None,
    granularity: Granularity = None,
    time_zone: TimeZone = "UTC",
    order_by: OrderBy = None,
    limit: Most = 10_000,
    force: Force = False,
    quiet: Quiet = False,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Write the answer to a question to a file.

    **Examples**

        analytics-hub export query --measure requests --measure cost_usd --by model --last 7d --format xlsx --out models.xlsx
        analytics-hub export query -m cost_usd --granularity day --last 4w --format csv --out days.csv
    """
    with told():
        question = {
            "measures": measure,
            "dimensions": by or [],
            "filters": [to_condition(text) for text in where or []],
            "time_range": to_time_range(last, start, end),
            "granularity": granularity,
            "time_zone": time_zone,
            "order_by": [to_order(text) for text in order_by or []],
            "limit": limit,
        }
        asked = {"what": "query", "question": question}
        _fetch(asked, form, out, Target(url, tenant, data_dir, config), force=force, quiet=quiet)


@export.command("assets")
def assets(
    out: Out,
    form: Form = Format.CSV,
    column: Columns = None,
    force: Force = False,
    quiet: Quiet = False,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Write what the hub knows of the registry's assets to a file.

    **Examples**

        analytics-hub export assets --format csv --out assets.csv
    """
    with told():
        asked = {"what": "assets", **({"columns": column} if column else {})}
        _fetch(asked, form, out, Target(url, tenant, data_dir, config), force=force, quiet=quiet)


def _fetch(
    asked: Mapping[str, Any], form: Format, out: Path, target: Target, *, force: bool, quiet: bool
) -> None:
    check_out(out, force=force)
    wish = {**asked, "format": form.value}
    with connected(target) as hub, _shown(quiet=quiet) as report:
        done = ExportFetch(hub, out, report).fetch(wish, f"{target.name} {target.tenant}")
    if not quiet:
        text = f"{done['rows']:,} rows, {done['bytes']:,} bytes, SHA-256 {done['sha256']}: {out}"
        console(stderr=True).print(text, soft_wrap=True, markup=False)


@contextmanager
def _shown(*, quiet: bool) -> Iterator[Report]:
    """A bar on a terminal; into a pipe or file nothing."""
    screen = console(stderr=True)
    parts = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
             TextColumn("{task.completed:,.0f}"))  # fmt: skip
    is_off = quiet or not screen.is_terminal
    with Progress(*parts, console=screen, disable=is_off, transient=True) as bar:
        task = bar.add_task("waiting", total=None)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total
        )
