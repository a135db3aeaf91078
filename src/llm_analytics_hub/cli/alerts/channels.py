"""`analytics-hub alerts channels` and `deliveries`: who can be told, and what became of it."""

from typing import Annotated

import typer

from llm_analytics_hub.cli.alerts.hub import Form, Json, Limit, asking, part, show, time_of
from llm_analytics_hub.cli.output import ListForm, console
from llm_analytics_hub.cli.target import DEFAULT_URL, StoreConfig, StoreDir, Target, Tenant, Url

channels = typer.Typer(help="Channels: list, send a test.", no_args_is_help=True)
deliveries = typer.Typer(help="Notices: what became of them, resend.", no_args_is_help=True)

_DELIVERIES = ("id", "at", "channel", "outcome", "cause", "alerts", "tries", "error")


@channels.command("list")
def show_channels(
    form: Form = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """List the channels of the hub's settings, which routes send to by name.

    **Examples**

        analytics-hub alerts channels list
    """
    with asking(Target(url, tenant, data_dir, config)) as hub:
        found = hub.ask("GET", "channels")["channels"]
    show(found, ("name", "kind"), form, "no channels: docs/alert-channels.md says how to set one")


@channels.command("test")
def try_channel(
    name: Annotated[str, typer.Argument(help="A channel, as `list` names it.")],
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Send a test through a channel, and say what came of it. Exit code 1 when it failed.

    **Examples**

        analytics-hub alerts channels test on-call
    """
    with asking(Target(url, tenant, data_dir, config)) as hub:
        _tell(hub.ask("POST", f"channels/{part(name)}/test"))


@deliveries.command("list")
def show_deliveries(
    outcome: Annotated[
        str | None, typer.Option(help="Only sent, failed, silenced or inhibited.")
    ] = None,
    channel: Annotated[str | None, typer.Option(help="Only of this channel.")] = None,
    limit: Limit = 50,
    form: Form = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """List what became of notices, the newest first.

    **Examples**

        analytics-hub alerts deliveries list --outcome failed
    """
    with asking(Target(url, tenant, data_dir, config)) as hub:
        found = hub.pages("deliveries", "deliveries", limit, outcome=outcome, channel=channel)
    rows = found if form is ListForm.JSON else [{**one, "at": time_of(one["at"])} for one in found]
    show(rows, _DELIVERIES, form, "no deliveries")


@deliveries.command()
def resend(
    delivery_id: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Send again what failed, as it was. Exit code 1 when it fails once more.

    **Examples**

        analytics-hub alerts deliveries resend 66cbad9cd626496092b882c56c7cb2ff
    """
    with asking(Target(url, tenant, data_dir, config)) as hub:
        _tell(hub.ask("POST", f"deliveries/{part(delivery_id)}/resend"))


def _tell(done: Json) -> None:
    said = f"{done['channel']}: {done['outcome']}" + (f": {done['error']}" if done["error"] else "")
    console().print(said, markup=False)
    if done["outcome"] == "failed":
        raise typer.Exit(1)
