"""`analytics-hub dead-letters`: refused events, why, another try, or away with them."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.cli.output import UNKNOWN, ListForm, console, printable, table_of
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

dead_letters = typer.Typer(help="Refused events: list, show, replay, purge.", no_args_is_help=True)

_LISTED = ("letter_id", "received_at", "door", "source", "code", "message")

Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]…", help="Letters, as `list` names them.", show_default=False),
]
All = Annotated[bool, typer.Option("--all", help="Every letter of the tenant.")]


@dead_letters.command("list")
def show_list(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most letters.")] = 20,
    form: Annotated[ListForm, typer.Option("--format")] = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """List refused events, newest first.

    **Examples**

        analytics-hub dead-letters list
        analytics-hub dead-letters list --limit 500 --format json
    """
    with told(), connected(Target(url, tenant, data_dir, config)) as hub:
        letters = hub.dead_letters(limit)
    if form is ListForm.JSON:
        _write_json(letters)
    elif not letters:
        console().print("no dead letters")
    else:
        rows = [[letter.get(name) or UNKNOWN for name in _LISTED] for letter in letters]
        console().print(table_of(_LISTED, rows))


@dead_letters.command()
def show(
    letter_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Show one refused event whole: the reason, and its payload.

    **Examples**

        analytics-hub dead-letters show 6714621c3e83e9deea2806f39c7becec
    """
    with told(), connected(Target(url, tenant, data_dir, config)) as hub:
        letter = hub.dead_letter(letter_id)
    width = max(map(len, letter))
    for name, value in letter.items():
        sys.stdout.write(f"{name:<{width}}  {UNKNOWN if value is None else printable(value)}\n")


@dead_letters.command()
def replay(
    ids: Ids = None,
    everything: All = False,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Offer refused events again: those accepted now leave the list.

    Exit code 1 when none of them was accepted.

    **Examples**

        analytics-hub dead-letters replay --all
        analytics-hub dead-letters replay 6714621c3e83e9deea2806f39c7becec
    """
    with told(), connected(Target(url, tenant, data_dir, config)) as hub:
        done = hub.replay(_chosen(ids, everything=everything))
    console().print(_replayed(done), markup=False)
    if done["tried"] and not done["stored"]:
        raise typer.Exit(1)


@dead_letters.command()
def purge(
    ids: Ids = None,
    everything: All = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --all: do not ask.")] = False,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Forget refused events for good.

    **Examples**

        analytics-hub dead-letters purge 6714621c3e83e9deea2806f39c7becec
        analytics-hub dead-letters purge --all --yes
    """
    with told():
        chosen = _chosen(ids, everything=everything)
        if everything and not yes:
            typer.confirm(f"forget all dead letters of tenant {tenant}?", abort=True)
        with connected(Target(url, tenant, data_dir, config)) as hub:
            purged = hub.purge(chosen)
    console().print(f"{purged:,} purged")


def _chosen(ids: Sequence[str] | None, *, everything: bool) -> Sequence[str]:
    """The ids; none means all. Raises: InvalidInputError unless exactly one of both is said."""
    if bool(ids) == everything:
        raise InvalidInputError(
            "name the letters by their ids, or say --all", code="no_letters_named"
        )
    return ids or []


def _replayed(done: Mapping[str, Any]) -> str:
    reasons = ", ".join(f"{count:,} {code}" for code, count in sorted(done["reasons"].items()))
    stay = f", {done['remaining']:,} stay ({reasons})" if done["remaining"] else ""
    return f"{done['tried']:,} tried, {done['stored']:,} stored{stay}"


def _write_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
