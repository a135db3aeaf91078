"""Exports: what is asked, and the course of one from the order to the file."""

import os
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from llm_analytics_hub.client.answers import JSON, read_object
from llm_analytics_hub.client.call import NOTHING, Call
from llm_analytics_hub.client.download import Download
from llm_analytics_hub.client.filters import Where, joined
from llm_analytics_hub.client.requests import as_json, query, quoted
from llm_analytics_hub.client.times import Moment, Span, to_time_range
from llm_analytics_hub.errors import InvalidInputError, UnavailableError

PATH = "/api/v1/exports"
LOOK_FIRST_SECONDS, LOOK_EVERY_SECONDS = 0.1, 2.0

Step = Call[dict[str, Any]] | float | Download
Course = Generator[Step, dict[str, Any] | None, dict[str, Any]]
"""Steps to take: a call, whose answer is sent back; seconds to wait; a file to fetch."""


def export(
    what: str = "events",
    *,
    format: str = "parquet",  # noqa: A002 - the hub's own word
    to: str | os.PathLike[str] | None = None,
    where: Where = (),
    last: Span | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    period: str | None = None,
    columns: Sequence[str] = (),
    question: Mapping[str, Any] = NOTHING,
    destination: str | None = None,
    prefix: str | None = None,
) -> Course:
    """An export when it is done: `rows`, `bytes`, `sha256`; its file is then at `to`, and whole.

    `what`: events, assets or query; a query has a `question`, the members of `query`. `format`:
    csv, jsonl, parquet, arrow, xlsx. Instead of `to`, the hub may send it to a `destination` of its
    settings. Raises: InvalidQueryError; UnavailableError with the export's own code if it failed.
    """
    if to is not None and destination is not None:
        raise InvalidInputError("an export goes `to` a file here, or to a `destination`, not both")
    said = {
        "what": what,
        "format": format,
        "filters": joined(where),
        "time_range": to_time_range(last, start, end, period),
        "columns": list(columns),
        "question": msgspec.Raw(query(**question).content or b"") if question else None,
        "destination": destination,
        "prefix": prefix,
    }
    body = {name: value for name, value in said.items() if value}
    order = Call(
        "POST", PATH, read_object, headers={"content-type": JSON}, content=as_json(body), silences=1
    )
    return _course(order, None if to is None else Path(to))


def _course(order: Call[dict[str, Any]], to: Path | None) -> Course:
    told = _told((yield order))
    pause = LOOK_FIRST_SECONDS
    while told["status"] in {"queued", "running"}:
        yield pause
        told = _told((yield Call("GET", f"{PATH}/{quoted(told['id'])}", read_object)))
        pause = min(2 * pause, LOOK_EVERY_SECONDS)
    if told["status"] != "done":
        fault = told.get("error", NOTHING)
        why = fault.get("message", told["status"])
        raise UnavailableError(f"the export failed: {why}", code=fault.get("code", "export_failed"))
    if to is not None:
        yield Download(f"{PATH}/{quoted(told['id'])}/data", to, told["sha256"])
    return told


def _told(answer: dict[str, Any] | None) -> dict[str, Any]:
    assert answer is not None  # noqa: S101 - calls are answered
    return answer
