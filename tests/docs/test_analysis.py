"""The examples of `docs/analysis.md` run, on sixty days of costs."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import typer
from typer.testing import CliRunner, Result

from llm_analytics_hub.cli.commands import register
from llm_analytics_hub.query.analysis.body import analysis_of

PAGE = (Path(__file__).parents[2] / "docs" / "analysis.md").read_text("utf-8")
COMMANDS = re.findall(r"^    analytics-hub (.+)$", PAGE, re.MULTILINE)
BODIES = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command on a store of its own."""
    app = typer.Typer()
    register(app)
    store = ("--data-dir", str(tmp_path / "store"))
    return lambda words, **more: CliRunner().invoke(app, [*words.split(), *store], **more)


def costs() -> bytes:
    """Sixty days of a model, ten US dollars each, and a hundred twenty days ago."""
    now = datetime.now(UTC)
    return b"\n".join(
        msgspec.json.encode(
            {
                "source": "costops", "event_type": "cost.recorded", "event_id": f"c{day}",
                "occurred_at": now - timedelta(days=day), "model": "gpt-4o",
                "cost_usd": 100 if day == 20 else 10 + day % 2,
            }
        )
        for day in range(1, 60)
    )  # fmt: skip


@pytest.mark.slow
def test_the_commands_of_the_page_run(run: Run) -> None:
    assert run("ingest - --quiet", input=costs()).exit_code == 0
    told = {command.split()[1]: run(command) for command in COMMANDS}
    assert {name: one.exit_code for name, one in told.items()} == dict.fromkeys(told, 0)
    assert set(told) == {"anomalies", "trend", "forecast", "correlation"}
    (anomaly,) = told["anomalies"].stdout.strip().splitlines()[1:]
    assert "100.0000" in anomaly
    assert "robust seasonal z-score" in told["anomalies"].stderr
    assert len(told["forecast"].stdout.strip().splitlines()) == 8
    assert "state: expected" in told["forecast"].stderr
    assert "cost_usd and events" in told["correlation"].stderr


def test_the_bodies_of_the_page_are_analyses() -> None:
    assert BODIES
    for body in BODIES:
        assert analysis_of(json.loads(body)).query.granularity == "day"


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("trend -m events --last 1d --threshold 3", "trend.options.threshold"),
        ("forecast -m events --last 1d --until-total 1 --until-level 2", "either --until-total"),
        ("anomalies -m events --last 5d", "needs at least 12"),
    ],
)
def test_wrong_usage_is_explained(run: Run, words: str, fault: str) -> None:
    assert run("ingest - --quiet", input=costs()).exit_code == 0
    refused = run(f"analyze {words}")
    assert refused.exit_code == 2
    assert fault in refused.stderr
