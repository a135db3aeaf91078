import os
from typing import Any

import httpx
import pytest

EVENTS = "/api/v1/events"
DAY = {"from": "2025-11-19", "to": "2025-11-20"}
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
async def tenant(client: httpx.AsyncClient) -> str:
    """A tenant of its own with five calls, one a minute; the third is of another model and failed."""
    name = f"t{os.urandom(8).hex()}"
    client.headers["x-tenant"] = name
    rows = [
        {
            "source": "observatory", "event_type": "inference.completed", "event_id": f"e{n}",
            "occurred_at": f"2025-11-19T09:0{n}:00Z", "provider": "openai", "model": "o3" if n == 2 else "gpt-4o",
            "input_tokens": 1000, "output_tokens": 100, "status": "error" if n == 2 else "ok",
            "trace_id": TRACE, "span_id": f"s{n}", "parent_span_id": f"s{n - 1}" if n else None,
            "attributes": {"team": {"name": "x"}, "size": n},
        }
        for n in range(5)
    ]  # fmt: skip
    assert (await client.post(EVENTS, json=rows)).json()["accepted"] == 5
    return name


async def ask(client: httpx.AsyncClient, **members: Any) -> dict[str, Any]:
    answer = await client.post(
        "/api/v1/query", json={"measures": ["events"], "time_range": DAY} | members
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.usefixtures("tenant")
async def test_a_question_is_answered_with_units_and_exact_money(client: httpx.AsyncClient) -> None:
    found = await ask(client, measures=["requests", "cost_usd", "error_rate"], dimensions=["model"])
    assert found["columns"] == [
        {"name": "model", "type": "string"},
        {"name": "requests", "type": "integer"},
        {"name": "cost_usd", "type": "decimal", "unit": "USD"},
        {"name": "error_rate", "type": "number", "unit": "ratio"},
    ]
    assert found["rows"] == [["gpt-4o", 4, 0.014, 0.0], ["o3", 1, 0.0028, 1.0]]
    assert found["meta"].keys() >= {"elapsed_ms", "engine_ms", "rows_read", "table", "cached"}


@pytest.mark.usefixtures("tenant")
async def test_filters_reach_into_attributes(client: httpx.AsyncClient) -> None:
    where = [
        {"field": "attributes.team.name", "value": "x"},
        {"field": "attributes.size", "op": "ge", "value": 3},
    ]
    assert (await ask(client, filters=where))["rows"] == [[2]]
    assert (await ask(client, filters={"not": {"field": "status", "value": "ok"}}))["rows"] == [[1]]


@pytest.mark.usefixtures("tenant")
async def test_time_is_cut_in_the_zone_of_the_asker(client: httpx.AsyncClient) -> None:
    found = await ask(client, granularity="day", time_zone="Asia/Tokyo")
    assert found["rows"] == [["2025-11-18T15:00:00Z", 5]]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"5", b'{"measures": ["events"]}', b'{"measures": ["x"], "time_range": {"last": "1h"}}',
     b"[" * 10_000],
)  # fmt: skip
async def test_a_wrong_question_is_a_problem(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post(
        "/api/v1/query", content=body, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["code"] in {"undecodable", "invalid_query"}


@pytest.mark.usefixtures("tenant")
async def test_events_are_listed_newest_first_page_by_page(client: httpx.AsyncClient) -> None:
    first = (await client.get(EVENTS, params={"limit": 3})).json()
    rest = (await client.get(EVENTS, params={"limit": 3, "cursor": first["next_cursor"]})).json()
    assert [one["event_id"] for one in first["events"] + rest["events"]] == [
        "e4",
        "e3",
        "e2",
        "e1",
        "e0",
    ]
    assert rest["next_cursor"] is None
    newest = first["events"][0]
    assert (newest["occurred_at"], newest["cost_usd"]) == ("2025-11-19T09:04:00.000000Z", 0.0035)
    assert newest["attributes"] == {"team": {"name": "x"}, "size": 4}
    assert not newest.keys() & {"tenant", "event_key", "key_until", "expires_on", "severity"}


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"source": "observatory"}, 5),
        ({"source": "registry"}, 0),
        ({"event_id": "e1"}, 1),
        ({"trace_id": TRACE, "stream": "observatory"}, 5),
        ({"from": "2025-11-19T09:01:00Z", "to": "2025-11-19T09:03:00Z"}, 2),
        ({"from": "1763542920"}, 3),
        ({"event_id": "' OR 1 = 1 --"}, 0),
        ({"event_id": "\0\n\\"}, 0),
    ],
    ids=str,
)
async def test_events_are_found_by_their_members(
    client: httpx.AsyncClient, params: dict[str, str], count: int
) -> None:
    answer = await client.get(EVENTS, params=params)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["events"]) == count


@pytest.mark.parametrize(
    "params",
    [{"limit": "0"}, {"limit": "1001"}, {"limit": "x"}, {"from": "soon"}, {"cursor": "x"}],
    ids=str,
)
async def test_a_wrong_list_is_a_problem(client: httpx.AsyncClient, params: dict[str, str]) -> None:
    answer = await client.get(EVENTS, params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.usefixtures("tenant")
async def test_a_trace_is_a_tree(client: httpx.AsyncClient) -> None:
    found = (await client.get(f"/api/v1/traces/{TRACE.upper()}")).json()
    assert (found["spans"], len(found["roots"])) == (5, 1)
    answer = await client.get("/api/v1/traces/none")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_the_catalogue_says_what_can_be_asked(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/v1/catalog")).json()
    assert {"name": "cost_usd", "type": "decimal", "unit": "USD"}.items() <= next(
        one for one in found["measures"] if one["name"] == "cost_usd"
    ).items()
    assert "model" in found["dimensions"]
