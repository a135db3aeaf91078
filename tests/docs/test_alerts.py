"""What `docs/alerts.md` shows is so: its rules and routes are taken, its commands run."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from llm_analytics_hub.alerts.rules.files import parse_documents, read_text
from llm_analytics_hub.alerts.rules.parse import FORMS, SWITCH
from llm_analytics_hub.alerts.settings import AlertSettings
from llm_analytics_hub.api.alerts.checks import SECONDS
from llm_analytics_hub.cli.commands import register
from llm_analytics_hub.model.alerts.alert import Phase

PAGE = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text("utf-8")
COMMANDS = re.findall(r"^    analytics-hub (.+)$", PAGE, re.MULTILINE)
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def blocks(member: str) -> list[str]:
    return [block for block in BLOCKS if member in yaml.safe_load(block)]


@pytest.mark.parametrize("block", blocks("rules") + blocks("budgets"))
def test_the_rules_are_rules(block: str) -> None:
    assert parse_documents(read_text(block, "page"))


def test_every_kind_and_state_is_told() -> None:
    rules = [rule for block in blocks("rules") for rule in yaml.safe_load(block)["rules"]]
    assert {rule["kind"] for rule in rules} == {*FORMS, SWITCH}
    rows = re.findall(r"^\| (`.+?) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == {*FORMS, SWITCH, *(phase.value for phase in Phase)}


def test_the_settings_are_settings() -> None:
    (block,) = blocks("alerts")
    assert AlertSettings(**yaml.safe_load(block)["alerts"]).channels


def test_the_longest_time_of_a_check_is_told() -> None:
    assert f"A check ends after {SECONDS:g} seconds" in PAGE


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Result]:
    """Runs a command on a store of its own, beside the files of the page."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.yaml").write_text(blocks("rules")[0], "utf-8")
    (tmp_path / "routes.yaml").write_text(blocks("route")[0], "utf-8")
    (tmp_path / "hub.yaml").write_text(
        "alerts: {channels: {log: {kind: log}, on-call: {kind: log}}}", "utf-8"
    )
    (tmp_path / "store").mkdir()
    app = typer.Typer()
    register(app)
    store = ("--data-dir", "store", "--config", "hub.yaml")
    return lambda words: CliRunner().invoke(app, [*shlex.split(words), *store])


@pytest.mark.slow
def test_the_commands_of_the_page_run(run: Callable[[str], Result]) -> None:
    told = {command: run(command) for command in COMMANDS}
    assert {name: one.exit_code for name, one in told.items()} == dict.fromkeys(told, 0), [
        one.stderr for one in told.values()
    ]
    said = {" ".join(name.split()[1:3]): one.stdout for name, one in told.items()}
    assert "error-rate is at version 1" in said["rules apply"]
    assert "security" in said["routes test"]
    assert "error-rate" in said["silence list"]
    assert json.loads(said["routes show"])["definition"]["inhibit"]


def test_the_paths_and_parameters_of_the_page_are_described() -> None:
    schema = _described()
    (names,) = re.findall(r"/api/v1/alerts/\{(.+?)\}", PAGE)
    for name in names.split(","):
        assert f"/api/v1/alerts/{name}" in schema["paths"]
    (asked,) = re.findall(r"alerts/active\?(\S+)'", PAGE)
    known = {one["name"] for one in schema["paths"]["/api/v1/alerts/active"]["get"]["parameters"]}
    assert {pair.partition("=")[0] for pair in asked.split("&")} <= known


def _described() -> dict[str, Any]:
    from fastapi import FastAPI

    from llm_analytics_hub.api.alerts.routes import alert_routes

    app = FastAPI()
    parts: list[Any] = [None] * 4
    for router in alert_routes(*parts):
        app.include_router(router)
    return app.openapi()
