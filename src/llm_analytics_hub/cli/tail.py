"""`analytics-hub tail`: show events as they are stored."""

import contextlib
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.cli.output import console, printable
from llm_analytics_hub.cli.target import DEFAULT_URL, Tenant, Url
from llm_analytics_hub.client import Frame, Hub
from llm_analytics_hub.errors import InvalidInputError, UnsupportedError
from llm_analytics_hub.query.words import to_condition

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


class LineForm(StrEnum):
    """How an event is written."""

    LINE = "line"
    JSON = "json"


Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        "-w",
        help="Only events with field=value, or != > >= < <= ~ (contains) ^= (prefix), 'field in a,b', 'field exists'. All must hold.",
    ),
]
Several = Annotated[list[str] | None, typer.Option(help="Only this; several may be given.")]
Since = Annotated[str | None, typer.Option(help="Go on behind this cursor.", metavar="CURSOR")]
Resume = Annotated[
    Path | None,
    typer.Option(help="Keep the cursor in this file, and go on behind it.", dir_okay=False),
]
Limit = Annotated[int | None, typer.Option(min=1, help="End after so many events.")]
NoFolder = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Not possible here: only a running hub has a live stream."),
]


def tail(
    where: Where = None,
    source: Several = None,
    stream: Several = None,
    event_type: Several = None,
    severity: Several = None,
    since: Since = None,
    resume: Resume = None,
    limit: Limit = None,
    form: Annotated[
        LineForm, typer.Option("--format", help="json: one event a line, as the hub has it.")
    ] = LineForm.LINE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: NoFolder = None,
) -> None:
    """Show events as they are stored, until Ctrl-C.

    When the hub goes away, it is waited for, and nothing is lost or repeated. What this terminal
    was too slow for is told on stderr.

    **Examples**

        analytics-hub tail
        analytics-hub tail --source sentinel --source policy-engine --severity critical
        analytics-hub tail --where 'latency_ms>2000' --where 'model^=gpt' --format json
        analytics-hub tail --resume tail.cursor --format json >> events.ndjson
    """
    with told(), _interruptible():
        if data_dir is not None:
            raise UnsupportedError(
                "tail shows what a running hub stores, and a folder has no hub that runs: start "
                f"`analytics-hub serve --data-dir {data_dir}`, then tail with --url"
            )
        hub = Hub(url, tenant=tenant, hint=" with --url")
        watched = hub.stream(
            where=[to_condition(text) for text in where or []],
            source=source,
            stream=stream,
            event_type=event_type,
            severity=severity,
            cursor=_cursor(since, resume),
        )
        with hub, contextlib.closing(watched.frames()) as frames:
            _show(frames, form, limit, resume)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def _cursor(since: str | None, resume: Path | None) -> str | None:
    if since and resume and resume.exists():
        raise InvalidInputError(f"say --since, or --resume with a file: {resume} has a cursor")
    return resume.read_text("utf-8").strip() if resume and resume.exists() else since


def _show(frames: Iterator[Frame], form: LineForm, limit: int | None, resume: Path | None) -> None:
    left = limit
    for frame in frames:
        if frame.missed:
            at_most = "up to " if frame.missed.is_at_most else ""
            text = f"missed {at_most}{frame.missed.events:,} events: this reader was too slow"
            console(stderr=True).print(text, style="yellow")
        for line in _lines(frame, form)[:left]:
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
        size = len(frame.texts)
        if resume is not None and (left is None or size <= left):
            _keep(resume, frame.cursor)
        left = None if left is None else left - size
        if left is not None and left <= 0:
            return


def _lines(frame: Frame, form: LineForm) -> list[str]:
    if form is LineForm.JSON:
        return [text.decode() for text in frame.texts]
    return [_line(event) for event in frame.events]


def _line(event: dict[str, Any]) -> str:
    """An event for people: when, what, how bad, where, how long, how much."""
    at = f"{event['occurred_at']:%Y-%m-%d %H:%M:%S}"
    known = [event.get(name) for name in ("severity", "status", "service", "model", "asset_id")]
    latency, cost = event.get("latency_ms"), event.get("cost_usd")
    numbers = [] if latency is None else [f"{latency:,.1f} ms"]
    numbers += [] if cost is None else [f"{cost.normalize():f} USD"]
    words = [at, event["source"], event["event_type"], *filter(None, known), *numbers]
    return "  ".join(printable(word) for word in (*words, event["event_id"]))


def _keep(file: Path, cursor: str) -> None:
    """Write the cursor whole or not at all."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(cursor + "\n", "utf-8")
    new.replace(file)
