"""Every HTTP door to a question: what is asked briefly, explained, listed, or wanted as a file."""

import csv
import io
from typing import Any

import httpx
import pyarrow as pa
import pytest

from llm_analytics_hub.bootstrap import Hub

DAY = {"from": "2025-11-19", "to": "2025-11-20"}
HEADERS = {"x-tenant": "doors"}


def call(number: int, model: str, **more: Any) -> dict[str, Any]:
    return {
        "source": "observatory", "event_type": "inference.completed", "event_id": f"d{number}",
        "occurred_at": f"2025-11-19T09:{number:02}:00Z", "model": model, "cost_usd": "0.10",
        "latency_ms": 100 * number, "trace_id": f"trace-{number % 2}", "service": "chat", **more,
    }  # fmt: skip


@pytest.fixture(autouse=True)
async def _events(client: httpx.AsyncClient) -> None:
    calls = [call(1, "a"), call(2, "a", status="error"), call(3, "b"), call(4, "c")]
    answer = await client.post("/api/v1/events", json=calls, headers=HEADERS)
    assert answer.status_code == 200


async def get(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(path, params=params, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(client: httpx.AsyncClient, path: str, **params: Any) -> str:
    answer = await client.get(path, params=params, headers=HEADERS)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    return str(answer.json()["detail"])


async def test_a_short_question_is_the_long_one(client: httpx.AsyncClient) -> None:
    long = {"measures": ["requests", "cost_usd"], "dimensions": ["model"], "time_range": DAY,
            "filters": [{"field": "latency_ms", "op": "gt", "value": 100}],
            "having": [{"field": "requests", "op": "ge", "value": 1}],
            "top": {"dimension": "model", "limit": 1, "by": "requests"}, "limit": 5,
            "order_by": [{"field": "requests", "direction": "desc"}, {"field": "model"}]}  # fmt: skip
    found = await client.post("/api/v1/query", json=long, headers=HEADERS)
    short = await get(
        client, "/api/v1/query", measures="requests,cost_usd", dimensions="model", **DAY,
        where="latency_ms>100", having="requests>=1", top="model:1:requests", limit="5",
        order_by="requests:desc,model",
    )  # fmt: skip
    assert short["rows"] == found.json()["rows"] == [["(other)", 2, 0.2], ["a", 1, 0.1]]
    assert short["columns"] == found.json()["columns"]


@pytest.mark.parametrize(
    ("params", "fault"),
    [
        ({"measure": "events", "last": "1h"}, "no parameter 'measure'"),
        ({"measures": "events"}, "time_range"),
        ({"last": "1h"}, "measures"),
        ({"measures": "events", "last": "1h", "limit": "many"}, "limit 'many'"),
        ({"measures": "events", "last": "1h", "where": "model"}, "'model' is no condition"),
        ({"measures": "events", "last": "1h", "having": "events>x"}, "events is compared with"),
        ({"measures": "events", "last": "1h", "having": "requests>1"}, "having 'requests'"),
        ({"measures": "events", "last": "1h", "top": "a:1:b:c"}, "dimension:number:measure"),
        ({"measures": "events", "last": "1h", "compare": "last"}, "compare"),
        ({"measures": "events", "last": "1h", "fill_gaps": "maybe"}, "fill_gaps 'maybe'"),
        ({"measures": "events", "last": "1h", "format": "doc"}, "no format 'doc'"),
        ({"measures": "events", "period": "ever"}, "time_range.period"),
    ],
)
async def test_a_short_question_that_is_wrong_names_the_parameter(
    client: httpx.AsyncClient, params: dict[str, str], fault: str
) -> None:
    assert fault in await refused(client, "/api/v1/query", **params)


async def test_an_answer_can_be_a_file_of_rows(client: httpx.AsyncClient) -> None:
    asked = {"measures": ["requests", "cost_usd"], "dimensions": ["model"], "time_range": DAY,
             "order_by": [{"field": "model"}]}  # fmt: skip
    wish = {**HEADERS, "accept": "application/vnd.apache.arrow.stream"}
    answer = await client.post("/api/v1/query", json=asked, headers=wish)
    assert answer.headers["content-type"] == wish["accept"]
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.column_names == ["model", "requests", "cost_usd"]
    assert [str(value) for value in table["cost_usd"].to_pylist()] == ["0.200000000000", "0.100000000000", "0.100000000000"]  # fmt: skip
    text = await client.post("/api/v1/query?format=csv", json=asked, headers=HEADERS)
    assert next(csv.reader(io.StringIO(text.text))) == ["model", "requests", "cost_usd"]


async def test_a_plan_says_what_is_read_and_why_nothing_shorter(client: httpx.AsyncClient) -> None:
    asked = {"measures": ["latency_ms_p95"], "dimensions": ["user_id"], "time_range": DAY}
    answer = await client.post("/api/v1/query/explain", json=asked, headers=HEADERS)
    plan = answer.json()
    assert plan["table"] == "events"
    assert "doors" not in plan["sql"]
    assert "doors" in plan["args"].values()
    assert [rollup["table"] for rollup in plan["rollups"]] == ["rollup_5m", "rollup_day"]
    assert all("user_id is none of its keys" in rollup["why_not"] for rollup in plan["rollups"])
    assert plan["limits"]["seconds"] == 30
    wrong = await client.post("/api/v1/query/explain", json={**asked, "measures": ["x"]})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_query")


async def test_the_catalog_says_how_a_measure_is_made(client: httpx.AsyncClient) -> None:
    found = await get(client, "/api/v1/catalog")
    measures = {measure["name"]: measure for measure in found["measures"]}
    assert len(measures) >= 40
    assert measures["errors"]["aggregates"] == "number of events where status is 'error'"
    assert measures["cost_usd"]["rollups"] == ["rollup_5m", "rollup_day"]
    assert measures["latency_ms_p95"]["rollups"] == ["rollup_day"]
    assert measures["traces"]["rollups"] == []
    assert "last_month" in found["periods"]
    assert "previous_year" in found["comparisons"]


async def test_traces_are_listed_newest_first_and_page_by_page(client: httpx.AsyncClient) -> None:
    first = await get(client, "/api/v1/traces", **DAY, limit=1)
    (trace,) = first["traces"]
    assert trace == {
        "trace_id": "trace-0", "started_at": "2025-11-19T09:02:00.000000Z", "duration_ms": 120_400.0,
        "events": 2, "requests": 2, "errors": 1, "cost_usd": 0.2, "service": "chat", "model": "a",
    }  # fmt: skip
    rest = await get(client, "/api/v1/traces", **DAY, cursor=first["next_cursor"])
    assert [trace["trace_id"] for trace in rest["traces"]] == ["trace-1"]
    assert rest["next_cursor"] is None


async def test_traces_are_found_by_any_of_their_events(client: httpx.AsyncClient) -> None:
    found = await get(client, "/api/v1/traces", **DAY, where="model=c")
    assert [(trace["trace_id"], trace["events"]) for trace in found["traces"]] == [("trace-0", 2)]
    assert (await get(client, "/api/v1/traces", **DAY, where="model=z"))["traces"] == []
    assert len((await get(client, "/api/v1/traces"))["traces"]) == 2  # of the last day
    assert (await get(client, "/api/v1/traces", last="30m"))["traces"] == []
    assert "cursor" in await refused(client, "/api/v1/traces", cursor="x")


async def test_events_are_found_by_words_and_by_filters(client: httpx.AsyncClient) -> None:
    words = await get(client, "/api/v1/events", where=["latency_ms>=200", "model in a,b"])
    assert [event["event_id"] for event in words["events"]] == ["d3", "d2"]
    body = {"filters": {"not": {"field": "model", "value": "a"}}, "time_range": DAY, "limit": 1}
    first = await client.post("/api/v1/events/search", json=body, headers=HEADERS)
    assert [event["event_id"] for event in first.json()["events"]] == ["d4"]
    again = {**body, "cursor": first.json()["next_cursor"]}
    rest = await client.post("/api/v1/events/search", json=again, headers=HEADERS)
    assert [event["event_id"] for event in rest.json()["events"]] == ["d3"]


async def test_no_door_shows_another_tenants_events(client: httpx.AsyncClient) -> None:
    other = {"x-tenant": "other-door"}
    span = "from=2025-11-19&to=2025-11-20"
    counted = await client.get(f"/api/v1/query?measures=events&{span}", headers=other)
    assert counted.json()["rows"] == [[0]]
    for path, name in (("/api/v1/traces?" + span, "traces"), ("/api/v1/events?" + span, "events")):
        assert (await client.get(path, headers=other)).json()[name] == []
    found = await client.post("/api/v1/events/search", json={}, headers=other)
    assert found.json()["events"] == []


async def test_the_second_answer_is_the_first_until_something_is_written(
    client: httpx.AsyncClient,
) -> None:
    path = "/api/v1/query?measures=events&from=2025-11-19&to=2025-11-20&where=service=cached"
    first = await client.get(path, headers=HEADERS)
    second = await client.get(path, headers=HEADERS)
    assert (first.json()["meta"]["cached"], second.json()["meta"]["cached"]) == (False, True)
    assert first.json()["rows"] == second.json()["rows"] == [[0]]
    known = {**HEADERS, "if-none-match": second.headers["etag"]}
    assert (await client.get(path, headers=known)).status_code == 304
    written = call(5, "a", event_id=f"late-{id(client)}", service="cached")
    await client.post("/api/v1/events", json=written, headers=HEADERS)
    third = await client.get(path, headers=known)
    assert (third.status_code, third.json()["rows"]) == (200, [[1]])
    assert third.json()["meta"]["cached"] is False


async def test_an_asset_is_kept_until_something_is_told_of_it(client: httpx.AsyncClient) -> None:
    def told(number: int, owner: str) -> dict[str, Any]:
        return {"source": "registry", "event_type": "asset.updated", "event_id": f"a{number}-{owner}",
                "occurred_at": f"2025-11-19T09:0{number}:00Z", "asset_id": "kept",
                "attributes": {"owner": owner}}  # fmt: skip

    for number, owner in enumerate(("first", "second")):
        await client.post("/api/v1/events", json=told(number, owner), headers=HEADERS)
        for _ in range(2):
            found = await get(client, "/api/v1/assets/kept")
            assert found["owner"] == owner


async def test_a_kept_answer_is_given_at_once_and_counted(
    client: httpx.AsyncClient, hub: Hub
) -> None:
    def hits() -> float:
        labels = {"layer": "memory", "outcome": "hit"}
        return hub.metrics.registry.get_sample_value("hub_cache_requests_total", labels) or 0

    asked = {"measures": ["events"], "time_range": DAY,
             "filters": [{"field": "service", "value": f"once-{id(client)}"}]}  # fmt: skip
    answers = []
    for expected in (0, 1, 2):
        before = hits()
        answers.append((await client.post("/api/v1/query", json=asked, headers=HEADERS)).json())
        assert hits() - before == min(expected, 1)
    assert [answer["meta"]["cached"] for answer in answers] == [False, True, True]
    assert all(answer["meta"]["elapsed_ms"] >= 0 for answer in answers)
    other = await client.post("/api/v1/query", json=asked, headers={"x-tenant": "somebody"})
    assert other.json()["meta"]["cached"] is False
