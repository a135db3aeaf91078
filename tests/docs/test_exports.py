"""The examples of `docs/exports.md` run, in their order, and do what the page says."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from llm_analytics_hub.cli.commands import register
from llm_analytics_hub.query.exports.request import ExportBody
from llm_analytics_hub.query.exports.settings import ExportSettings

PAGE = (Path(__file__).parents[2] / "docs" / "exports.md").read_text("utf-8")
COMMANDS = re.findall(r"^    analytics-hub (.+)$", PAGE, re.MULTILINE)
BODIES = re.findall(r"^```json\n(.+?)```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    register(app)

    def run(words: str, sent: bytes | None = None) -> Result:
        return CliRunner().invoke(app, [*words.split(), "--data-dir", "store"], input=sent)

    known = {"source": "costops", "event_type": "cost.recorded", "occurred_at": datetime.now(UTC) - timedelta(hours=1)}  # fmt: skip
    lines = [msgspec.json.encode(known | {"event_id": i}) for i in "123"]
    assert run("ingest - --quiet", b"\n".join(lines)).exit_code == 0
    told = [run(command) for command in COMMANDS]
    assert [one.exit_code for one in told] == [0, 0, 0, 0], [one.stderr for one in told]
    assert [one.stderr.split(",")[0] for one in told] == ["3 rows", "3 rows", "1 rows", "0 rows"]
    named = [command.split()[-1] for command in COMMANDS]
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == sorted(named)


def test_the_bodies_of_the_page_are_taken() -> None:
    assert [ExportBody.model_validate_json(body).what for body in BODIES] == ["events", "query"]


def test_the_settings_of_the_page_are_valid() -> None:
    (text,) = re.findall(r"```yaml\n(.+?)```", PAGE, re.DOTALL)
    settings = ExportSettings(**yaml.safe_load(text)["exports"])
    assert settings == ExportSettings(destinations=settings.destinations)
    assert set(settings.destinations) == {"lake", "outbox"}
