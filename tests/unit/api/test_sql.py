"""The SQL door: its answers, its refusals, its turns, and what a client that leaves ends."""

import asyncio
import os
import threading
from typing import Any

import httpx
import pyarrow as pa
import pytest
from fastapi import FastAPI
from tests.unit.storage.clickhouse.hostile_sql import HOSTILE

from llm_analytics_hub.api.app import HANDLERS
from llm_analytics_hub.api.sql import ARROW, sql_routes
from llm_analytics_hub.api.turns import Turns
from llm_analytics_hub.bootstrap import Hub
from llm_analytics_hub.errors import SaturatedError
from llm_analytics_hub.query.sql import SqlService
from llm_analytics_hub.storage.cancellation import Cancellation
from llm_analytics_hub.storage.sql_interface import SqlAnswer, SqlQuestion

SQL = "/api/v1/sql"


@pytest.fixture
async def tenant(client: httpx.AsyncClient) -> str:
    """A tenant of its own with two calls of a model."""
    name = f"t{os.urandom(8).hex()}"
    client.headers["x-tenant"] = name
    rows = [
        {
            "source": "observatory", "event_type": "inference.completed", "event_id": f"e{n}",
            "occurred_at": f"2025-11-19T09:0{n}:00Z", "provider": "openai", "model": "gpt-4o",
            "input_tokens": 1000, "output_tokens": 100, "status": "ok",
        }
        for n in range(2)
    ]  # fmt: skip
    assert (await client.post("/api/v1/events", json=rows)).json()["accepted"] == 2
    return name


async def ask(client: httpx.AsyncClient, sql: str, **members: Any) -> dict[str, Any]:
    answer = await client.post(SQL, json={"sql": sql} | members)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.usefixtures("tenant")
async def test_an_answer_has_the_form_of_the_question_door(client: httpx.AsyncClient) -> None:
    found = await ask(
        client,
        "SELECT model, min(occurred_at) AS first, toStartOfHour(first, 'Asia/Tokyo') AS hour, "
        "sum(cost_usd) AS cost, count() AS n, avg(latency_ms) AS ms, [1] AS list, map('a', 1) AS m, "
        "n > 1 AS many FROM events WHERE model = {m:String} GROUP BY model",
        args={"m": "gpt-4o"},
    )
    assert [(column["name"], column["type"]) for column in found["columns"]] == [
        ("model", "string"), ("first", "timestamp"), ("hour", "timestamp"), ("cost", "decimal"),
        ("n", "integer"), ("ms", "number"), ("list", "array"), ("m", "object"), ("many", "integer"),
    ]  # fmt: skip
    assert found["rows"] == [
        ["gpt-4o", "2025-11-19T09:00:00Z", "2025-11-19T09:00:00Z", 0.007, 2, None, [1], {"a": 1}, 1]
    ]  # fmt: skip
    assert found["meta"].keys() == {"elapsed_ms", "engine_ms", "rows_read", "truncated"}


@pytest.mark.usefixtures("tenant")
async def test_an_answer_comes_as_arrow_where_that_is_wanted(client: httpx.AsyncClient) -> None:
    sql = {"sql": "SELECT event_id, input_tokens FROM events ORDER BY event_id"}
    answer = await client.post(SQL, json=sql, headers={"accept": ARROW})
    assert answer.headers["content-type"] == ARROW
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.to_pydict() == {"event_id": ["e0", "e1"], "input_tokens": [1000, 1000]}


@pytest.mark.usefixtures("tenant")
async def test_another_tenant_sees_its_own(client: httpx.AsyncClient) -> None:
    client.headers["x-tenant"] = f"t{os.urandom(8).hex()}"
    assert (await ask(client, "SELECT count() AS n FROM events"))["rows"] == [[0]]


async def test_a_cut_answer_says_so(client: httpx.AsyncClient) -> None:
    found = await ask(client, "SELECT number FROM numbers(10)", limit=2)
    assert (found["rows"], found["meta"]["truncated"]) == ([[0], [1]], True)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_request"),
        ({"sql": ""}, "invalid_request"),
        ({"sql": "SELECT 1", "tenant": "x"}, "invalid_request"),
        ({"sql": "SELECT 1", "limit": 0}, "invalid_request"),
        ({"sql": "SELECT 1", "limit": 100_001}, "invalid_request"),
        ({"sql": "x" * 100_001}, "invalid_request"),
        ({"sql": "SELECT 1", "args": {"a": {"b": 1}}}, "invalid_args"),
        ({"sql": "SELECT no_such FROM events"}, "invalid_sql"),
        ({"sql": "SELECT \0"}, "invalid_sql"),
        ({"sql": "SELECT unhex('ff')"}, "invalid_sql"),
        ({"sql": "SHOW TABLES"}, "sql_refused"),
        ({"sql": "SELECT count() FROM numbers(1000000000000)"}, "budget_exceeded"),
    ],
    ids=lambda value: str(value)[:50],
)
async def test_a_wrong_body_is_a_problem(
    client: httpx.AsyncClient, body: dict[str, Any], code: str
) -> None:
    answer = await client.post(SQL, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


HALF = b'{"sql": "SELECT {a:String}", "args": {"a": "\\ud800"}}'


@pytest.mark.parametrize("body", [HALF, b'{"sql": "SELECT \'\\ud800\'"}', b"{", b"[]"], ids=repr)
async def test_a_body_that_is_no_text_is_a_problem(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post(SQL, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400, answer.text


QUICK = [text for text in HOSTILE if "numbers(" not in text and "repeat(" not in text]


async def test_no_hostile_statement_is_a_mistake_of_the_hub(client: httpx.AsyncClient) -> None:
    for statement in QUICK[::5]:
        answer = await client.post(SQL, json={"sql": statement, "limit": 10})
        assert answer.status_code in {200, 400}, (statement, answer.text)


class EndlessReader:
    """A reader whose answers come when `go` is set, or never once they are cancelled."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.go = threading.Event()
        self.ended = threading.Event()

    def answer_sql(
        self, question: SqlQuestion, cancellation: Cancellation | None = None, /
    ) -> SqlAnswer:
        assert cancellation is not None

        def end() -> None:
            self.ended.set()
            self.go.set()

        with cancellation.ends_by(end):
            self.asked.set()
            self.go.wait()
        return SqlAnswer(pa.table({"a": [question.tenant]}), False, 0, 0.0)


def app_of(reader: EndlessReader, hub: Hub) -> FastAPI:
    app = FastAPI(exception_handlers=HANDLERS)
    app.include_router(sql_routes(SqlService(reader, hub.clock, hub.metrics)))
    return app


async def test_a_client_that_leaves_ends_its_statement(hub: Hub) -> None:
    reader = EndlessReader()
    body = b'{"sql": "SELECT 1"}'
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await asyncio.to_thread(reader.asked.wait)
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        pass

    scope = {
        "type": "http", "method": "POST", "path": SQL, "raw_path": SQL.encode(), "query_string": b"",
        "headers": [(b"content-type", b"application/json")], "root_path": "", "scheme": "http",
        "server": ("hub", 80), "client": None, "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip
    await app_of(reader, hub)(scope, receive, send)
    assert reader.ended.is_set()


async def test_a_statement_that_is_answered_is_not_ended(hub: Hub) -> None:
    reader = EndlessReader()
    reader.go.set()
    transport = httpx.ASGITransport(app_of(reader, hub))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        answer = await client.post(SQL, json={"sql": "SELECT 1"}, headers={"x-tenant": "a"})
    assert answer.json()["rows"] == [["a"]]
    assert not reader.ended.is_set()


async def test_one_statement_of_a_tenant_runs_and_others_wait_their_turn() -> None:
    turns = Turns(at_once=2, seconds=0.0)
    async with turns.of("a"):
        with pytest.raises(SaturatedError):
            async with turns.of("a"):
                pass
        async with turns.of("b"):
            with pytest.raises(SaturatedError):
                async with turns.of("c"):
                    pass
        async with turns.of("c"):
            pass
    async with turns.of("a"):
        pass


async def test_who_waits_gets_the_turn_that_is_given_back() -> None:
    turns = Turns(at_once=1, seconds=60.0)
    order = []

    async def take(name: str) -> None:
        async with turns.of("a"):
            order.append(name)

    async with turns.of("a"):
        waiting = [asyncio.create_task(take(name)) for name in ("first", "second")]
        await asyncio.sleep(0)
        assert order == []
    await asyncio.gather(*waiting)
    assert order == ["first", "second"]


async def test_only_some_may_wait() -> None:
    turns = Turns(at_once=1, waiting=1, seconds=60.0)

    async def take() -> None:
        async with turns.of("a"):
            pass

    async with turns.of("a"):
        waiting = asyncio.create_task(take())
        await asyncio.sleep(0)
        with pytest.raises(SaturatedError, match="still running"):
            await take()
    await waiting
