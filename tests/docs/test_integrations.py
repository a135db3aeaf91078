"""The commands and settings of `docs/integrations/` and `docs/connectors.md` do what they say."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.services.missing import missing
from tests.system.conftest import HubProcess

from llm_analytics_hub.settings import load_settings

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [*sorted((DOCS / "integrations").glob("*.md")), DOCS / "connectors.md"]
COMMAND = re.compile(r"^    ((?:curl|analytics-hub) (?:.*\\\n)*.*)$", re.MULTILINE)
YAML = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)

FILES = {
    "costs.csv": "costops/cost_records_export.csv",
    "usage.json": "costops/usage_webhook.json",
    "violations.json": "governance-dashboard/policy_violations.json",
    "audit_logs.csv": "governance-dashboard/audit_export.csv",
    "events.json": "marketplace/rate_limit_exceeded.json",
    "traces.json": "observatory/rest_traces_page.json",
    "history.json": "policy-engine/decision_event_batch.json",
    "decisions.ndjson": "policy-engine/decision_event.json",
    "message.json": "registry/nats_asset_registered.json",
    "events.jsonl": "registry/nats_asset_registered.json",
    "alert.json": "sentinel/anomaly_zscore_latency.json",
}
"""What the files that the pages name hold here."""

NOTHING_TO_TELL = {"no_usage", "unknown_cost", "no_target", "unknown_connector"}
"""Answers of a hub without data and connectors to what the pages ask."""


def commands(page: Path) -> list[str]:
    return COMMAND.findall(page.read_text("utf-8"))


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    if shutil.which("curl") is None:
        missing("curl", "curl is not installed")
    one = HubProcess(tmp_path_factory.mktemp("pages") / "data")
    yield one
    one.close()


@pytest.fixture
def folder(tmp_path: Path, shared: Path) -> Path:
    for name, sample in FILES.items():
        content = (shared / "wire" / "samples" / sample).read_text("utf-8")
        one_line = name.endswith((".jsonl", ".ndjson"))
        (tmp_path / name).write_text(json.dumps(json.loads(content)) if one_line else content)
    return tmp_path


@pytest.mark.slow
@pytest.mark.system
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_run(page: Path, hub: HubProcess, folder: Path) -> None:
    found = commands(page)
    assert found
    for command in found:
        told = run(command, hub, folder)
        if told.returncode:
            assert any(code in told.stdout + told.stderr for code in NOTHING_TO_TELL), (
                command,
                told,
            )
        elif "/ingest/" in command:
            answer = json.loads(told.stdout)
            assert answer["accepted"] + answer["duplicates"] > 0, command
            assert answer["rejected"] == [], command


def run(command: str, hub: HubProcess, folder: Path) -> "subprocess.CompletedProcess[str]":
    local = command.replace("http://127.0.0.1:8080", hub.url)
    local = re.sub(r"^curl ", "curl --silent --show-error --fail-with-body ", local)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["/bin/bash", "-c", local], cwd=folder, env={"PATH": path, "HUB_URL": hub.url},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


BLOCKS = [
    pytest.param(block, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, block in enumerate(YAML.findall(page.read_text("utf-8")))
]


@pytest.mark.parametrize("block", BLOCKS)
def test_the_settings_of_a_page_are_settings(block: str, tmp_path: Path) -> None:
    read = yaml.safe_load(block)
    settings = load_settings({"data_dir": tmp_path, **read}, environ={})
    for connector in settings.connectors.values():
        connector.connector()
