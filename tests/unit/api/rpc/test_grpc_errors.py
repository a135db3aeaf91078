"""Bad requests over gRPC: a status that says what to mend, never UNKNOWN or INTERNAL."""

import asyncio
import random
import threading
from typing import Any

import grpc
import httpx
import pytest

from llm_analytics_hub.api.rpc.calls import REQUEST_BYTES, Calls, parsed
from llm_analytics_hub.api.rpc.schema import messages_of
from llm_analytics_hub.api.rpc.statuses import (
    DESCRIPTION_BYTES,
    MESSAGE_BYTES,
    status_with_details,
)
from llm_analytics_hub.bootstrap import Hub
from llm_analytics_hub.errors import (
    HubError,
    InvalidQueryError,
    SaturatedError,
    TooLargeError,
    UnavailableError,
)
from llm_analytics_hub.storage.cancellation import Cancellation

from .calls import refused

SERVICE = "llm_analytics_hub.query.v1.QueryService"
INVALID = grpc.StatusCode.INVALID_ARGUMENT
Row = dict[str, Any]
GOOD: Row = {"measures": ["events"], "time_range": {"last": "1h"}}
NAMED = messages_of("llm_analytics_hub.query.v1")


def condition(**said: Any) -> Row:
    return {"filters": [{"condition": said}]}


BAD: list[tuple[Row, str]] = [
    ({"measures": []}, "measures"),
    ({"measures": ["nope'; DROP TABLE events"]}, "measures"),
    ({"measures": ["cost_amount"]}, "measures"),
    ({"dimensions": ["nope"]}, "dimensions"),
    ({"dimensions": ["model"] * 7}, "dimensions"),
    ({"granularity": "blink"}, "granularity"),
    ({"fill_gaps": True}, "fill_gaps"),
    ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ({"time_range": {}}, "time_range"),
    ({"time_range": {"last": "soon"}}, "time_range"),
    ({"time_range": {"from": "2025", "to": "what"}}, "time_range"),
    ({"time_range": {"from": "2025-11-20", "to": "2025-11-19"}}, "time_range"),
    ({"time_range": {"last": "1h", "from": "2025-11-20"}}, "time_range"),
    ({"time_range": {"period": "someday"}}, "time_range.period"),
    ({"limit": -1}, "limit"),
    ({"limit": 2_000_000_000}, "limit"),
    ({"order_by": [{"field": "nope"}]}, "order_by"),
    ({"order_by": [{"field": "events", "direction": "up"}]}, "order_by.0.direction"),
    ({"compare": "with_love"}, "compare"),
    ({"top": {"dimension": "model"}}, "top.dimension"),
    ({"filters": [{}]}, "filters"),
    ({"having": [{"condition": {"field": "cost_usd", "value": 1}}]}, "having"),
    (condition(field="model", op="like", value="x"), "filters"),
    (condition(field="model", op="in", value="x"), "filters"),
    (condition(field="model"), "filters"),
    (condition(field="latency_ms", op="gt", value="x"), "filters"),
    (condition(field="latency_ms", op="prefix", value="x"), "filters"),
    (condition(field="model", value={"a": 1}), "filters"),
    ({"filters": [{"condition": {"field": "model", "value": "x"}}] * 101}, "filters"),
    ({"question": GOOD}, "question"),
]


@pytest.mark.parametrize(("change", "field"), BAD, ids=range(len(BAD)))
async def test_a_bad_question_names_its_member(rpc: Any, change: Row, field: str) -> None:
    code, details = await refused(rpc.one(SERVICE, "Query", GOOD | change))
    assert code == INVALID
    assert details["ErrorInfo"].metadata["code"] == "invalid_query"
    assert details["ErrorInfo"].reason == "INVALID_QUERY"
    (fault,) = details["BadRequest"].field_violations
    assert (fault.field, bool(fault.description)) == (field, True)
    assert (await refused(rpc.many(SERVICE, "QueryArrow", GOOD | change)))[0] == INVALID


@pytest.mark.parametrize("question", [{}, {"measures": 5}, {"nope": 1, **GOOD}, {"filters": "x"}])
async def test_a_bad_question_as_a_whole_is_refused(rpc: Any, question: Row) -> None:
    code, _ = await refused(rpc.one(SERVICE, "Query", {"question": question}))
    assert code == INVALID


async def test_a_number_that_json_has_not_is_refused(rpc: Any) -> None:
    for number in (float("nan"), float("inf")):
        asked = NAMED("QueryRequest")(measures=["events"], time_range={"last": "1h"})
        asked.filters.add().condition.field = "latency_ms"
        asked.filters[0].condition.value.number_value = number
        code, details = await refused(rpc.one(SERVICE, "Query", asked))
        assert (code, details["BadRequest"].field_violations[0].field) == (INVALID, "filters")


@pytest.mark.parametrize(
    ("method", "said", "field"),
    [
        ("ListEvents", {"cursor": "nope"}, "cursor"),
        ("ListEvents", {"limit": -1}, "limit"),
        ("ListEvents", {"limit": 1_000_001}, "limit"),
        ("ListEvents", {"time_range": {"last": "1h"}}, "time_range"),
        ("ListEvents", {"time_range": {"from": "never"}}, "time_range"),
        ("ListEvents", condition(field="nope", value=1), "dimensions"),
        ("ListAssets", {"cursor": "%%%"}, "cursor"),
        ("ListAssets", {"limit": -7}, "limit"),
    ],
)
async def test_a_bad_list_names_its_member(rpc: Any, method: str, said: Row, field: str) -> None:
    code, details = await refused(rpc.many(SERVICE, method, said))
    assert (code, details["BadRequest"].field_violations[0].field) == (INVALID, field)


async def test_bytes_that_are_no_message_are_refused(rpc: Any) -> None:
    dice = random.Random(5)
    corpus = [dice.randbytes(dice.randint(1, 60)) for _ in range(150)]
    deep = b""
    for _ in range(200):
        deep = b"\x22" + varint(len(deep)) + deep  # Filter.negated
    corpus += [b"\x1a" + varint(len(deep)) + deep, b"\x0a\x02\xff\xfe"]
    for body in corpus:
        code, _ = await refused(rpc.bytes(SERVICE, "Query", body))
        assert code == INVALID, body[:60]


async def test_a_large_request_is_refused(rpc: Any) -> None:
    with pytest.raises(TooLargeError):
        parsed(NAMED("QueryRequest"), b" " * (REQUEST_BYTES + 1))
    with pytest.raises(grpc.aio.AioRpcError) as caught:  # gRPC itself, before it is read
        await rpc.bytes(SERVICE, "Query", b" " * 300_000)
    assert caught.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


async def test_members_of_another_version_are_not_passed_over(rpc: Any) -> None:
    known = NAMED("QueryRequest")(measures=["events"], time_range={"last": "1h"})
    body = known.SerializeToString()
    assert await rpc.bytes(SERVICE, "Query", body)
    code, details = await refused(rpc.bytes(SERVICE, "Query", body + b"\xa0\x06\x01"))
    assert (code, details["ErrorInfo"].metadata["code"]) == (INVALID, "unknown_field")


async def test_who_sends_nothing_is_let_go() -> None:
    method = Calls(1, read_seconds=0.01).ask(NAMED("GetCatalogRequest"), lambda *_: None)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("x.Y", {"Ask": method})])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        silent = [channel.stream_unary("/x.Y/Ask")() for _ in range(3)]
        codes = {(await refused(call))[0] for call in silent}
    await server.stop(0)
    assert codes == {grpc.StatusCode.DEADLINE_EXCEEDED}


async def test_a_wrong_tenant_is_refused(rpc: Any) -> None:
    rpc.tenant = "A b"
    code, details = await refused(rpc.one(SERVICE, "Query", GOOD))
    assert (code, details["ErrorInfo"].metadata["code"]) == (INVALID, "invalid_tenant")


async def test_what_is_not_there_is_not_found(rpc: Any) -> None:
    code, details = await refused(rpc.many(SERVICE, "GetTrace", {"trace_id": "ab" * 16}))
    assert code == grpc.StatusCode.NOT_FOUND
    assert details["ErrorInfo"].metadata["code"] == "not_found"


@pytest.mark.parametrize(
    ("error", "code"),
    [(SaturatedError("full", retry_after_seconds=3), "RESOURCE_EXHAUSTED"),
     (UnavailableError("away"), "UNAVAILABLE")],
)  # fmt: skip
async def test_what_passes_says_when_to_come_again(
    rpc: Any, hub: Hub, monkeypatch: pytest.MonkeyPatch, error: HubError, code: str
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(type(hub.queries), "answer", full)
    found, details = await refused(rpc.one(SERVICE, "Query", GOOD))
    assert found.name == code
    assert details["RetryInfo"].retry_delay.seconds == (3 if code == "RESOURCE_EXHAUSTED" else 1)


async def test_a_defect_shows_no_internals(
    rpc: Any, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(type(hub.queries), "answer", broken)
    for call in (rpc.one(SERVICE, "Query", GOOD), rpc.many(SERVICE, "QueryArrow", GOOD)):
        code, details = await refused(call)
        assert (code, details) == (grpc.StatusCode.INTERNAL, {})


@pytest.mark.parametrize("method", ["Query", "QueryArrow"])
async def test_what_a_caller_no_longer_waits_for_is_ended(
    rpc: Any, hub: Hub, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    asked, ended = threading.Event(), threading.Event()

    def slow(*_: Any, cancellation: Cancellation, **__: Any) -> None:
        stop = threading.Event()
        with cancellation.ends_by(stop.set):
            asked.set()
            if stop.wait(60):
                ended.set()
        raise UnavailableError("cancelled")

    monkeypatch.setattr(type(hub.queries), "answer", slow)
    ask = rpc.one if method == "Query" else rpc.many
    call = asyncio.create_task(ask(SERVICE, method, GOOD))
    assert await asyncio.to_thread(asked.wait, 60)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await asyncio.to_thread(ended.wait, 60)
    ended.clear()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await ask(SERVICE, method, GOOD, timeout=0.3)
    assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert await asyncio.to_thread(ended.wait, 60)
    assert (await rpc.one(SERVICE, "GetCatalog")).measures


@pytest.mark.usefixtures("client")
def test_statuses_fit_into_headers() -> None:
    for text in ("x" * 9000, "\N{PILE OF POO}" * 9000, "\ud800" * 9000):
        status = status_with_details(InvalidQueryError(text))
        assert len(status.message.encode()) <= MESSAGE_BYTES
        assert len(status.SerializeToString()) < 2 * DESCRIPTION_BYTES


async def test_rest_and_grpc_agree_on_what_is_wrong(rpc: Any, client: httpx.AsyncClient) -> None:
    question = GOOD | {"measures": ["nope"]}
    rest = (await client.post("/api/v1/query", json=question)).json()
    _, details = await refused(rpc.one(SERVICE, "Query", question))
    told = details["BadRequest"].field_violations[0].description
    assert told == f"{rest['code']}: {rest['detail']}"[:DESCRIPTION_BYTES]
