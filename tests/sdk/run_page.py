"""Runs the lines of a page in the environment of its SDK, against a hub and a model server."""

import os
import subprocess
from pathlib import Path

from .pages import Lines

ENVIRONMENTS = Path(__file__).parents[2] / ".sdks"
APPS = Path(__file__).parent / "apps"
SECONDS = 120
PRELUDES = {
    "pydantic-ai": "from agent_calls import ask\n",
    "litellm": "from litellm_calls import ask\n",
}
"""Where `ask`, the application's own code, comes from; for OpenAI's client if not said here."""


def run_page(sdk: str, lines: Lines, folder: Path, models: str, ports: dict[str, str]) -> None:
    """Do what the page says in an empty folder; fails with what was said if it does not end well.

    `models` is the address of the model server; `ports` are those on the page, and instead of them
    those of the hub of this test.
    """
    prelude = PRELUDES.get(sdk, "from openai_calls import ask\n")
    folder.joinpath("app.py").write_text(prelude + _at(ports, lines.python), "utf-8")
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", _at(ports, lines.shell)],
        cwd=folder, env=_environment(sdk, folder, models), capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def _at(ports: dict[str, str], text: str) -> str:
    for on_page, here in ports.items():
        text = text.replace(on_page, here)
    return text


def _environment(sdk: str, folder: Path, models: str) -> dict[str, str]:
    """What the user's shell has: nothing of the machine's own settings for OpenTelemetry."""
    return {
        "PATH": f"{ENVIRONMENTS / sdk / 'bin'}:{os.environ['PATH']}",
        "HOME": str(folder),
        "PYTHONPATH": str(APPS),
        "OPENAI_API_KEY": "none",
        "OPENAI_BASE_URL": models,
    }
