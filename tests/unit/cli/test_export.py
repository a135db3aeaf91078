"""`analytics-hub export`: a file of what is stored, gone on with, checked, not written over."""

import csv
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
from typer.testing import CliRunner, Result

from llm_analytics_hub.cli import export_file
from llm_analytics_hub.cli.commands import register
from llm_analytics_hub.cli.export_file import ExportFetch
from llm_analytics_hub.cli.target import Target, connected
from llm_analytics_hub.errors import ConflictError

pytestmark = pytest.mark.slow

Run = Callable[..., Result]
HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)
WISH: dict[str, Any] = {"what": "events", "format": "jsonl", "filters": [], "time_range": {"last": "1d"}}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store that holds 30 events."""
    known = {"source": "costops", "event_type": "cost.recorded", "occurred_at": HOUR_AGO}
    lines = [
        msgspec.json.encode(known | {"event_id": f"e{n}", "cost_usd": "0.1"}) for n in range(30)
    ]
    done = _run(tmp_path / "store", "ingest - --quiet", input=b"\n".join(lines))
    assert done.exit_code == 0, done.stderr
    return tmp_path / "store"


def _run(store: Path, words: str, **more: Any) -> Result:
    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, [*words.split(), "--data-dir", str(store)], **more)


def test_events_come_into_a_file_and_the_hub_forgets_the_export(
    store: Path, tmp_path: Path
) -> None:
    out = tmp_path / "events.csv"
    done = _run(store, f"export events --last 1d --format csv --column event_id --out {out}")
    assert done.exit_code == 0, done.stderr
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert {row["event_id"] for row in rows} == {f"e{number}" for number in range(30)}
    assert f"30 rows, {out.stat().st_size} bytes" in done.stderr
    assert hashlib.sha256(out.read_bytes()).hexdigest() in done.stderr
    assert list((store / "exports").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["events.csv"]


def test_a_file_that_is_there_is_not_written_over(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "answer.csv"
    out.write_text("mine")
    words = f"export query -m events -m cost_usd --last 1d --out {out}"
    refused = _run(store, words)
    assert (refused.exit_code, out.read_text()) == (2, "mine")
    assert "is there already" in refused.stderr
    assert _run(store, f"{words} --force").exit_code == 0
    assert out.read_text() == "events,cost_usd\n30,3\n"


def test_a_fetch_that_broke_off_goes_on(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_file, "RANGE_BYTES", 1000)
    out = tmp_path / "events.jsonl"

    def breaks(what: str, done: int, _: int | None) -> None:
        if what == "bytes" and done >= 2000:
            raise KeyboardInterrupt

    with connected(Target("", "default", store, None)) as hub:
        with pytest.raises(KeyboardInterrupt):
            ExportFetch(hub, out, breaks).fetch(WISH, "here")
        assert out.with_name("events.jsonl.part").stat().st_size == 2000
    begun = json.loads(out.with_name("events.jsonl.part.json").read_bytes())
    seen: list[int] = []
    with connected(Target("", "default", store, None)) as hub:
        done = ExportFetch(hub, out, lambda what, n, _: seen.append(n)).fetch(WISH, "here")
    assert done["id"] == begun["id"]
    assert min(seen) == 3000
    assert len(out.read_text().splitlines()) == 30


def test_another_wish_begins_anew(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "events.jsonl"
    out.with_name("events.jsonl.part").write_text("rest of something else")
    out.with_name("events.jsonl.part.json").write_text('{"id": "x", "wish": {}}')
    with connected(Target("", "default", store, None)) as hub:
        ExportFetch(hub, out, lambda *_: None).fetch(WISH, "here")
    assert len(out.read_text().splitlines()) == 30


def test_what_came_is_checked(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "events.jsonl"
    with connected(Target("", "default", store, None)) as hub:

        def spoils(what: str, *_: object) -> None:
            if what == "bytes":
                out.with_name("events.jsonl.part").write_text("spoilt")

        with pytest.raises(ConflictError, match="run it again") as refused:
            ExportFetch(hub, out, spoils).fetch(WISH, "here")
    assert refused.value.code == "checksum_differs"
    assert not out.exists()


@pytest.mark.parametrize("command", ["events", "query", "assets"])
def test_every_kind_of_export_explains_itself(command: str) -> None:
    app = typer.Typer(rich_markup_mode="markdown")
    register(app)
    helped = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["export", command, "--help"])
    assert helped.exit_code == 0
    assert f"analytics-hub export {command}" in helped.stdout
