"""Which dead letters a command means, and all of them, page by page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from llm_analytics_hub.cli.client import HubClient
from llm_analytics_hub.errors import InvalidInputError

PAGE = 1_000

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]…", help="Letters, as `list` names them.", show_default=False),
]
All = Annotated[bool, typer.Option("--all", help="Every letter of the tenant.")]
OfSource = Annotated[str | None, typer.Option("--source", help="Only of this sender.")]
OfDoor = Annotated[
    str | None,
    typer.Option("--door", help="Only what came in there: events, otlp, ingest/costops, …"),
]
OfCode = Annotated[str | None, typer.Option("--code", help="Only refused for this reason.")]
Containing = Annotated[
    str | None, typer.Option("--contains", help="Only with this text in the message; case matters.")
]
Since = Annotated[
    str | None, typer.Option("--from", help="Only received then or later: 2025-11-19T10:00Z.")
]
Until = Annotated[str | None, typer.Option("--to", help="Only received before.")]


def filters(
    source: str | None,
    door: str | None,
    code: str | None,
    contains: str | None,
    start: str | None,
    end: str | None,
) -> dict[str, str]:
    """What was said of the letters, as the hub's API takes it."""
    said = {"source": source, "door": door, "code": code, "contains": contains}
    said |= {"from": start, "to": end}
    return {name: value for name, value in said.items() if value is not None}


def chosen(
    ids: Sequence[str] | None, where: Mapping[str, str], *, everything: bool
) -> Sequence[str]:
    """The ids; none means all that meet `where`.

    Raises: InvalidInputError unless exactly one of ids, filters and --all is said.
    """
    if [bool(ids), bool(where), everything].count(True) != 1:
        message = (
            "name the letters by their ids, by filters such as --code, or say --all: one of them"
        )
        raise InvalidInputError(message, code="no_letters_named")
    return ids or []


def letters_of(
    hub: HubClient, where: Mapping[str, str], limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """The newest `limit` letters, and whether the tenant has all it may keep."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = hub.dead_letters(min(PAGE, limit - len(found)), where, cursor)
        found += page["dead_letters"]
        cursor = page["next_cursor"]
        if cursor is None or len(found) >= limit:
            return found, page["limit_reached"]


def replayed(
    call: Callable[[str | None], Mapping[str, Any]],
) -> Iterator[dict[str, Any]]:
    """What became of the letters so far, after each call with the cursor of the one before."""
    done: dict[str, Any] = {"tried": 0, "stored": 0, "repeats": 0, "remaining": 0, "reasons": {}}
    cursor = None
    while True:
        more = call(cursor)
        done = _sum(done, more)
        yield done
        if (cursor := more["next_cursor"]) is None:
            return


def _sum(done: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    names = ("tried", "stored", "repeats", "remaining")
    reasons = dict(done["reasons"])
    for code, count in more["reasons"].items():
        reasons[code] = reasons.get(code, 0) + count
    return {name: done[name] + more[name] for name in names} | {"reasons": reasons}
