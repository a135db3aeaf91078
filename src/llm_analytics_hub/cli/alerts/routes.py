"""`analytics-hub alerts routes`: where alerts go."""

from pathlib import Path
from typing import Annotated, Any

import typer

from llm_analytics_hub.cli.alerts.hub import By, Form, asking, show, write_json
from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.cli.output import ListForm, console
from llm_analytics_hub.cli.target import DEFAULT_URL, StoreConfig, StoreDir, Target, Tenant, Url
from llm_analytics_hub.errors import InvalidInputError

routes = typer.Typer(help="Routes: show, apply a file, test labels.", no_args_is_help=True)

_TOLD = ("route", "channels", "group_key", "group_wait", "group_interval", "repeat_interval")
Version = Annotated[int | None, typer.Option(min=0, help="Only if this is the version now.")]


@routes.command("show")
def show_tree(
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Show the routing that holds, as JSON; version 0 is the default one.

    **Examples**

        analytics-hub alerts routes show
    """
    with asking(Target(url, tenant, data_dir, config)) as hub:
        write_json(hub.ask("GET", "routes"))


@routes.command()
def apply(
    file: Annotated[Path, typer.Argument(help="YAML: route, inhibit.", show_default=False)],
    version: Version = None,
    by: By = None,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Let the routing of a file hold.

    **Examples**

        analytics-hub alerts routes apply routes.yaml
    """
    with told(), asking(Target(url, tenant, data_dir, config), by) as hub:
        done = hub.ask("PUT", "routes", _routing(file), expected=version)
    console().print(f"the routing is at version {done['version']}")


@routes.command("test")
def try_labels(
    labels: Annotated[list[str], typer.Argument(help="name=value", show_default=False)],
    file: Annotated[
        Path | None, typer.Option(help="Try this routing, which does not hold yet.")
    ] = None,
    form: Form = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Say who would be told of an alert of these labels, and grouped how.

    **Examples**

        analytics-hub alerts routes test alertname=error-rate severity=critical model=gpt-4o
        analytics-hub alerts routes test severity=critical --file routes.yaml
    """
    with told(), asking(Target(url, tenant, data_dir, config)) as hub:
        body = {"labels": dict(map(_label, labels))}
        tried = {} if file is None else {"routing": _routing(file)}
        found = hub.ask("POST", "routes/test", {**body, **tried})
    if form is ListForm.JSON:
        write_json(found)
        return
    show(found["routes"], _TOLD, form, "nobody")
    if found["silenced_by"]:
        console().print(f"silenced by {found['silenced_by']}", markup=False)
    if found["inhibited"]:
        console().print("inhibited by an alert that is active")


def _label(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not (name and found):
        raise InvalidInputError(f"{text[:80]!r} is no label: write name=value")
    return name, value


def _routing(file: Path) -> dict[str, Any]:
    """The routing in a file. Raises: InvalidInputError with its line for what is no YAML."""
    from llm_analytics_hub.alerts.rules.yaml_places import YamlError, read_yaml

    try:
        found, _ = read_yaml(file.read_text("utf-8"))
    except YamlError as error:
        raise InvalidInputError(f"{file}:{error.line}: {error.message}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{file}: cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise InvalidInputError(f"{file}:1: is an object: route, inhibit")
    return found
