"""The registry's assets over HTTP, and questions cut by them."""

import os
from typing import Any

import httpx
import pytest

ASSETS = "/api/v1/integrations/registry/assets"
REGISTRY = "/api/v1/ingest/registry"
DAY = {"from": "2025-11-19", "to": "2025-11-20"}
Row = dict[str, Any]


def described(number: int, hour: int = 8, **metadata: Any) -> Row:
    told = {"name": f"model {number}", "version": "1.0", "tags": ["eu"], **metadata}
    return {
        "id": f"team/a{number}", "asset_type": "model", "metadata": told, "status": "active",
        "storage": {"backend": {"type": "s3"}, "path": "p"},
        "checksum": {"algorithm": "SHA256", "value": "5d"}, "provenance": {"author": "ann"},
        "created_at": "2025-11-18T00:00:00Z", "updated_at": f"2025-11-19T{hour:02}:00:00Z",
    }  # fmt: skip


@pytest.fixture
async def tenant(client: httpx.AsyncClient) -> str:
    """A tenant of its own with three assets."""
    name = f"t{os.urandom(8).hex()}"
    client.headers["x-tenant"] = name
    page = {"items": [described(n) for n in range(3)], "pagination": {"total": 3}}
    assert (await client.post(REGISTRY, json=page)).json()["accepted"] == 3
    return name


async def get(client: httpx.AsyncClient, path: str, **params: Any) -> Row:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    found: Row = answer.json()
    return found


@pytest.mark.usefixtures("tenant")
async def test_assets_are_listed_page_by_page(client: httpx.AsyncClient) -> None:
    first = await get(client, ASSETS, limit=2)
    rest = await get(client, ASSETS, limit=2, cursor=first["next_cursor"])
    found = [one["asset_id"] for one in first["assets"] + rest["assets"]]
    assert found == ["team/a0", "team/a1", "team/a2"]
    assert rest["next_cursor"] is None
    assert await get(client, "/api/v1/assets", limit=2) == first


@pytest.mark.usefixtures("tenant")
async def test_lists_are_filtered(client: httpx.AsyncClient) -> None:
    await client.post(REGISTRY, json=described(9, asset_type="dataset", tags=["prod"], name="x"))
    for params in ({"tag": "prod"}, {"name_prefix": "x"}):
        found = await get(client, ASSETS, **params)
        assert [one["asset_id"] for one in found["assets"]] == ["team/a9"]
    both = {"asset_type": "model", "status": "active", "owner": "ann"}
    assert len((await get(client, ASSETS, **both))["assets"]) == 4
    assert (await get(client, ASSETS, **both | {"owner": "x"}))["assets"] == []


@pytest.mark.usefixtures("tenant")
async def test_one_asset_is_shown_with_all_its_versions(client: httpx.AsyncClient) -> None:
    await client.post(REGISTRY, json=described(0, 9, version="1.1"))
    asset = await get(client, f"{ASSETS}/team/a0")
    assert (asset["asset_name"], asset["version"], asset["tags"]) == ("model 0", "1.1", ["eu"])
    assert asset["storage"] == {"backend": "s3", "uri": "p"}
    first = await get(client, f"{ASSETS}/team/a0/versions", limit=1)
    assert first["asset_id"] == "team/a0"
    rest = await get(client, f"{ASSETS}/team/a0/versions", cursor=first["next_cursor"])
    assert [one["version"] for one in first["versions"] + rest["versions"]] == ["1.1", "1.0"]
    assert rest["next_cursor"] is None


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize("path", ["nobody", "nobody/versions", "team/a0"])
async def test_what_is_not_there_or_of_others_is_not_found(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(f"{ASSETS}/{path}", headers={"x-tenant": "somebody-else"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize("path", ["", "/team/a0/versions"])
@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"cursor": "%"}, "invalid_cursor"),
        ({"cursor": "bm8="}, "invalid_cursor"),
        ({"limit": 0}, "invalid_request"),
        ({"limit": 1001}, "invalid_request"),
    ],
)
async def test_a_wrong_request_is_a_problem(
    client: httpx.AsyncClient, path: str, params: Row, code: str
) -> None:
    answer = await client.get(ASSETS + path, params=params)
    if path == "" and params == {"cursor": "bm8="}:
        assert answer.status_code == 200  # any text is a place in a list of ids
    else:
        assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.usefixtures("tenant")
async def test_an_update_re_enriches_all_history(client: httpx.AsyncClient) -> None:
    calls = [
        {
            "source": "observatory", "event_type": "inference.completed", "event_id": f"e{n}",
            "occurred_at": f"2025-11-19T0{n}:00:00Z", "asset_id": f"team/a{n % 4}",
        }
        for n in range(8)
    ]  # fmt: skip
    await client.post("/api/v1/events", json=calls)

    async def by_owner() -> list[list[Any]]:
        body = {
            "measures": ["requests"], "dimensions": ["asset.owner"], "time_range": DAY,
            "filters": [{"field": "event_type", "value": "inference.completed"}],
        }  # fmt: skip
        found: list[list[Any]] = (await client.post("/api/v1/query", json=body)).json()["rows"]
        return found

    assert await by_owner() == [["ann", 6], [None, 2]]
    mine = described(1, 9) | {"provenance": {"author": "bob"}}
    await client.post(REGISTRY, json=[mine, described(3, 9)])
    assert await by_owner() == [["ann", 6], ["bob", 2]]
    older = described(1, 8) | {
        "provenance": {"author": "eve"},
        "updated_at": "2025-11-19T08:30:00Z",
    }
    await client.post(REGISTRY, json=older)
    assert await by_owner() == [["ann", 6], ["bob", 2]]


@pytest.mark.parametrize("name", ["asset.owners", "asset.", "asset.metadata", "asset.metadata.a'b"])
async def test_what_is_no_member_of_an_asset_is_no_dimension(
    client: httpx.AsyncClient, name: str
) -> None:
    body = {"measures": ["events"], "dimensions": [name], "time_range": DAY}
    answer = await client.post("/api/v1/query", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_query")
    assert "asset.owner" in answer.json()["detail"]


async def test_the_catalog_and_the_description_name_assets(client: httpx.AsyncClient) -> None:
    catalog = await get(client, "/api/v1/catalog")
    assert {"asset.owner", "asset.metadata.<path>"} <= set(catalog["dimensions"])
    described = (await get(client, "/api/openapi.json"))["paths"]
    assert described[f"{ASSETS}/{{asset_id}}/versions"]["get"]["tags"] == ["registry"]
