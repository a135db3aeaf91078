"""The commands and statements of `docs/sql.md` run."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.services.missing import missing
from tests.system.conftest import HubProcess

PAGE = (Path(__file__).parents[2] / "docs" / "sql.md").read_text("utf-8")
COMMANDS = re.findall(r"^    ((?:curl|echo|analytics-hub) (?:.*\\\n)*.*)$", PAGE, re.MULTILINE)
STATEMENTS = re.findall(r"^```sql\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)

pytestmark = [pytest.mark.slow, pytest.mark.system]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    one = HubProcess(tmp_path_factory.mktemp("sql") / "data")
    event = {
        "source": "observatory", "event_type": "inference.completed", "event_id": "e1",
        "model": "gpt-4o", "status": "ok", "input_tokens": 10,
    }  # fmt: skip
    httpx.post(f"{one.url}/api/v1/events", json=[event]).raise_for_status()
    yield one
    one.close()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_runs(command: str, hub: HubProcess, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        missing("curl", "curl is not installed")
    local = command.replace("http://127.0.0.1:8080", hub.url)
    local = re.sub(r"^curl ", "curl --silent --show-error --fail-with-body ", local)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    told = subprocess.run(
        ["/bin/bash", "-c", local], cwd=tmp_path, env={"PATH": path, "HUB_URL": hub.url},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert told.returncode == 0, told
    arrow = tmp_path / "answer.arrow"
    assert told.stdout or arrow.stat().st_size > 0


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_of_the_page_is_answered(statement: str, hub: HubProcess) -> None:
    answer = httpx.post(f"{hub.url}/api/v1/sql", json={"sql": statement})
    assert answer.status_code == 200, answer.text
    assert json.loads(answer.content)["columns"]


def test_the_page_has_examples() -> None:
    assert len(COMMANDS) >= 4
    assert len(STATEMENTS) >= 6
