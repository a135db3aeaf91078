"""`analytics-hub settings`: the effective settings, explained and checked."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from pydantic import BaseModel

from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.settings import PREFIX, Settings, load_settings

settings = typer.Typer(help="Show or check the settings of a hub.", no_args_is_help=True)

Config = Annotated[Path | None, typer.Option(help="Settings file (YAML).", dir_okay=False)]


@settings.command()
def show(config: Config = None) -> None:
    """Print every setting as YAML: its value, its meaning, its variable. Secrets are masked.

    The value is what `serve` would use: HUB_… variables, then the file, then the default. The
    output is itself a settings file.

    **Examples**

        analytics-hub settings show
        analytics-hub settings show --config hub.yaml
        HUB_STORAGE__SYNC=true analytics-hub settings show
    """
    with told():
        sys.stdout.write(settings_yaml(load_settings({}, file=config)))


@settings.command()
def check(config: Config = None) -> None:
    """Say whether the settings are valid, or name every fault (exit code 2).

    **Examples**

        analytics-hub settings check --config hub.yaml
    """
    with told():
        load_settings({}, file=config)
    sys.stdout.write("settings are valid\n")


def settings_yaml(given: Settings) -> str:
    """The tree as YAML with a comment above each setting; reading it gives the same settings."""
    return "\n".join(_lines(given, given.model_dump(mode="json"), ())) + "\n"


def _lines(branch: BaseModel, dumped: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    indent = "  " * len(path)
    for name, field in type(branch).model_fields.items():
        value, place = getattr(branch, name), (*path, name)
        if isinstance(value, BaseModel):
            meaning = (value.__doc__ or name).splitlines()[0]
            yield f"{indent}# {meaning}"
            yield f"{indent}{name}:"
            yield from _lines(value, dumped[name], place)
        else:
            yield f"{indent}# {field.description} [{PREFIX}{'__'.join(place).upper()}]"
            text = yaml.safe_dump({name: dumped[name]}, sort_keys=True, allow_unicode=True)
            yield from (indent + line for line in text.splitlines())
