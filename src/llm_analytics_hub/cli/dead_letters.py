"""`analytics-hub dead-letters`: refused events, why, another try, or away with them."""

import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.cli.letter_options import (
    All,
    Containing,
    Ids,
    OfCode,
    OfDoor,
    OfSource,
    Since,
    Until,
    chosen,
    filters,
    letters_of,
    replayed,
)
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

dead_letters = typer.Typer(help="Refused events: list, show, replay, purge.", no_args_is_help=True)

_LISTED = ("letter_id", "received_at", "door", "source", "code", "message")

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would become of them; change nothing.")
]

_FULL = (
    "the tenant has all the dead letters it may: what is refused now is counted, not kept. "
    "Replay or purge some, or raise ingest.dead_letters.per_tenant_rows"
)


@dead_letters.command("list")
def show_list(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Most letters.")] = 20,
    source: OfSource = None,
    door: OfDoor = None,
    code: OfCode = None,
    contains: Containing = None,
    start: Since = None,
    end: Until = None,
    form: Annotated[ListForm, typer.Option("--format")] = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """List refused events, newest first.

    **Examples**

        analytics-hub dead-letters list
        analytics-hub dead-letters list --code timestamp_in_future --source costops
        analytics-hub dead-letters list --limit 5000 --format json
    """
    where = filters(source, door, code, contains, start, end)
    with told(), connected(Target(url, tenant, data_dir, config)) as hub:
        letters, is_full = letters_of(hub, where, limit)
    if is_full:
        console(stderr=True).print(_FULL, style="yellow", markup=False)
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
    source: OfSource = None,
    door: OfDoor = None,
    code: OfCode = None,
    contains: Containing = None,
    start: Since = None,
    end: Until = None,
    dry_run: DryRun = False,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Offer refused events again: those accepted now leave the list.

    What was stored before is not stored again. Exit code 1 when none of them was accepted.

    **Examples**

        analytics-hub dead-letters replay --code timestamp_in_future --dry-run
        analytics-hub dead-letters replay --code timestamp_in_future
        analytics-hub dead-letters replay --all
        analytics-hub dead-letters replay 6714621c3e83e9deea2806f39c7becec
    """
    where = filters(source, door, code, contains, start, end)
    with told(), console(stderr=True).status("replaying") as status:
        named = chosen(ids, where, everything=everything)
        with connected(Target(url, tenant, data_dir, config)) as hub:
            for done in replayed(lambda at: hub.replay(named, where, at, dry_run=dry_run)):
                status.update(_told(done, dry_run=dry_run))
    console().print(_told(done, dry_run=dry_run), markup=False)
    if done["tried"] == done["remaining"] > 0:
        raise typer.Exit(1)


@dead_letters.command()
def purge(
    ids: Ids = None,
    everything: All = False,
    source: OfSource = None,
    door: OfDoor = None,
    code: OfCode = None,
    contains: Containing = None,
    start: Since = None,
    end: Until = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without ids: do not ask.")] = False,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Forget refused events for good.

    **Examples**

        analytics-hub dead-letters purge 6714621c3e83e9deea2806f39c7becec
        analytics-hub dead-letters purge --to 2025-11-01 --yes
        analytics-hub dead-letters purge --all --yes
    """
    where = filters(source, door, code, contains, start, end)
    with told():
        named = chosen(ids, where, everything=everything)
        if not named and not yes:
            which = " and ".join(f"{name} {value}" for name, value in where.items()) or "all"
            typer.confirm(f"forget dead letters of tenant {tenant}: {which}?", abort=True)
        with connected(Target(url, tenant, data_dir, config)) as hub:
            purged = hub.purge(named, where)
    console().print(f"{purged:,} purged")


def _told(done: Mapping[str, Any], *, dry_run: bool) -> str:
    reasons = ", ".join(f"{count:,} {code}" for code, count in sorted(done["reasons"].items()))
    would = "would be " if dry_run else ""
    parts = [f"{done['tried']:,} tried", f"{done['stored']:,} {would}stored"]
    if done["repeats"]:
        parts.append(f"{done['repeats']:,} stored before")
    if done["remaining"]:
        parts.append(f"{done['remaining']:,} {'would ' if dry_run else ''}stay ({reasons})")
    return ", ".join(parts)


def _write_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
