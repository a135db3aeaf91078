"""Exports over HTTP: made, followed, fetched whole and in ranges, bounded, kept apart by tenant."""

import asyncio
import hashlib
import io
import json
import os
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from llm_analytics_hub.bootstrap import Hub
from llm_analytics_hub.model.query import EventFilter

EXPORTS = "/api/v1/exports"
DAY = {"from": "2025-11-19T00:00:00Z", "to": "2025-11-19T10:00:00Z"}
EVENTS = {"what": "events", "format": "jsonl", "time_range": DAY}
Row = dict[str, Any]


def event(number: int) -> Row:
    texts = ("=1+1", 'a "quoted", text\nover two lines', "żółć 🦜", "plain")
    known: Row = {
        "event_id": f"e{number}", "source": "costops", "event_type": "cost.recorded",
        "occurred_at": f"2025-11-19T0{number % 9}:00:00.{number:06}Z", "service": texts[number % 4],
        "cost_usd": f"0.{number + 1:012}", "currency_note": "a", "model": "gpt-4o",
    }  # fmt: skip
    return known | ({"input_tokens": number} if number % 2 else {})


@pytest.fixture
async def tenant(client: httpx.AsyncClient) -> str:
    """A tenant of its own with 100 events."""
    name = f"t{os.urandom(8).hex()}"
    client.headers["x-tenant"] = name
    sent = await client.post("/api/v1/events", json=[event(number) for number in range(100)])
    assert sent.json()["accepted"] == 100, sent.text
    return name


async def made(client: httpx.AsyncClient, hub: Hub, **asked: Any) -> Row:
    """An export, over."""
    answer = await client.post(EXPORTS, json=asked)
    assert answer.status_code == 202, answer.text
    assert answer.json()["status"] == "queued"
    await settled(hub)
    over: Row = (await client.get(answer.headers["location"])).json()
    return over


async def settled(hub: Hub) -> None:
    """Wait until the one worker has done all that was wished before."""
    workers = hub.exports._workers
    assert workers is not None
    await asyncio.to_thread(workers.submit(int).result)


async def refused(client: httpx.AsyncClient, status: int, **asked: Any) -> Row:
    answer = await client.post(EXPORTS, json=asked)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: Row = answer.json()
    return told


def stored(hub: Hub, tenant: str) -> list[Row]:
    """All events of a tenant as the store has them."""
    rows: list[Row] = hub.store.events(EventFilter(tenant, limit=10_000)).to_pylist()
    return rows


async def test_events_are_exported_as_the_event_list_shows_them(
    client: httpx.AsyncClient, hub: Hub, tenant: str
) -> None:
    export = await made(client, hub, **EVENTS)
    assert (export["status"], export["rows"], export["percent"]) == ("done", 100, 100.0)
    assert export["expected_rows"] == 100
    data = await client.get(export["data"])
    assert data.headers["content-type"] == "application/x-ndjson"
    assert data.headers["etag"] == f'"{export["sha256"]}"'
    assert data.headers["x-row-count"] == "100"
    assert hashlib.sha256(data.content).hexdigest() == export["sha256"]
    assert len(data.content) == export["bytes"] == int(data.headers["content-length"])
    listed = await client.get("/api/v1/events", params={"limit": 1000})
    assert [json.loads(line) for line in data.content.splitlines()] == listed.json()["events"]
    assert len(stored(hub, tenant)) == 100


@pytest.mark.usefixtures("tenant")
async def test_parquet_and_arrow_have_the_rows_of_the_store(
    client: httpx.AsyncClient, hub: Hub, tenant: str
) -> None:
    parquet = await made(client, hub, **EVENTS | {"format": "parquet"})
    arrow = await made(client, hub, **EVENTS | {"format": "arrow"})
    read = [
        pq.read_table(io.BytesIO((await client.get(parquet["data"])).content)).to_pylist(),
        pa.ipc.open_stream((await client.get(arrow["data"])).content).read_all().to_pylist(),
    ]
    hidden = {"tenant", "event_key", "key_until", "expires_on"}
    expected = [{k: v for k, v in row.items() if k not in hidden} for row in stored(hub, tenant)]
    assert read == [expected, expected]


@pytest.mark.usefixtures("tenant")
async def test_chosen_columns_and_filters(client: httpx.AsyncClient, hub: Hub) -> None:
    where = [{"field": "service", "op": "eq", "value": "=1+1"}]
    asked = EVENTS | {"format": "csv", "columns": ["event_id", "service"], "filters": where}
    export = await made(client, hub, **asked)
    lines = (await client.get(export["data"])).text.splitlines()
    assert lines[0] == "event_id,service"
    assert sorted(lines[1:]) == sorted(f"e{number},'=1+1" for number in range(0, 100, 4))
    assert export["columns"] == [{"name": "event_id", "type": "string"}, {"name": "service", "type": "string"}]  # fmt: skip


@pytest.mark.usefixtures("tenant")
async def test_a_question_and_the_assets_are_exported(client: httpx.AsyncClient, hub: Hub) -> None:
    question = {"measures": ["events"], "dimensions": ["service"], "time_range": DAY}
    export = await made(client, hub, what="query", format="csv", question=question)
    lines = (await client.get(export["data"])).text
    assert lines.startswith("service,events\n")
    assert "'=1+1,25\n" in lines
    assets = await made(client, hub, what="assets", format="jsonl")
    assert (assets["status"], assets["rows"], assets["bytes"]) == ("done", 0, 0)


@pytest.mark.usefixtures("tenant")
async def test_a_download_goes_on_where_it_broke_off(client: httpx.AsyncClient, hub: Hub) -> None:
    export = await made(client, hub, **EVENTS)
    whole = (await client.get(export["data"])).content
    first = await client.get(export["data"], headers={"range": "bytes=0-999"})
    rest = await client.get(
        export["data"], headers={"range": "bytes=1000-", "if-range": first.headers["etag"]}
    )
    assert (first.status_code, rest.status_code) == (206, 206)
    assert rest.headers["content-range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"
    assert first.content + rest.content == whole
    other = await client.get(
        export["data"], headers={"range": "bytes=1000-", "if-range": '"another"'}
    )
    assert (other.status_code, other.content) == (200, whole)
    beyond = await client.get(export["data"], headers={"range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416
    head = await client.head(export["data"])
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(whole)))
    known = {"if-none-match": first.headers["etag"]}
    assert (await client.get(export["data"], headers=known)).status_code == 304


@pytest.mark.usefixtures("tenant")
async def test_no_tenant_sees_the_exports_of_another(client: httpx.AsyncClient, hub: Hub) -> None:
    export = await made(client, hub, **EVENTS)
    path = f"{EXPORTS}/{export['id']}"
    stranger = {"x-tenant": "stranger"}
    for method, url in (("GET", path), ("GET", export["data"]), ("HEAD", export["data"]), ("DELETE", path)):  # fmt: skip
        assert (await client.request(method, url, headers=stranger)).status_code == 404
    assert (await client.get(EXPORTS, headers=stranger)).json() == {"exports": []}
    assert [one["id"] for one in (await client.get(EXPORTS)).json()["exports"]] == [export["id"]]
    theirs = await client.post(EXPORTS, json=EVENTS, headers=stranger)
    await settled(hub)
    data = await client.get(f"{theirs.headers['location']}/data", headers=stranger)
    assert data.content == b""


@pytest.mark.usefixtures("tenant")
async def test_a_dropped_export_leaves_nothing(client: httpx.AsyncClient, hub: Hub) -> None:
    export = await made(client, hub, **EVENTS)
    folder = hub.exports._folder.path
    assert list(folder.glob(f"{export['id']}*"))
    assert (await client.delete(f"{EXPORTS}/{export['id']}")).status_code == 204
    assert list(folder.glob(f"{export['id']}*")) == []
    assert (await client.get(f"{EXPORTS}/{export['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": "xls"}, "format"),
        ({"what": "sales"}, "what"),
        ({"time_range": None}, "needs a time_range"),
        ({"time_range": {"last": "7 days"}}, "is no span"),
        ({"filters": [{"field": "nope", "op": "eq", "value": "x"}]}, "nope"),
        ({"columns": ["tenant"]}, "columns: no 'tenant'"),
        ({"columns": []}, "columns"),
        ({"destination": "lake"}, "no destination 'lake'; there are download"),
        ({"destination": "download", "prefix": "x/"}, "prefix is for a destination"),
        ({"prefix": "../x/"}, "prefix is folders"),
        ({"prefix": "/etc/"}, "prefix is folders"),
        ({"what": "query"}, "time_range is of an export of events"),
        ({"what": "query", "time_range": None}, "needs a question"),
        ({"secret_key": "x"}, "secret_key"),
    ],
)
async def test_what_cannot_be_exported_is_told(
    client: httpx.AsyncClient, change: Row, told: str
) -> None:
    problem = await refused(client, 400, **EVENTS | change)
    assert told in problem["detail"]


async def test_a_file_is_not_there_before_it_is_done(client: httpx.AsyncClient, hub: Hub) -> None:
    answer = await client.post(EXPORTS, json=EVENTS | {"format": "xlsx"})
    await settled(hub)
    export = hub.exports.one("default", answer.json()["id"])
    export.status = type(export.status).RUNNING
    problem = (await client.get(f"{answer.headers['location']}/data")).json()
    assert (problem["status"], problem["code"]) == (409, "export_not_ready")
