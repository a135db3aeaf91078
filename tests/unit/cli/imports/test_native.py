"""Files in the shapes of the platform's modules, from the command line to the store."""

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from llm_analytics_hub.cli.main import app

pytestmark = pytest.mark.slow

ASSET = {"type": "asset_deleted", "asset_id": "01K", "timestamp": "2025-11-19T09:58:12.418903221Z"}
FAILED = {"status": 404, "error": "gone", "timestamp": "2025-11-19T09:58:12Z"}


def ingest(folder: Path, *arguments: str) -> tuple[int, str]:
    command = ["ingest", *arguments, "--data-dir", str(folder / "hub")]
    result = CliRunner().invoke(app, command)
    return result.exit_code, result.output


def test_a_file_is_read_as_its_module_writes_it_and_counts_once(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl.gz"
    lines = [ASSET, {**ASSET, "asset_id": "01L"}, FAILED]
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    code, told = ingest(tmp_path, str(file), "--source", "registry")
    assert (code, told.splitlines()) == (0, [
        "events.jsonl.gz: 2 accepted, 0 duplicates, 1 refused",
        "  1 error_reply",
        "    row 2: this is an error reply of the module, no event",
    ])  # fmt: skip
    code, told = ingest(tmp_path, str(file), "--source", "registry", "--fail-on-refused")
    assert (code, "0 accepted, 2 duplicates, 1 refused" in told) == (1, True)


def test_what_cannot_be_sent_says_why(tmp_path: Path) -> None:
    file = tmp_path / "events.xml"
    file.write_text("<a/>")
    code, told = ingest(tmp_path, str(file), "--source", "registry")
    assert (code, "unknown_format" in told) == (2, True)
    whole = tmp_path / "events.json"
    whole.write_text(json.dumps(ASSET))
    code, told = ingest(tmp_path, str(whole), "--source", "regisrty")
    assert (code, "unknown_module" in told) == (1, True)
