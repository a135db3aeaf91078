"""The client commands as a whole: help, and wrong usage told before anything is asked."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from llm_analytics_hub.cli.commands import register

runner = CliRunner(env={"COLUMNS": "200", "HUB_URL": "http://127.0.0.1:9"})
app = typer.Typer(rich_markup_mode="markdown")
register(app)

COMMANDS = (
    "ingest", "query", "sql", "catalog", "dead-letters list", "dead-letters show", "dead-letters replay",
    "dead-letters purge", "settings show", "settings check",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_examples(command: str) -> None:
    helped = runner.invoke(app, [*command.split(), "--help"])
    assert helped.exit_code == 0
    assert "Examples" in helped.stdout
    assert f"analytics-hub {command}" in helped.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("sql SELECT --arg x", "write name=value"),
        ("query -m events", "--last 7d, or --from"),
        ("query -m events --last 1d --where model", "write field=value"),
        ("query -m events --last 1d --url localhost:8080", "write it as http://host:port"),
        ("ingest missing.csv", "there is no file missing.csv"),
        ("ingest - --set modle=x", "did you mean model?"),
        ("dead-letters purge", "or say --all"),
        ("dead-letters replay x --all", "or say --all"),
    ],
)
def test_wrong_usage_is_explained(words: str, told: str) -> None:
    done = runner.invoke(app, words.split())
    assert done.exit_code == 2
    assert told in done.stderr


def test_a_wrong_option_is_usage_too() -> None:
    assert runner.invoke(app, ["query", "--nope"]).exit_code == 2


def test_no_hub_is_told_with_what_to_do() -> None:
    done = runner.invoke(app, ["catalog"])
    assert done.exit_code == 1
    assert (
        "no hub answers at http://127.0.0.1:9: start one with `analytics-hub serve`" in done.stderr
    )


def test_a_folder_without_a_store_is_not_made_by_asking(tmp_path: Path) -> None:
    done = runner.invoke(app, ["catalog", "--data-dir", str(tmp_path / "typo")])
    assert done.exit_code == 1
    assert "there is no store in" in done.stderr
    assert not (tmp_path / "typo").exists()
