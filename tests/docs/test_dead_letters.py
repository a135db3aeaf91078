"""The commands of `docs/dead-letters.md` run, in their order, and do what the page says."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import typer
from typer.testing import CliRunner, Result

from llm_analytics_hub.cli.commands import register

PAGE = Path(__file__).parents[2] / "docs" / "dead-letters.md"
COMMANDS = re.findall(r"^    analytics-hub (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command on a store of its own."""
    app = typer.Typer()
    register(app)
    store = ("--data-dir", str(tmp_path / "store"))
    return lambda words, **more: CliRunner().invoke(app, [*words.split(), *store], **more)


@pytest.mark.slow
def test_the_commands_of_the_page_run(run: Run) -> None:
    known = {"source": "costops", "event_type": "cost.recorded"}
    late = datetime.now(UTC) + timedelta(days=3)
    lines = [msgspec.json.encode(known | {"event_id": i, "occurred_at": late}) for i in "123"]
    assert run("ingest - --quiet", input=b"\n".join(lines)).exit_code == 1
    told = [run(command) for command in COMMANDS]
    assert told[0].stdout.count("timestamp_in_future") == 3
    stay = "3 tried, 0 {}stored, 3 {}stay (3 timestamp_in_future)\n"
    assert told[1].stdout == stay.format("would be ", "would ")
    assert (told[1].exit_code, told[2].exit_code) == (1, 1)
    assert told[2].stdout == stay.format("", "")
    assert len(msgspec.json.decode(told[3].stdout)) == 3
    assert (told[4].exit_code, told[4].stdout) == (0, "0 purged\n")
