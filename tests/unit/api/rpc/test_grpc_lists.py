"""Lists over gRPC: events, traces and assets, in pieces, as the REST API shows them."""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from llm_analytics_hub.api.rpc.answers import PIECE_BYTES

SERVICE = "llm_analytics_hub.query.v1.QueryService"
START = datetime(2025, 11, 19, tzinfo=UTC)
TRACE = "ab" * 16
BATCH = 75
Row = dict[str, Any]


def event(number: int, **more: Any) -> Row:
    return {
        "event_id": f"e{number:05}", "source": "observatory", "event_type": "thing.done",
        "occurred_at": (START + timedelta(seconds=number)).isoformat(), **more,
    }  # fmt: skip


async def send(client: httpx.AsyncClient, *events: Row) -> None:
    for start in range(0, len(events), BATCH):
        batch = events[start : start + BATCH]
        answer = await client.post("/api/v1/events", json=batch)
        assert answer.json().get("accepted") == len(batch), answer.text


def ids(pages: list[Any]) -> list[str]:
    return [one.event_id for page in pages for one in page.events]


async def test_events_are_those_of_the_rest_api(rpc: Any, client: httpx.AsyncClient) -> None:
    await send(
        client, *(event(n, model="m", cost_usd="0.00000012345", value=1.5) for n in range(9))
    )
    rest = (await client.get("/api/v1/events", params={"limit": 5})).json()
    pages = await rpc.many(SERVICE, "ListEvents", {"limit": 5})
    assert [json.loads(one.json) for page in pages for one in page.events] == rest["events"]
    assert pages[-1].next_cursor == rest["next_cursor"]
    first = pages[0].events[0]
    assert (first.event_id, first.source, first.event_type) == (
        "e00008", "observatory", "thing.done",
    )  # fmt: skip
    assert first.occurred_at.ToDatetime(tzinfo=UTC) == START + timedelta(seconds=8)


async def test_a_list_goes_on_behind_its_cursor_to_the_end(
    rpc: Any, client: httpx.AsyncClient
) -> None:
    await send(client, *map(event, range(1300)))
    whole = await rpc.many(SERVICE, "ListEvents", {"limit": 100_000})
    assert ids(whole) == [f"e{n:05}" for n in reversed(range(1300))]
    assert len(whole) > 1
    assert whole[-1].next_cursor == ""
    rest = {"limit": 100_000, "cursor": whole[0].next_cursor}
    assert ids([whole[0], *await rpc.many(SERVICE, "ListEvents", rest)]) == ids(whole)
    assert len(ids(await rpc.many(SERVICE, "ListEvents", {"limit": 700}))) == 700
    assert len(ids(await rpc.many(SERVICE, "ListEvents"))) == 100


async def test_events_are_filtered(rpc: Any, client: httpx.AsyncClient) -> None:
    await send(client, *(event(n, model=f"m{n % 2}") for n in range(10)))
    said = {
        "filters": [{"condition": {"field": "model", "value": "m1"}}],
        "time_range": {"from": "2025-11-19T00:00:03Z", "to": "2025-11-19T00:00:09Z"},
    }
    assert ids(await rpc.many(SERVICE, "ListEvents", said)) == ["e00007", "e00005", "e00003"]
    late = said | {"time_range": {"from": "2025-11-19T00:00:08Z"}}
    assert ids(await rpc.many(SERVICE, "ListEvents", late)) == ["e00009"]


async def test_large_events_come_in_pieces_that_a_client_takes(
    rpc: Any, client: httpx.AsyncClient
) -> None:
    text = os.urandom(15_000).hex()
    for n in range(300):  # 9 MB: more than twice what clients take at once
        await send(client, event(n, attributes={"text": text}))
    pages = await rpc.many(SERVICE, "ListEvents", {"limit": 1000})
    assert ids(pages) == [f"e{n:05}" for n in reversed(range(300))]
    assert all(page.ByteSize() < PIECE_BYTES + 100 for page in pages)


async def test_a_trace_comes_with_its_tree(rpc: Any, client: httpx.AsyncClient) -> None:
    def span(number: int, parent: int | None) -> Row:
        above = {} if parent is None else {"parent_span_id": f"{parent:016x}"}
        return event(number, trace_id=TRACE, span_id=f"{number:016x}", **above)

    await send(client, span(0, None), span(1, 0), span(2, 1), span(3, 0), span(4, None))
    (piece,) = await rpc.many(SERVICE, "GetTrace", {"trace_id": TRACE.upper()})
    assert (piece.trace_id, piece.span_count) == (TRACE, 5)
    found = [(one.depth, one.event.event_id[-1]) for one in piece.spans]
    assert found == [(0, "0"), (1, "1"), (2, "2"), (1, "3"), (0, "4")]
    rest = (await client.get(f"/api/v1/traces/{TRACE}")).json()
    del rest["roots"][1:], rest["roots"][0]["children"]
    assert json.loads(piece.spans[0].event.json) == rest["roots"][0]


async def test_a_large_trace_comes_in_pieces(rpc: Any, client: httpx.AsyncClient) -> None:
    spans = [
        event(n, trace_id=TRACE, span_id=f"{n + 1:016x}", parent_span_id=f"{n:016x}",
              attributes={"text": f"{n}" + "x" * 900})
        for n in range(1500)
    ]  # fmt: skip
    await send(client, *spans)
    pieces = await rpc.many(SERVICE, "GetTrace", {"trace_id": TRACE})
    assert len(pieces) > 1
    found = [one for piece in pieces for one in piece.spans]
    assert {one.event.event_id for one in found} == {one["event_id"] for one in spans}
    assert len(found) == pieces[0].span_count == 1500


@pytest.mark.parametrize("limit", [0, 2])
async def test_assets_are_those_of_the_rest_api(
    rpc: Any, client: httpx.AsyncClient, limit: int
) -> None:
    items = [
        {"id": f"team/a{n}", "asset_type": "model", "updated_at": "2025-11-19T08:00:00Z",
         "metadata": {"name": f"model {n}", "version": "1.0", "tags": ["eu"]}}
        for n in range(3)
    ]  # fmt: skip
    assert (await client.post("/api/v1/ingest/registry", json=items)).json()["accepted"] == 3
    params = {"limit": limit} if limit else {}
    rest = (await client.get("/api/v1/assets", params=params)).json()
    pages = await rpc.many(SERVICE, "ListAssets", {"limit": limit, "tag": "eu"})
    assert [json.loads(one.json) for page in pages for one in page.assets] == rest["assets"]
    assert pages[-1].next_cursor == (rest["next_cursor"] or "")
    assert pages[0].assets[0].asset_name == "model 0"
    assert not (await rpc.many(SERVICE, "ListAssets", {"tag": "us"}))[0].assets
