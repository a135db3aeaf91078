"""`analytics-hub integrations`: the modules, and the connections that the hub keeps up to them."""

import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.cli.output import UNKNOWN, ListForm, console, table_of
from llm_analytics_hub.cli.target import DEFAULT_URL, Target, Tenant, Url, connected

integrations = typer.Typer(
    help="The modules: what came from each; their connectors, pause and resume.",
    no_args_is_help=True,
)

_MODULES = ("module", "accepted", "duplicates", "refused", "connectors")
_CONNECTORS = ("name", "module", "kind", "phase", "accepted", "duplicates", "rejected", "sent",
               "lag_seconds", "last_error")  # fmt: skip

Name = Annotated[str, typer.Argument(help="A connector, as `list` names it.", show_default=False)]


@integrations.command("list")
def show_list(
    form: Annotated[ListForm, typer.Option("--format")] = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
) -> None:
    """List the modules and the connectors; events are counted since the hub started.

    **Examples**

        analytics-hub integrations list
        analytics-hub integrations list --format json
    """
    with told(), connected(Target(url, tenant, None, None)) as hub:
        modules = hub.integrations()
    if form is ListForm.JSON:
        sys.stdout.write(json.dumps(modules, ensure_ascii=False, indent=2) + "\n")
        return
    console().print(table_of(_MODULES, [_module_row(one) for one in modules]))
    connectors = [connector for one in modules for connector in one["connectors"]]
    if connectors:
        rows = [[_text(one.get(name)) for name in _CONNECTORS] for one in connectors]
        console().print(table_of(_CONNECTORS, rows))


@integrations.command()
def pause(name: Name, url: Url = DEFAULT_URL, tenant: Tenant = "default") -> None:
    """Stop a connector until it is resumed, also over restarts of the hub.

    **Examples**

        analytics-hub integrations pause sentinel-alerts
    """
    _turn(Target(url, tenant, None, None), name, "pause")


@integrations.command()
def resume(name: Name, url: Url = DEFAULT_URL, tenant: Tenant = "default") -> None:
    """Go on with a connector that was paused, where it stopped.

    **Examples**

        analytics-hub integrations resume sentinel-alerts
    """
    _turn(Target(url, tenant, None, None), name, "resume")


def _turn(target: Target, name: str, action: str) -> None:
    with told(), connected(target) as hub:
        state = hub.turn_connector(name, action)
    console().print(f"{state['name']} is {state['phase']}", markup=False)


def _module_row(module: Mapping[str, Any]) -> list[str]:
    counts = (_text(module["events"][name]) for name in ("accepted", "duplicates", "refused"))
    names = ", ".join(connector["name"] for connector in module["connectors"])
    return [module["module"], *counts, names or UNKNOWN]


def _text(value: object) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:,}" if isinstance(value, int | float) else str(value)
