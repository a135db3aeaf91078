"""Errors told to a person: what is wrong, what to do, and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from llm_analytics_hub.errors import HubError, InvalidInputError, SettingsError

_stderr = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def told() -> Iterator[None]:
    """Turn an error of the hub into a message on stderr: exit 2 = what was asked is wrong, 1 = it failed."""
    try:
        yield
    except HubError as error:
        for line in error.message.splitlines():
            _stderr.print(f"error ({error.code}): {line}", style="red", markup=False)
        wrong = isinstance(error, SettingsError | InvalidInputError)
        raise typer.Exit(2 if wrong else 1) from error
