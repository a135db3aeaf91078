"""`analytics-hub ingest`: import files of events."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from llm_analytics_hub.cli.client import HubClient
from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.cli.imports.account import account, progress
from llm_analytics_hub.cli.imports.checkpoint import Checkpoint
from llm_analytics_hub.cli.imports.files import Format, format_of
from llm_analytics_hub.cli.imports.mapping import read_mapping
from llm_analytics_hub.cli.imports.native import send_native
from llm_analytics_hub.cli.imports.run import Import, Tally
from llm_analytics_hub.cli.imports.source import Source, kept_on_disk
from llm_analytics_hub.cli.output import console, printable
from llm_analytics_hub.cli.target import (
    DEFAULT_URL,
    StoreConfig,
    StoreDir,
    Target,
    Tenant,
    Url,
    connected,
)
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.settings import environment

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

STDIN = Path("-")

Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE…",
        show_default=False,
        help="CSV, JSON lines or Parquet, also .gz; - is standard input.",
    ),
]
Maps = Annotated[
    list[str] | None, typer.Option("--map", help="field=COLUMN: which column is which field.")
]
Sets = Annotated[
    list[str] | None, typer.Option("--set", help="field=value, the same for every row.")
]
KeepRest = Annotated[
    bool, typer.Option("--keep-rest", help="With --map: keep all other columns, as attributes.")
]
Form = Annotated[
    Format | None,
    typer.Option(
        "--format", help="What the files hold. [default: as their names say; jsonl for -]"
    ),
]
Delimiter = Annotated[
    str | None,
    typer.Option(help="What separates the cells of a CSV. [default: comma; tab for .tsv]"),
]
Strict = Annotated[
    bool, typer.Option("--fail-on-refused", help="Exit with 1 if any row was refused.")
]
FromStart = Annotated[
    bool, typer.Option("--no-resume", help="Start over, even if the same import was interrupted.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")]


Module = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="MODULE",
        help="The files are of this module, in its own shapes: registry, policy-engine, marketplace, "
        "observatory, sentinel, costops, governance-dashboard.",
    ),
]


def ingest(
    files: Files,
    source: Module = None,
    form: Form = None,
    maps: Maps = None,
    sets: Sets = None,
    keep_rest: KeepRest = False,
    delimiter: Delimiter = None,
    fail_on_refused: Strict = False,
    no_resume: FromStart = False,
    quiet: Quiet = False,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Import files of events; every row becomes one event.

    Importing a file twice changes nothing, and two equal rows stay two: a row's id comes from the
    file's content and the row's number, unless a column `event_id` is there or mapped. After an
    interruption, the same command goes on.

    Columns named like a field (`source`, `event_type`, `occurred_at`, `model`, `input_tokens`, …,
    `attributes.<name>`) are taken as they are. Others are kept as attributes; with --map they are
    dropped, unless --keep-rest is said. JSON lines without --map may be of any form that
    `POST /api/v1/events` reads. With --source, files are JSON, JSON lines or CSV as the module
    writes them, sent whole; only the file and the hub are looked at, not the other options.

    Exit code 1 when every row was refused, or any with --fail-on-refused.

    **Examples**

        analytics-hub ingest events.jsonl
        analytics-hub ingest calls.csv --map occurred_at=TIMESTAMP --map input_tokens=ContextTokens --set source=observatory --set event_type=inference.completed
        analytics-hub ingest 2025-*.parquet --set attributes.team=search --tenant acme
        analytics-hub ingest costs.csv --source costops
        zcat old.jsonl.gz | analytics-hub ingest - --set source=archive
    """
    target = Target(url, tenant, data_dir, config)
    with told():
        mapping = read_mapping(maps or [], sets or [], keep_rest=keep_rest)
        tallies = []
        with connected(target, may_create=True) as hub:
            for path in files:
                with _on_disk(path) as (file, name):
                    if source is not None:
                        tallies.append(_native(hub, source, file, name))
                        continue
                    rows = Source(file, name, form or _form_of(path), delimiter, mapping)
                    checkpoint = _checkpoint(rows, target, resume=not no_resume)
                    tallies.append(_import(rows, hub, checkpoint, quiet=quiet))
    if any(_failed(tally, strict=fail_on_refused) for tally in tallies):
        raise typer.Exit(1)


@contextmanager
def _on_disk(path: Path) -> Iterator[tuple[Path, str]]:
    """A file and its name; standard input as a file."""
    if path != STDIN:
        if not path.is_file():
            raise InvalidInputError(f"there is no file {path}", code="no_such_file")
        yield path, path.name
        return
    with kept_on_disk(sys.stdin.buffer) as copy:
        yield copy, "stdin"


def _form_of(path: Path) -> Format:
    return Format.JSONL if path == STDIN else format_of(path)


def _native(hub: HubClient, module: str, path: Path, name: str) -> Tally:
    tally = send_native(hub, module, path, name)
    sys.stdout.write(account(name, tally, finished=True))
    return tally


def _import(source: Source, hub: HubClient, checkpoint: Checkpoint, *, quiet: bool) -> Tally:
    finished = False
    with progress(console(stderr=True), quiet=quiet) as bar:
        task = bar.add_task(printable(source.name), total=source.rows_about)
        run = Import(
            hub,
            checkpoint,
            lambda tally: bar.update(task, completed=tally.skipped + tally.answered),
        )
        try:
            run.run(source.batches)
            finished = True
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        finally:
            bar.stop()
            sys.stdout.write(account(source.name, run.tally, finished=finished))
    return run.tally


def _checkpoint(source: Source, target: Target, *, resume: bool) -> Checkpoint:
    base = environment("XDG_STATE_HOME", "") or "~/.local/state"
    folder = Path(base).expanduser() / "analytics-hub" / "imports"
    checkpoint = Checkpoint(folder, target.name, target.tenant, *source.identity)
    if not resume:
        checkpoint.clear()
    return checkpoint


def _failed(tally: Tally, *, strict: bool) -> bool:
    refused = tally.refused.total()
    return bool(refused) and (strict or refused == tally.answered)
