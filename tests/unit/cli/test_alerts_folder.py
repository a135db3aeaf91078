"""`analytics-hub alerts … --data-dir`: a folder is opened for one command, and nobody is told."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from llm_analytics_hub.alerts.alerting import Alerting
from llm_analytics_hub.cli.commands import register

SILENCE = ["silence", "add", "a=b", "--for", "2h", "--reason", "x"]


def test_a_folder_is_looked_at_without_waking_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Alerting, "start", lambda _: pytest.fail("alerting has begun"))
    app = typer.Typer()
    register(app)
    folder = tmp_path / "data"
    folder.mkdir()
    for command in (SILENCE, ["active"], ["silence", "list"]):
        done = CliRunner().invoke(app, ["alerts", *command, "--data-dir", str(folder)])
        assert done.exit_code == 0, done.stderr
    assert "active" in done.stdout  # what the first defined, the last found
