"""Exports outlive their hub: killed at any moment it goes on at the next start; no row twice, none missing."""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from .conftest import HubProcess, StartHub

pytestmark = [pytest.mark.system, pytest.mark.slow]

EVENTS, LATE, KILLS, BATCH = 2_000, 200, 2, 2_000
TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
DAY = {"from": str(YESTERDAY), "to": str(TODAY)}
SMALL = {"HUB_EXPORTS__CHUNK_ROWS": "50"}
FORMATS = ("csv", "jsonl", "arrow", "parquet")


def event(number: int) -> dict[str, Any]:
    return {
        "event_id": f"e{number}", "source": "costops", "event_type": "cost.recorded",
        "occurred_at": f"{YESTERDAY}T{number % 24:02}:{number % 60:02}:00Z",
        "cost_usd": "0.000001", "service": f'=s{number % 7}, "x"\n',
    }  # fmt: skip


def send(client: httpx.Client, first: int, last: int) -> None:
    for start in range(first, last, BATCH):
        lines = "\n".join(json.dumps(event(n)) for n in range(start, min(start + BATCH, last)))
        sent = client.post(
            "/api/v1/events", content=lines, headers={"content-type": "application/x-ndjson"}
        )
        assert sent.json()["accepted"] == min(BATCH, last - start), sent.text[:500]


def until(client: httpx.Client, path: str, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:  # fmt: skip
    """What is told of an export once `reached` holds; each question takes the hub a moment."""
    while True:
        told: dict[str, Any] = client.get(path).json()
        if reached(told) or told["status"] in {"done", "failed"}:
            return told


def ids(form: str, data: bytes) -> list[str]:
    if form == "csv":
        return [row["event_id"] for row in csv.DictReader(io.StringIO(data.decode(), newline=""))]
    if form == "jsonl":
        return [json.loads(line)["event_id"] for line in data.splitlines()]
    table = pq.read_table(io.BytesIO(data)) if form == "parquet" else pa.ipc.open_stream(data).read_all()  # fmt: skip
    found: list[str] = table["event_id"].to_pylist()
    return found


@pytest.mark.parametrize(
    "form",
    [pytest.param(form, marks=[] if form == "csv" else pytest.mark.heavy) for form in FORMATS],
)
def test_an_export_goes_on_where_a_killed_hub_stopped(
    tmp_path: Path, start_hub: StartHub, form: str
) -> None:
    hub: HubProcess = start_hub(tmp_path / "data", **SMALL)
    send(hub.client, 0, EVENTS)
    asked = {"what": "events", "format": form, "time_range": DAY}
    path = hub.client.post("/api/v1/exports", json=asked).headers["location"]
    rows = 0
    for _ in range(KILLS):
        told = until(hub.client, path, lambda told, before=rows: told["rows"] > before + 200)
        assert told["status"] == "running", "it was done before it could be killed"
        assert told["rows"] > rows, "it began anew"
        rows = told["rows"]
        hub.kill()
        hub = start_hub(tmp_path / "data", **SMALL)
        assert hub.client.get(path).json()["rows"] >= rows
    send(hub.client, EVENTS, EVENTS + LATE)
    told = until(hub.client, path, lambda _: False)
    assert told["status"] == "done", told
    data = hub.client.get(told["data"]).content
    assert hashlib.sha256(data).hexdigest() == told["sha256"]
    found = Counter(ids(form, data))
    assert max(found.values()) == 1
    assert found.keys() >= {f"e{number}" for number in range(EVENTS)}
    assert len(found) == told["rows"]
    left = sorted(file.name for file in (tmp_path / "data" / "exports").iterdir())
    assert left == sorted([f"{told['id']}.json", f"{told['id']}.{form}"])
    assert hub.stop() == 0


def test_a_download_goes_on_after_a_kill(tmp_path: Path, start_hub: StartHub) -> None:
    hub = start_hub(tmp_path / "data", **SMALL)
    send(hub.client, 0, 500)
    asked = {"what": "events", "format": "csv", "time_range": DAY}
    path = hub.client.post("/api/v1/exports", json=asked).headers["location"]
    told = until(hub.client, path, lambda _: False)
    first = hub.client.get(told["data"], headers={"range": "bytes=0-4999"})
    hub.kill()
    hub = start_hub(tmp_path / "data", **SMALL)
    more = {"range": "bytes=5000-", "if-range": first.headers["etag"]}
    rest = hub.client.get(told["data"], headers=more)
    assert rest.status_code == 206
    assert hashlib.sha256(first.content + rest.content).hexdigest() == told["sha256"]


def test_stopping_the_hub_leaves_an_export_to_the_next_one(
    tmp_path: Path, start_hub: StartHub
) -> None:
    hub = start_hub(tmp_path / "data", **SMALL)
    send(hub.client, 0, EVENTS)
    asked = {"what": "events", "format": "xlsx", "columns": ["event_id"], "time_range": DAY}
    path = hub.client.post("/api/v1/exports", json=asked).headers["location"]
    until(hub.client, path, lambda told: told["rows"] > 100)
    assert hub.stop() == 0
    hub = start_hub(tmp_path / "data", **SMALL)
    told = until(hub.client, path, lambda _: False)
    assert (told["status"], told["rows"]) == ("done", EVENTS)
