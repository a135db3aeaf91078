import gzip
import json
import os
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_analytics_hub.bootstrap import Doors, Hub

EVENTS, TRACES = "/api/v1/events", "/v1/traces"
PROTOBUF = "application/x-protobuf"
PATIENT = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)


def event(**members: Any) -> dict[str, Any]:
    known = {
        "source": "costops",
        "event_type": "cost.recorded",
        "occurred_at": "2025-11-19T09:00:00Z",
    }
    return known | {"event_id": os.urandom(8).hex()} | members


def count(hub: Hub, name: str, **labels: str) -> float:
    return hub.metrics.registry.get_sample_value(name, labels) or 0.0


async def test_the_answer_tells_what_became_of_each_event(client: httpx.AsyncClient) -> None:
    one = event()
    answer = await client.post(EVENTS, json=[one, one, event(latency_ms=-1)])
    assert answer.status_code == 200
    assert answer.json() == {
        "accepted": 1,
        "duplicates": 1,
        "rejected": [
            {"index": 2, "code": "negative_value", "message": "latency_ms: -1 is negative"}
        ],
    }


async def test_without_a_content_type_it_is_json(client: httpx.AsyncClient) -> None:
    answer = await client.post(EVENTS, content=json.dumps(event()))
    assert answer.json()["accepted"] == 1


@pytest.mark.parametrize("encoding", ["gzip", "GZIP"])
async def test_bodies_may_be_packed(client: httpx.AsyncClient, encoding: str) -> None:
    body = gzip.compress(json.dumps([event()] * 3).encode())
    answer = await client.post(EVENTS, content=body, headers={"content-encoding": encoding})
    assert answer.json() == {"accepted": 1, "duplicates": 2, "rejected": []}


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"x" * 100_001, {}, 413, "too_large"),
        (gzip.compress(bytes(200_001)), {"content-encoding": "gzip"}, 413, "too_large"),
        (b"{", {}, 400, "undecodable"),
        (b"[]", {"content-type": "text/html"}, 415, "unsupported_media_type"),
        (b"[]", {"content-encoding": "br"}, 415, "unsupported_media_type"),
        (b"[]", {"x-tenant": "A b"}, 400, "invalid_tenant"),
        (b"[]", {"x-tenant": ""}, 400, "invalid_tenant"),
        (b"[]", {"x-tenant": "a" * 64}, 400, "invalid_tenant"),
    ],
    ids=[
        "large", "bomb", "no JSON", "type", "encoding", "bad tenant", "empty tenant", "long tenant"
    ],
)  # fmt: skip
async def test_a_refused_request_is_a_problem_and_counted(
    client: httpx.AsyncClient,
    hub: Hub,
    body: bytes,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    name = "hub_refused_requests_total"
    before = {door: count(hub, name, door=door, code=code) for door in ("events", "otlp")}
    answer = await client.post(EVENTS, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert count(hub, name, door="events", code=code) == before["events"] + 1
    answer = await client.post(TRACES, content=body, headers={"content-type": PROTOBUF} | headers)
    assert answer.status_code == (status if "content-type" not in headers else 415)
    assert count(hub, name, door="otlp", code=code) == before["otlp"] + 1


@pytest.mark.parametrize(
    ("word", "status"), [("window", 200), ("always", 200), ("never", 400), ("", 400)]
)
async def test_how_repeats_are_remembered_is_one_of_two_words(
    client: httpx.AsyncClient, word: str, status: int
) -> None:
    answer = await client.post(EVENTS, params={"deduplicate": word}, json=[])
    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "invalid_parameter"


async def test_tenants_do_not_see_one_another(client: httpx.AsyncClient) -> None:
    one = event()
    for tenant in ("left", "right"):
        answer = await client.post(EVENTS, json=one, headers={"x-tenant": tenant})
        assert answer.json()["accepted"] == 1
    for tenant, seen in (("left", 1), ("right", 1), ("middle", 0)):
        answer = await client.get(
            EVENTS, params={"event_id": one["event_id"]}, headers={"x-tenant": tenant}
        )
        assert len(answer.json()["events"]) == seen


@PATIENT
@given(
    body=st.binary(max_size=200),
    content_type=st.sampled_from(["application/json", "application/x-ndjson", PROTOBUF]),
    path=st.sampled_from([EVENTS, TRACES]),
)
async def test_any_bytes_are_answered(
    client: httpx.AsyncClient, body: bytes, content_type: str, path: str
) -> None:
    answer = await client.post(path, content=body, headers={"content-type": content_type})
    assert answer.status_code in {200, 400, 415}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
MEMBERS = st.dictionaries(
    st.sampled_from(["source", "event_type", "event_id", "occurred_at", "data", "payload", "specversion",
                     "attributes", "cost_usd", "input_tokens", "model", "severity", "unit", "content"]),
    JSON, max_size=5,
)  # fmt: skip


@PATIENT
@given(rows=st.lists(st.builds(lambda members: event() | members, MEMBERS) | JSON, max_size=5))
async def test_what_was_sent_is_accepted_repeated_or_rejected(
    client: httpx.AsyncClient, rows: list[Any]
) -> None:
    answer = await client.post(EVENTS, content=json.dumps(rows))
    assert answer.status_code == 200, answer.text
    receipt = answer.json()
    assert receipt["accepted"] + receipt["duplicates"] + len(receipt["rejected"]) == len(rows)
    places = [one["index"] for one in receipt["rejected"]]
    assert places == sorted(set(places))
    assert all(0 <= place < len(rows) for place in places)


def traces(*spans: dict[str, Any]) -> bytes:
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()


def span(**members: Any) -> dict[str, Any]:
    known = {"traceId": os.urandom(16).hex(), "spanId": os.urandom(8).hex(), "name": "chat"}
    return known | {"startTimeUnixNano": "1763546400000000000"} | members


async def test_a_refused_span_keeps_its_place_among_the_good_ones(
    client: httpx.AsyncClient,
) -> None:
    body = traces(span(), span(spanId="1"), span(), span(startTimeUnixNano="1"))
    answer = await client.post(TRACES, content=body, headers={"content-type": "application/json"})
    partial = answer.json()["partialSuccess"]
    assert partial["rejectedSpans"] == "2"
    assert partial["errorMessage"].startswith("span 1: invalid_span_id")
    assert "; span 3: timestamp_out_of_range" in partial["errorMessage"]


async def test_spans_also_come_through_their_own_port(doors: Doors) -> None:
    transport = httpx.ASGITransport(doors.otlp)
    async with httpx.AsyncClient(transport=transport, base_url="http://otlp") as client:
        answer = await client.post(TRACES, content=b"", headers={"content-type": PROTOBUF})
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"] == PROTOBUF
        assert (await client.get("/health/live")).status_code == 404


async def test_a_hub_that_closes_takes_nothing_and_says_when_to_come_again(
    hub: Hub, client: httpx.AsyncClient
) -> None:
    hub.intake.close()
    answer = await client.post(EVENTS, json=event())
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"] == "1"
    answer = await client.post(
        TRACES, content=traces(span()), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (503, 14)
    assert answer.headers["retry-after"] == "1"
