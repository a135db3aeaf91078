"""The recipes of `docs/queries.md` run, and find what was sent."""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import typer
from typer.testing import CliRunner, Result

from llm_analytics_hub.cli.commands import register
from llm_analytics_hub.cli.embedded import EmbeddedTransport
from llm_analytics_hub.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "queries.md").read_text("utf-8")
COMMANDS = re.findall(r"^    analytics-hub (.+)$", PAGE, re.MULTILINE)
BODIES = re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ADDRESSES = re.findall(r"^    GET (.+)$", PAGE, re.MULTILINE)
pytestmark = pytest.mark.slow

Run = Callable[[str], Result]


def events() -> list[dict[str, Any]]:
    """A call an hour of the last sixty days, some slow, failed or denied."""
    now = datetime.now(UTC)
    calls = [
        {
            "source": "observatory", "event_type": "inference.completed", "event_id": f"q{hour}",
            "occurred_at": now - timedelta(hours=hour, minutes=1), "model": f"gpt-{hour % 8}",
            "provider": "openai", "cost_usd": "0.25", "input_tokens": 900, "output_tokens": 100,
            "cached_tokens": 90, "latency_ms": 3000 if hour % 2 else 900, "service": f"s{hour % 2}",
            "status": "error" if hour % 5 == 0 else "ok", "user_id": f"u{hour % 3}",
            "asset_id": "chat", "trace_id": f"t{hour}", "attributes": {"team": f"team-{hour % 2}"},
        }
        for hour in range(60 * 24)
    ]  # fmt: skip
    decision = {
        "source": "policy-engine", "stream": "policy", "event_type": "policy.evaluated",
        "event_id": "p", "occurred_at": now, "policy_id": "no-secrets", "status": "denied",
    }  # fmt: skip
    return [*calls, decision]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that has them."""
    made = tmp_path_factory.mktemp("queries") / "store"
    with of(made) as client:
        body = msgspec.json.encode(events())
        assert client.post("/api/v1/events", content=body).json()["accepted"] == 60 * 24 + 1
    return made


def of(folder: Path) -> httpx.Client:
    settings = Settings(data_dir=folder, ui=False)
    headers = {"content-type": "application/json"}
    return httpx.Client(
        transport=EmbeddedTransport(settings), base_url="http://hub", headers=headers, timeout=60
    )


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[httpx.Client]:
    with of(folder) as opened:
        yield opened


def test_the_commands_of_the_page_find_something(folder: Path) -> None:
    app = typer.Typer()
    register(app)
    assert len(COMMANDS) == 9
    for command in COMMANDS:
        words = [*shlex.split(command), "--data-dir", str(folder)]
        explains = "--explain" in words
        told = CliRunner().invoke(app, words if explains else [*words, "--format", "json"])
        assert told.exit_code == 0, (command, told.output)
        found = json.loads(told.stdout)
        assert found["sql"] if explains else found["rows"], command


def test_the_bodies_of_the_page_find_something(client: httpx.Client) -> None:
    assert len(BODIES) == 6
    for body in BODIES:
        answer = client.post("/api/v1/query", content=body)
        assert answer.status_code == 200, (body, answer.text)
        assert answer.json()["rows"], body


def test_the_addresses_of_the_page_find_something(client: httpx.Client) -> None:
    assert len(ADDRESSES) == 4
    for address in ADDRESSES:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.text)
        if "format=csv" in address:
            assert answer.text.splitlines()[0] == "model,requests,cost_usd"
            continue
        found = answer.json()
        assert found.get("rows") or found.get("traces") or found.get("events"), address
