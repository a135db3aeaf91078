"""`/api/v1/integrations`: what came from each module, and connectors seen, paused and resumed."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from llm_analytics_hub.bootstrap import open_doors, open_hub
from llm_analytics_hub.cli import target as cli_target
from llm_analytics_hub.cli.client import HubClient
from llm_analytics_hub.cli.main import app
from llm_analytics_hub.settings import load_settings

PATH = "/api/v1/integrations"
SENT = {
    "event_type": "asset_registered", "asset_id": "01K", "timestamp": "2025-11-19T09:08:31Z",
    "data": {"type": "asset_registered", "asset_id": "01K", "asset_name": "a"},
}  # fmt: skip


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    folder = {"kind": "folder", "path": str(tmp_path / "inbox")}
    connectors = {
        "exports": {**folder, "module": "costops"},
        "theirs": {**folder, "module": "registry", "tenant": "acme"},
    }
    settings = load_settings(
        {"data_dir": tmp_path / "data", "ui": False, "connectors": connectors}, environ={}
    )
    one = open_hub(settings)
    await one.connectors.start()
    transport = httpx.ASGITransport(open_doors(one, settings).main, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        yield client
    await one.connectors.stop()
    one.close()


async def modules(hub: httpx.AsyncClient, tenant: str = "default") -> dict[str, dict[str, Any]]:
    answer = await hub.get(PATH, headers={"x-tenant": tenant})
    return {one["module"]: one for one in answer.json()["integrations"]}


async def test_every_module_is_there_with_what_came_from_it(hub: httpx.AsyncClient) -> None:
    await hub.post(
        "/api/v1/ingest/registry", json=[SENT, SENT, {"status": 1, "error": "x", "timestamp": "x"}]
    )
    found = await modules(hub)
    assert len(found) == 7
    assert found["registry"]["events"] == {"accepted": 1, "duplicates": 1, "refused": 1}
    assert found["sentinel"]["events"] == {"accepted": 0, "duplicates": 0, "refused": 0}
    assert (await modules(hub, "acme"))["registry"]["events"]["accepted"] == 0


async def test_a_connector_says_how_it_is_doing(hub: httpx.AsyncClient, tmp_path: Path) -> None:
    async with asyncio.timeout(30):
        while (await hub.get(f"{PATH}/connectors/exports")).json()["phase"] == "starting":  # noqa: ASYNC110 - looked at from outside
            await asyncio.sleep(0)
    (connector,) = (await modules(hub))["costops"]["connectors"]
    assert (connector["name"], connector["kind"], connector["phase"]) == (
        "exports",
        "folder",
        "running",
    )
    assert connector["remote"] == str(tmp_path / "inbox")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", connector["since"])
    assert "last_error" not in connector


async def test_a_connector_is_paused_and_resumed(hub: httpx.AsyncClient) -> None:
    for action, phase in (("pause", "paused"), ("pause", "paused"), ("resume", "starting")):
        answer = await hub.post(f"{PATH}/connectors/exports/{action}")
        assert (answer.status_code, answer.json()["phase"]) == (200, phase)
    assert "paused_by" not in (await hub.get(f"{PATH}/connectors/exports")).json()


async def test_another_tenants_connector_is_not_there(hub: httpx.AsyncClient) -> None:
    assert (await modules(hub))["registry"]["connectors"] == []
    for method, path in (("GET", "theirs"), ("POST", "theirs/pause"), ("POST", "theirs/resume")):
        answer = await hub.request(method, f"{PATH}/connectors/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_connector")
    assert len((await modules(hub, "acme"))["registry"]["connectors"]) == 1


def test_the_command_shows_pauses_and_resumes(monkeypatch: pytest.MonkeyPatch) -> None:
    phases = {"pause": "paused", "resume": "starting"}
    state = {"name": "exports", "module": "costops", "kind": "folder", "phase": "running",
             "accepted": 1234, "duplicates": 0, "rejected": 0, "sent": 0}  # fmt: skip
    counts = {"accepted": 1234, "duplicates": 0, "refused": 5}
    module = {"module": "costops", "events": counts, "connectors": [state]}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"integrations": [module]})
        return httpx.Response(200, json={**state, "phase": phases[request.url.path.split("/")[-1]]})

    transport = httpx.MockTransport(answer)
    monkeypatch.setattr(
        cli_target, "HubClient", lambda url, tenant: HubClient(url, tenant, transport=transport)
    )
    run = CliRunner().invoke
    shown = run(app, ["integrations", "list"]).stdout
    assert "1,234" in shown
    assert "exports" in shown
    assert run(app, ["integrations", "list", "--format", "json"]).stdout.startswith("[")
    assert run(app, ["integrations", "pause", "exports"]).stdout == "exports is paused\n"
    assert run(app, ["integrations", "resume", "exports"]).stdout == "exports is starting\n"
