"""`analytics-hub alerts`: every command does its work on a store, and explains itself."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from llm_analytics_hub.cli import target as cli_target
from llm_analytics_hub.cli.client import HubClient
from llm_analytics_hub.cli.commands import register
from llm_analytics_hub.cli.embedded import EmbeddedTransport
from llm_analytics_hub.settings import load_settings

RULES = """\
rules:
  - name: errors
    kind: threshold
    measure: errors
    by: [model]
    warning: {above: 1}
budgets:
  - name: team
    amount: 100 USD
    period: month
    by: [model]
"""
WRONG = """\
rules:
  - name: errors
    kind: threshold
    measure: errors
    warning: {above: lots}
  - name: both
    kind: threshold
    measure: mistakes
    warning: {above: 1}
"""
COMMANDS = (
    "active", "ack", "history", "check", "budgets", "changes", "rules list", "rules show",
    "rules apply", "rules remove", "rules pause", "rules resume", "rules versions", "silence add",
    "silence list", "silence expire", "routes show", "routes apply", "routes test", "channels list",
    "channels test", "deliveries list", "deliveries resend",
)  # fmt: skip

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTransport]:
    """A hub with a channel, and an hour of calls of which some fail."""
    folder = tmp_path_factory.mktemp("cli") / "data"
    alerts = {"channels": {"log": {"kind": "log"}}}
    settings = load_settings({"data_dir": folder, "ui": False, "alerts": alerts}, environ={})
    made = EmbeddedTransport(settings)
    client = HubClient(cli_target.EMBEDDED_URL, "default", transport=made)
    now = datetime.now(UTC)
    lines = [_call(n, now - timedelta(minutes=60 - n)) for n in range(60)]
    assert client.send("\n".join(lines).encode()).accepted == 60
    yield made
    made.close()


def _call(number: int, at: datetime) -> str:
    status = "error" if 20 <= number < 30 else "ok"
    return json.dumps({
        "source": "observatory", "event_type": "inference.completed", "event_id": f"e{number}",
        "occurred_at": at.isoformat(), "model": "m1", "status": status, "cost_usd": "0.5",
    })  # fmt: skip


class _Shared(HubClient):
    """A client that leaves the hub open for the next command."""

    def close(self) -> None:
        pass


@pytest.fixture
def run(hub: EmbeddedTransport, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on that hub."""
    monkeypatch.setattr(
        cli_target, "HubClient", lambda url, tenant: _Shared(url, tenant, transport=hub)
    )
    app = typer.Typer(rich_markup_mode="markdown")
    register(app)
    runner = CliRunner(env={"COLUMNS": "200", "USER": "ada"})
    return lambda *words: runner.invoke(app, ["alerts", *words])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of rules without a fault."""
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, "utf-8")
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_examples(run: Run, command: str) -> None:
    helped = run(*command.split(), "--help")
    assert helped.exit_code == 0
    assert "Examples" in helped.stdout
    assert f"analytics-hub alerts {command}" in helped.stdout


def test_every_fault_of_a_file_has_its_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(WRONG, "utf-8")
    for command in (("check",), ("rules", "apply"), ("check", "--last", "1h")):
        done = run(*command, str(path))
        assert done.exit_code == 2
        first, second = done.stderr.strip().splitlines()
        assert f'{path}:5: rule "errors": warning: ' in first
        assert f'{path}:8: rule "both": measure: no measure' in second
    path.write_text("rules:\n  - name: [", "utf-8")
    assert "yaml:3: is no YAML" in run("check", str(path)).stderr
    path.write_text("rules: []\n", "utf-8")
    assert "no rules and no budgets" in run("check", str(path)).stderr
    assert "there is no file" in run("check", str(tmp_path / "nothing.yaml")).stderr
    path.write_text("tenant: acme\n" + RULES, "utf-8")
    assert "say --tenant acme" in run("check", str(path)).stderr


def test_a_check_lists_when_rules_would_have_fired(run: Run, file: Path) -> None:
    assert run("check", str(file)).stdout == "2 checked, nothing wrong\n"
    done = run("check", str(file), "--last", "2h")
    assert done.exit_code == 0, done.stderr
    rules, firings = done.stdout.split("\n\n")
    rows = [line.split() for line in rules.splitlines()[1:]]
    assert ["errors", "threshold", "1", "2", "-"] in rows
    assert "model=m1" in firings
    assert "judged every 1m" in done.stderr
    whole = json.loads(run("check", str(file), "--last", "2h", "--format", "json").stdout)
    assert whole["report"]["moments"] == 120
    assert run("check", str(file), "--last", "2h", "--from", "2025-01-01").exit_code == 2


def test_rules_are_applied_shown_paused_and_removed(run: Run, file: Path) -> None:
    done = run("rules", "apply", str(file))
    assert done.stdout == "team is at version 1\nerrors is at version 1\n", done.stderr
    assert run("rules", "apply", str(file)).stdout == done.stdout  # what is the same stays
    listed = run("rules", "list", "--kind", "threshold").stdout.splitlines()
    assert [line.split()[:5] for line in listed[1:]] == [["errors", "threshold", "1", "api", "on"]]
    assert json.loads(run("rules", "show", "errors").stdout)["definition"]["measure"] == "errors"
    assert run("rules", "pause", "errors").stdout == "errors is paused, version 2\n"
    assert run("rules", "resume", "errors", "--version", "1").exit_code == 1
    assert run("rules", "resume", "errors", "--by", "Zoë").stdout == "errors is judged, version 3\n"
    versions = json.loads(run("rules", "versions", "errors", "--format", "json").stdout)
    assert [one["by"] for one in versions] == ["Zoë", "ada", "ada"]
    (budget,) = json.loads(run("budgets", "--format", "json").stdout)
    assert budget["spending"]["groups"][0]["spent_usd"] == 30
    assert "30.00 USD" in run("budgets").stdout
    assert run("rules", "remove", "errors").stdout == "errors is removed\n"
    changed = json.loads(run("changes", "--format", "json", "--limit", "2").stdout)
    assert [(one["name"], one["action"], one["by"]) for one in changed] == [
        ("errors", "removed", "ada"), ("errors", "changed", "Zoë"),
    ]  # fmt: skip


def test_a_default_that_comes_back_is_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(RULES.partition("budgets")[0].replace("errors\n    k", "cost-jump\n    k"), "utf-8")  # fmt: skip
    assert run("rules", "apply", str(path)).exit_code == 0
    assert "the default works again" in run("rules", "remove", "cost-jump").stdout


def test_silences_and_routes(run: Run, tmp_path: Path) -> None:
    made = run("silence", "add", "alertname=errors", "--for", "2h", "--reason", "known")
    assert made.exit_code == 0, made.stderr
    silence = made.stdout.split()[1]
    assert silence in run("silence", "list", "--state", "active").stdout
    assert "silenced by" in run("routes", "test", "alertname=errors").stdout
    assert run("silence", "expire", silence).stdout == f"silence {silence} has ended\n"
    assert run("silence", "expire", silence).exit_code == 1
    assert run("silence", "add", "model", "--for", "2h", "--reason", "x").exit_code == 2
    path = tmp_path / "routes.yaml"
    path.write_text("route:\n  channels: [log]\n  group_by: [team]\n", "utf-8")
    assert "root:{team='ml'}" in run("routes", "test", "team=ml", "--file", str(path)).stdout
    assert run("routes", "apply", str(path)).stdout == "the routing is at version 1\n"
    assert json.loads(run("routes", "show").stdout)["definition"]["route"]["group_by"] == ["team"]
    path.write_text("route:\n  channels: [nobody]\n", "utf-8")
    wrong = run("routes", "apply", str(path))
    assert wrong.exit_code == 2
    assert "no channel 'nobody'; there are log" in wrong.stderr
    path.write_text("- a\n", "utf-8")
    assert f"{path}:1: is an object" in run("routes", "apply", str(path)).stderr
    assert run("routes", "test", "severity").exit_code == 2


def test_alerts_channels_and_deliveries_where_there_are_none(run: Run) -> None:
    assert run("active").stdout == "no alerts\n"
    assert run("history", "--state", "firing").stdout == "nothing happened\n"
    assert run("deliveries", "list", "--outcome", "failed").stdout == "no deliveries\n"
    assert run("active", "--format", "json").stdout == "[]\n"
    assert run("ack", "0000000000000000").exit_code == 1
    assert run("deliveries", "resend", "nothing").exit_code == 1
    assert "log" in run("channels", "list").stdout
    assert run("channels", "test", "log").stdout.endswith("log: sent\n")
    assert run("channels", "test", "nobody").exit_code == 1
