"""`analytics-hub alerts rules`: what is watched."""

from typing import Annotated

import typer

from llm_analytics_hub.cli.alerts.file import File, RuleFile
from llm_analytics_hub.cli.alerts.hub import (
    By,
    Form,
    Json,
    Limit,
    asking,
    part,
    show,
    time_of,
    write_json,
)
from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.cli.output import ListForm, console
from llm_analytics_hub.cli.target import DEFAULT_URL, StoreConfig, StoreDir, Target, Tenant, Url

rules = typer.Typer(help="Rules: list, show, apply a file, remove, pause.", no_args_is_help=True)

_LISTED = ("name", "kind", "version", "source", "state", "active", "evaluated", "took_ms", "error")
_VERSIONS = ("version", "at", "by", "action")
Name = Annotated[str, typer.Argument(help="A rule, as `list` names it.", show_default=False)]
Version = Annotated[
    int | None, typer.Option(min=0, help="Only if this is its version now, as `show` says.")
]


@rules.command("list")
def show_list(
    kind: Annotated[str | None, typer.Option(help="Only of this kind: threshold, match, …")] = None,
    contains: Annotated[str | None, typer.Option(help="Only with this text in the name.")] = None,
    limit: Limit = 1_000,
    form: Form = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """List rules: shipped ones, those of files, your own; how the last evaluation went.

    **Examples**

        analytics-hub alerts rules list
        analytics-hub alerts rules list --kind anomaly --format json
    """
    with asking(Target(url, tenant, data_dir, config)) as hub:
        found = hub.pages("rules", "rules", limit, kind=kind, contains=contains)
    rows = found if form is ListForm.JSON else [_row(one) for one in found]
    show(rows, _LISTED, form, "no rules")


@rules.command("show")
def show_one(
    name: Name,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Show one rule whole, as JSON.

    **Examples**

        analytics-hub alerts rules show hub-cpu
    """
    with asking(Target(url, tenant, data_dir, config)) as hub:
        write_json(hub.ask("GET", f"rules/{part(name)}"))


@rules.command()
def apply(
    file: File,
    by: By = None,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Define the rules and budgets of a file, all or none; what is the same stays as it is.

    **Examples**

        analytics-hub alerts rules apply rules.yaml
        analytics-hub alerts rules apply rules/ --by ada
    """
    with told():
        given = RuleFile(file, tenant)
        with asking(Target(url, tenant, data_dir, config), by) as hub:
            checked = hub.ask("POST", "rules/check", given.body)
            if not checked["valid"]:
                raise given.faults(checked["faults"])
            done = hub.ask("POST", "rules", given.body)
    for one in (*done["budgets"], *done["rules"]):
        console().print(f"{one['name']} is at version {one['version']}", markup=False)


@rules.command()
def remove(
    name: Name,
    version: Version = None,
    by: By = None,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Remove a rule; a default that it replaced works again.

    **Examples**

        analytics-hub alerts rules remove error-rate
        analytics-hub alerts rules remove error-rate --version 3
    """
    with asking(Target(url, tenant, data_dir, config), by) as hub:
        done = hub.ask("DELETE", f"rules/{part(name)}", expected=version)
    console().print(
        f"{name} is removed" + (": the default works again" if done["now"] else ""), markup=False
    )


@rules.command()
def pause(
    name: Name,
    version: Version = None,
    by: By = None,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Judge a rule no more, until it is resumed.

    **Examples**

        analytics-hub alerts rules pause error-rate --by ada
    """
    _switch(Target(url, tenant, data_dir, config), name, "pause", version, by)


@rules.command()
def resume(
    name: Name,
    version: Version = None,
    by: By = None,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Have a rule that was paused go on.

    **Examples**

        analytics-hub alerts rules resume error-rate
    """
    _switch(Target(url, tenant, data_dir, config), name, "resume", version, by)


@rules.command()
def versions(
    name: Name,
    form: Form = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """List every version of a rule: when it was made, and by whom.

    **Examples**

        analytics-hub alerts rules versions error-rate
    """
    with asking(Target(url, tenant, data_dir, config)) as hub:
        found = hub.ask("GET", f"rules/{part(name)}/versions")["versions"]
    show(found, _VERSIONS, form, f"{name} is as it was shipped")


def _switch(target: Target, name: str, action: str, version: int | None, by: str | None) -> None:
    with asking(target, by) as hub:
        done = hub.ask("POST", f"rules/{part(name)}/{action}", expected=version)
    said = "paused" if done["is_paused"] else "judged"
    console().print(f"{name} is {said}, version {done['version']}", markup=False)


def _row(one: Json) -> Json:
    evaluation = one["evaluation"]
    state = "off" if one["is_off"] else "paused" if one["is_paused"] else "on"
    times = {"evaluated": time_of(evaluation["at"]), "took_ms": evaluation["took_ms"]}
    return {**one, "state": state, **times, "error": evaluation["error"]}
