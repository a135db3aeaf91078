"""`analytics-hub alerts silence`: quiet about what matches, for a time."""

from typing import Annotated, Any

import typer

from llm_analytics_hub.cli.alerts.hub import By, Form, Json, asking, part, show, time_of
from llm_analytics_hub.cli.output import ListForm, console
from llm_analytics_hub.cli.target import DEFAULT_URL, StoreConfig, StoreDir, Target, Tenant, Url

silence = typer.Typer(help="Silences and maintenance: add, list, expire.", no_args_is_help=True)

_LISTED = ("id", "kind", "state", "starts", "ends", "by", "match", "reason")
Match = Annotated[
    list[str],
    typer.Argument(help='Labels that must hold: alertname=error-rate, model=~"gpt-4.*"'),
]


@silence.command()
def add(
    match: Match,
    reason: Annotated[str, typer.Option(help="Why.", show_default=False)],
    lasts: Annotated[str | None, typer.Option("--for", help="For so long: 30m, 2h, 3d.")] = None,
    ends: Annotated[str | None, typer.Option("--until", help="Or until then.")] = None,
    starts: Annotated[str | None, typer.Option("--from", help="From then on; now.")] = None,
    maintenance: Annotated[bool, typer.Option(help="It is planned work.")] = False,
    by: By = None,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Be quiet about alerts whose labels match, for a time.

    **Examples**

        analytics-hub alerts silence add alertname=error-rate --for 2h --reason 'known outage'
        analytics-hub alerts silence add 'model=~"gpt-4.*"' --until 2025-12-01T06:00Z --reason move --maintenance
    """
    said = {"starts": starts, "ends": ends, "lasts": lasts}
    body: dict[str, Any] = {
        "match": match,
        "reason": reason,
        "kind": "maintenance" if maintenance else "silence",
        **{name: value for name, value in said.items() if value is not None},
    }
    with asking(Target(url, tenant, data_dir, config), by) as hub:
        made = hub.ask("POST", "silences", body)
    console().print(f"silence {made['id']} until {time_of(made['ends'])} UTC", markup=False)


@silence.command("list")
def show_list(
    state: Annotated[str | None, typer.Option(help="active, pending or expired.")] = None,
    form: Form = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """List silences: in force, to come, ended in the last five days.

    **Examples**

        analytics-hub alerts silence list --state active
    """
    with asking(Target(url, tenant, data_dir, config)) as hub:
        found = hub.ask("GET", "silences", state=state)["silences"]
    rows = found if form is ListForm.JSON else [_row(one) for one in found]
    show(rows, _LISTED, form, "no silences")


@silence.command()
def expire(
    silence_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    by: By = None,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """End a silence now.

    **Examples**

        analytics-hub alerts silence expire 2cbb6b46225f4eb0be597f0d9c80da42
    """
    with asking(Target(url, tenant, data_dir, config), by) as hub:
        done = hub.ask("DELETE", f"silences/{part(silence_id)}")
    console().print(f"silence {done['id']} has ended", markup=False)


def _row(one: Json) -> Json:
    return {**one, "starts": time_of(one["starts"]), "ends": time_of(one["ends"])}
