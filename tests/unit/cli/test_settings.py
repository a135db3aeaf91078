"""`settings show` and `settings check`."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr
from pydantic_settings import BaseSettings
from typer.testing import CliRunner

from llm_analytics_hub.cli.settings import settings, settings_yaml
from llm_analytics_hub.settings import Settings, load_settings

runner = CliRunner()

FILE = """
data_dir: elsewhere
storage: {sync: true, apply_after: 2.5}
normalize:
  clock_skew: {sentinel: 3}
  contents: {"*": off, acme: full}
  streams: {cost: {retention: P400D}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "hub.yaml"
    path.write_text(FILE)
    return path


def test_what_is_shown_is_a_settings_file_of_the_same_settings(file: Path, tmp_path: Path) -> None:
    shown = runner.invoke(settings, ["show", "--config", str(file)])
    copy = tmp_path / "copy.yaml"
    copy.write_text(shown.stdout)
    assert load_settings({}, file=copy, environ={}) == load_settings({}, file=file, environ={})
    assert load_settings({}, file=copy, environ={}).storage.apply_after == timedelta(seconds=2.5)


def test_the_whole_tree_is_shown_with_meanings_and_variables() -> None:
    shown = settings_yaml(Settings())
    assert set(yaml.safe_load(shown)) == set(Settings.model_fields)
    assert "# HTTP port; 0 picks a free one [HUB_PORT]\nport: 8080\n" in shown
    assert "[HUB_STORAGE__SYNC]\n  sync: false\n" in shown


def test_the_environment_is_shown_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_STORAGE__SYNC", "true")
    assert "  sync: true\n" in runner.invoke(settings, ["show"]).stdout


def test_secrets_are_masked() -> None:
    class WithSecret(BaseSettings):
        token: SecretStr = SecretStr("do-not-tell")

    shown = settings_yaml(WithSecret())  # type: ignore[arg-type]
    assert "do-not-tell" not in shown
    assert "token: '**********'" in shown


def test_valid_settings_are_said_to_be(file: Path) -> None:
    checked = runner.invoke(settings, ["check", "--config", str(file)])
    assert (checked.exit_code, checked.stdout) == (0, "settings are valid\n")


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "hub.yaml"
    path.write_text("port: 99999\nstorage: {sync: maybe}\nprot: 1\n")
    checked = runner.invoke(settings, ["check", "--config", str(path)])
    assert checked.exit_code == 2
    for name in ("port", "storage.sync", "prot"):
        assert f": {name}: " in checked.stderr
