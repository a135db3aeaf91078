"""The modules' doors: their own shapes in, stored events out, and the way of what was refused."""

import os
from typing import Any

import httpx
import pytest

ASSET = {
    "event_type": "asset_status_changed",
    "asset_id": "01K",
    "timestamp": "2025-11-19T09:08:31.250Z",
    "data": {"type": "asset_status_changed", "old_status": "active", "new_status": "deprecated"},
}
FAILED = {"status": 404, "error": "not found", "timestamp": "2025-11-19T09:00:00Z"}
DOOR = "/api/v1/ingest/registry"


@pytest.fixture
def tenant(client: httpx.AsyncClient) -> str:
    """A tenant of its own."""
    client.headers["x-tenant"] = name = f"t{os.urandom(8).hex()}"
    return name


async def stored(client: httpx.AsyncClient, **wanted: str) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/events", params=wanted)
    events: list[dict[str, Any]] = answer.json()["events"]
    return events


@pytest.mark.usefixtures("tenant")
async def test_a_message_is_answered_with_the_id_under_which_it_is_stored(
    client: httpx.AsyncClient,
) -> None:
    params = {"subject": "registry.events.asset.status_changed.01K"}
    answer = (await client.post(DOOR, json=ASSET, params=params)).json()
    assert (answer["accepted"], answer["duplicates"], answer["rejected"]) == (1, 0, [])
    (event,) = await stored(client, event_id=answer["event_ids"][0])
    assert (event["event_type"], event["source"]) == ("asset.deprecated", "registry")
    again = (await client.post(DOOR, json=[ASSET], params=params)).json()
    assert (again["accepted"], again["duplicates"]) == (0, 1)
    assert again["event_ids"] == answer["event_ids"]


@pytest.mark.usefixtures("tenant")
async def test_what_is_refused_is_told_by_place_and_leaves_the_rest(
    client: httpx.AsyncClient,
) -> None:
    late = {**ASSET, "timestamp": "2026-11-19T09:00:00Z"}
    answer = (await client.post(DOOR, json=[FAILED, ASSET, late, 7])).json()
    assert answer["accepted"] == len(answer["event_ids"]) == 1
    assert [(one["index"], one["code"]) for one in answer["rejected"]] == [
        (0, "error_reply"), (2, "timestamp_in_future"), (3, "not_an_object"),
    ]  # fmt: skip


@pytest.mark.usefixtures("tenant")
async def test_a_refused_message_is_read_as_the_modules_own_when_it_is_offered_again(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llm_analytics_hub.integrations.registry import REGISTRY

    def broken(_: object) -> bool:
        return True

    with monkeypatch.context() as patched:
        patched.setitem(REGISTRY.__dict__, "is_error", broken)
        assert (await client.post(DOOR, json=ASSET)).json()["accepted"] == 0
    answer = (await client.post("/api/v1/dead-letters/replay", json={"all": True})).json()
    assert (answer["tried"], answer["stored"]) == (1, 1)
    (event,) = await stored(client, source="registry")
    assert event["event_type"] == "asset.deprecated"


async def test_a_module_that_is_none_is_told_which_there_are(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/ingest/regisrty", json=ASSET)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_module")
    assert "registry" in answer.json()["detail"]


async def test_what_cannot_be_read_at_all_is_refused_whole(client: httpx.AsyncClient) -> None:
    broken = await client.post(DOOR, content=b"{", headers={"content-type": "application/json"})
    assert (broken.status_code, broken.json()["code"]) == (400, "undecodable")
    other = await client.post(DOOR, content=b"<a/>", headers={"content-type": "text/xml"})
    assert (other.status_code, other.json()["code"]) == (415, "unsupported_media_type")


async def test_the_door_is_described_with_its_modules(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/api/openapi.json")).json()["paths"]
    module, *_ = paths["/api/v1/ingest/{module}"]["post"]["parameters"]
    assert {"registry", "governance-dashboard"} <= set(module["schema"]["enum"])
