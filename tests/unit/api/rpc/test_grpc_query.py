"""Questions over gRPC: the numbers of the REST API, for the tenant of the call only."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyarrow as pa
import pytest

from llm_analytics_hub.api.rpc.schema import POOL
from llm_analytics_hub.model.event import INFERENCE
from llm_analytics_hub.query.body import QueryBody, TimeRangeBody, TopBody

SERVICE = "llm_analytics_hub.query.v1.QueryService"
DAY = {"from": "2025-11-19", "to": "2025-11-20"}
START = datetime(2025, 11, 19, tzinfo=UTC)
Row = dict[str, Any]

QUESTIONS: list[Row] = [
    {"measures": ["events", "requests", "errors", "error_rate"], "time_range": DAY},
    {"measures": ["cost_usd", "latency_ms_p95", "users"], "dimensions": ["model", "user_id"],
     "time_range": DAY, "order_by": [{"field": "model"}, {"field": "user_id"}], "limit": 7},
    {"measures": ["total_tokens"], "granularity": "hour", "time_zone": "Europe/Berlin",
     "time_range": DAY, "fill_gaps": True},
    {"measures": ["requests"], "dimensions": ["model"], "time_range": DAY,
     "filters": [{"or": [{"field": "model", "op": "prefix", "value": "m1"},
                         {"not": {"field": "latency_ms", "op": "lt", "value": 25}}]},
                 {"field": "model", "op": "not_in", "value": ["m2", "x"]},
                 {"field": "user_id", "op": "exists"}]},
    {"measures": ["requests"], "dimensions": ["user_id"], "time_range": DAY,
     "top": {"dimension": "user_id", "limit": 2, "other": False},
     "having": [{"field": "requests", "op": "ge", "value": 2}]},
    {"measures": ["requests", "cost_usd"], "time_range": {"period": "today"},
     "compare": "previous_period"},
]  # fmt: skip
"""Together they say every member that a question has."""


def call(number: int) -> Row:
    return {
        "event_id": f"e{number:03}", "source": "observatory", "event_type": INFERENCE,
        "occurred_at": (START + timedelta(minutes=7 * number)).isoformat(),
        "model": f"m{number % 3}", "provider": "p", "status": "error" if number % 7 == 0 else "ok",
        "user_id": f"u{number % 5}" if number % 4 else None, "latency_ms": number / 2,
        "input_tokens": number, "output_tokens": 1, "cost_usd": f"0.00000{number}",
    }  # fmt: skip


@pytest.fixture
async def stored(client: httpx.AsyncClient, rpc: Any) -> Any:
    """The caller, whose tenant has a hundred calls of models."""
    answer = await client.post("/api/v1/events", json=[call(number) for number in range(100)])
    assert answer.json()["accepted"] == 100, answer.text
    return rpc


def in_message(question: Row) -> Row:
    """A question of the REST API as the JSON form of a QueryRequest."""
    said = {name: [filter_in_message(one) for one in question.get(name, ())]
            for name in ("filters", "having")}  # fmt: skip
    return {**question, **said}


def filter_in_message(one: Row) -> Row:
    for word, ours in (("and", "all_of"), ("or", "any_of")):
        if word in one:
            return {ours: {"filters": [filter_in_message(part) for part in one[word]]}}
    return {"negated": filter_in_message(one["not"])} if "not" in one else {"condition": one}


def as_rest(value: Any) -> object:
    """A Value as the REST API writes it, numbers as float."""
    kind = value.WhichOneof("kind")
    if kind == "time":
        return value.time.ToDatetime(tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if kind in ("integer", "number", "decimal"):
        return float(getattr(value, kind))
    return getattr(value, kind) if kind else None


def as_float(value: object) -> object:
    return float(value) if isinstance(value, int | float) else value


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: "-".join(question))
@pytest.mark.parametrize("form", ["members", "question"])
async def test_the_numbers_are_those_of_the_rest_api(
    stored: Any, client: httpx.AsyncClient, question: Row, form: str
) -> None:
    rest = (await client.post("/api/v1/query", json=question)).json()
    said = in_message(question) if form == "members" else {"question": question}
    answer = await stored.one(SERVICE, "Query", said)
    shown = [{"name": c.name, "type": c.type, **({"unit": c.unit} if c.unit else {})}
             for c in answer.columns]  # fmt: skip
    assert shown == rest["columns"]
    rows = [[as_rest(value) for value in row.values] for row in answer.rows]
    assert rows
    assert rows == [[as_float(value) for value in row] for row in rest["rows"]]
    assert answer.meta["table"] == rest["meta"]["table"]


async def test_decimals_keep_their_digits(stored: Any, client: httpx.AsyncClient) -> None:
    question = {"measures": ["cost_usd"], "time_range": DAY}
    rest = (await client.post("/api/v1/query", json=question)).text
    decimal = (await stored.one(SERVICE, "Query", question)).rows[0].values[0].decimal
    assert decimal
    assert f'"rows":[[{decimal}]]' in rest


async def test_arrow_has_the_same_rows(stored: Any) -> None:
    question = QUESTIONS[1]
    pieces = await stored.many(SERVICE, "QueryArrow", question)
    table = pa.ipc.open_stream(b"".join(piece.ipc for piece in pieces)).read_all()
    answer = await stored.one(SERVICE, "Query", question)
    assert table.num_rows == len(answer.rows) == 7
    assert table.column_names == [column.name for column in pieces[0].columns]
    users = [row.values[1].text or None for row in answer.rows]
    assert table["user_id"].to_pylist() == users
    assert None in users


async def test_a_tenant_sees_only_its_own(stored: Any) -> None:
    question = {"measures": ["events"], "time_range": DAY}
    mine = await stored.one(SERVICE, "Query", question)
    assert mine.rows[0].values[0].integer == 100
    stored.tenant += "x"
    for filters in ([], [{"condition": {"field": "tenant", "value": stored.tenant[:-1]}}]):
        other = await stored.one(SERVICE, "Query", {**question, "filters": filters})
        assert [row.values[0].integer for row in other.rows] == [0]
    assert not (await stored.many(SERVICE, "ListEvents"))[0].events


async def test_the_catalog_is_that_of_the_rest_api(rpc: Any, client: httpx.AsyncClient) -> None:
    rest = (await client.get("/api/v1/catalog")).json()
    told = await rpc.one(SERVICE, "GetCatalog")
    assert [one.name for one in told.measures] == [one["name"] for one in rest["measures"]]
    assert [one.unit for one in told.measures] == [one["unit"] or "" for one in rest["measures"]]
    for name in ("dimensions", "granularities", "operators"):
        assert list(getattr(told, name)) == rest[name]


@pytest.mark.parametrize(
    ("message", "body"),
    [("QueryRequest", QueryBody), ("TimeRange", TimeRangeBody), ("Top", TopBody)],
)
def test_a_request_has_every_member_of_a_question(message: str, body: Any) -> None:
    ours = POOL.FindMessageTypeByName(f"llm_analytics_hub.query.v1.{message}").fields_by_name
    theirs = {field.alias or name for name, field in body.model_fields.items()}
    assert set(ours) - {"question"} == theirs
