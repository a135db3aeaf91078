"""The alerts of a hub, asked by the commands, and options that they share."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
import typer

from llm_analytics_hub.cli.client import HubClient
from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.cli.output import UNKNOWN, ListForm, console, table_of
from llm_analytics_hub.cli.target import Target, connected
from llm_analytics_hub.client.answers import JSON

ROOT = "/api/v1/alerts"
PAGE = 200

Form = Annotated[ListForm, typer.Option("--format", help="A table, or JSON as the hub has it.")]
By = Annotated[
    str | None,
    typer.Option("--by", envvar=["USER", "USERNAME"], help="Who does it, for the audit."),
]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="Most lines.")]
Json = dict[str, Any]


class AlertHub:
    """The doors of alerts; what is asked for comes back as JSON. Raises: the hub's own errors."""

    def __init__(self, hub: HubClient, by: str | None = None) -> None:
        self._hub = hub
        # As bytes: a name need not be ASCII.
        self._headers = {"x-user": by.encode()} if by else {}

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, **params: Any) -> Json:  # fmt: skip
        """The answer of a door; parameters that are None are not said."""
        said = {name: value for name, value in params.items() if value not in (None, [])}
        content, headers = None, dict(self._headers)
        if body is not None:
            content, headers["content-type"] = msgspec.json.encode(body), JSON.encode()
        answer = self._hub.call(
            method, f"{ROOT}/{path}", params=said, headers=headers, content=content
        )
        found: Json = msgspec.json.decode(answer)
        return found

    def pages(
        self, path: str, member: str, limit: int, *, page: int = PAGE, **params: Any
    ) -> list[Json]:
        """The first `limit` of a list that comes in pages."""
        found: list[Json] = []
        cursor = None
        while True:
            size = min(page, limit - len(found))
            answer = self.ask("GET", path, **params, limit=size, cursor=cursor)
            found += answer[member]
            cursor = answer["next_cursor"]
            if cursor is None or len(found) >= limit:
                return found


@contextmanager
def asking(target: Target, by: str | None = None) -> Iterator[AlertHub]:
    """The alerts of a hub; errors are told, and end the command."""
    with told(), connected(target) as hub:
        yield AlertHub(hub, by)


def part(text: str) -> str:
    """A name as a part of a path."""
    return quote(text, safe="")


def show(rows: Sequence[Json], columns: Sequence[str], form: ListForm, nothing: str) -> None:
    """Write a list as a table of some of its members, or as JSON."""
    if form is ListForm.JSON:
        write_json(rows)
    elif not rows:
        console().print(nothing, markup=False)
    else:
        console().print(table_of(columns, [[text_of(row.get(c)) for c in columns] for row in rows]))


def write_json(value: object) -> None:
    """Write JSON for people and programs."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def text_of(value: object) -> str:
    """A member for people."""
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return " ".join(f"{name}={one}" for name, one in value.items()) or UNKNOWN
    if isinstance(value, list):
        return ", ".join(map(str, value)) or UNKNOWN
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def time_of(moment: str | None) -> str:
    """A moment of the API, to the second."""
    return UNKNOWN if moment is None else moment[:19].replace("T", " ")
