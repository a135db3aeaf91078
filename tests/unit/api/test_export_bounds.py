"""What bounds exports, and where they are sent."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from llm_analytics_hub.bootstrap import Hub, open_doors, open_hub
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.query.exports.settings import ExportSettings, FolderDestination
from llm_analytics_hub.settings import Settings

from .conftest import NOW
from .test_exports import EVENTS, EXPORTS, event, made, refused, settled

Own = tuple[httpx.AsyncClient, Hub, ManualClock]


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[Own]:
    """A hub of its own, with small bounds and a folder to send to."""
    (tmp_path / "outbox").mkdir()
    outbox = FolderDestination(kind="folder", path=tmp_path / "outbox", tenants=frozenset({"a"}))
    bounds = ExportSettings(
        kept_per_tenant=2, bytes_per_tenant=30_000, chunk_rows=7, destinations={"outbox": outbox}
    )
    settings = Settings(data_dir=tmp_path / "data", ui=False, exports=bounds)
    clock = ManualClock(NOW)
    hub = open_hub(settings, clock)
    transport = httpx.ASGITransport(open_doors(hub, settings).main, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        client.headers["x-tenant"] = "a"
        await client.post("/api/v1/events", json=[event(number) for number in range(40)])
        yield client, hub, clock
    hub.close()


async def test_a_tenant_has_so_many_exports_and_old_ones_go(own: Own) -> None:
    client, hub, clock = own
    for _ in range(2):
        assert (await made(client, hub, **EVENTS))["rows"] == 40
    problem = await refused(client, 409, **EVENTS)
    assert problem["code"] == "too_many_exports"
    assert (await client.post(EXPORTS, json=EVENTS, headers={"x-tenant": "b"})).status_code == 202
    await settled(hub)
    clock.set(NOW + timedelta(days=7, seconds=1))
    assert (await client.get(EXPORTS)).json() == {"exports": []}
    assert (await made(client, hub, **EVENTS))["status"] == "done"
    assert len(list(hub.exports._folder.path.glob("*.json"))) == 1


async def test_a_tenant_has_so_many_bytes(own: Own) -> None:
    client, hub, _ = own
    more = [event(number) | {"note": "x" * 2_000} for number in range(40, 60)]
    assert (await client.post("/api/v1/events", json=more)).json()["accepted"] == 20
    export = await made(client, hub, **EVENTS)
    assert (export["status"], export["error"]["code"]) == ("failed", "too_many_export_bytes")
    assert "shorter time range" in export["error"]["message"]
    left = [path.name for path in hub.exports._folder.path.iterdir()]
    assert left == [f"{export['id']}.json"]
    data = await client.get(f"{EXPORTS}/{export['id']}/data")
    assert (data.status_code, data.json()["code"]) == (409, "export_failed")


async def test_a_file_is_sent_to_a_folder_with_its_manifest(own: Own, tmp_path: Path) -> None:
    client, hub, _ = own
    asked = EVENTS | {"destination": "outbox", "prefix": "daily/2025-11-19/"}
    export = await made(client, hub, **asked)
    assert export["status"] == "done", export
    target = tmp_path / "outbox" / "a" / "daily" / "2025-11-19"
    file = target / f"{export['id']}.jsonl"
    assert export["location"] == str(file)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == export["sha256"]
    manifest = json.loads((target / f"{export['id']}.manifest.json").read_text())
    assert (manifest["rows"], manifest["sha256"], manifest["tenant"]) == (40, export["sha256"], "a")
    assert manifest["question"]["time_range"] == {
        "from": "2025-11-19T00:00:00.000000Z", "to": "2025-11-19T10:00:00.000000Z",
    }  # fmt: skip
    data = await client.get(f"{EXPORTS}/{export['id']}/data")
    assert (data.status_code, data.json()["code"]) == (409, "export_sent")
    other = await client.post(EXPORTS, json=asked, headers={"x-tenant": "b"})
    assert other.status_code == 400
    assert "there are download" in other.json()["detail"]
