"""Everything a sender can get wrong, through HTTP: refused with a reason, counted, and survived."""

import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx
import pytest
import zstandard

from .conftest import HubProcess, StartHub

pytestmark = [pytest.mark.system, pytest.mark.slow]

MEGABYTE = 1 << 20
EVENTS, TRACES = "/api/v1/events", "/v1/traces"
NOW = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
JSON, PROTOBUF, LINES = "application/json", "application/x-protobuf", "application/x-ndjson"
START = 1_763_546_400_000_000_000


@pytest.fixture(scope="module")
def hub(start_hub: StartHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    running = start_hub(tmp_path_factory.mktemp("bad-input") / "data")
    yield running
    assert running.stop() == 0


@pytest.fixture(autouse=True)
def still_alive(hub: HubProcess) -> Iterator[None]:
    """Whatever a test sends, the hub answers afterwards."""
    yield
    assert hub.client.get("/health/live").status_code == 200
    assert hub.client.get("/health/ready").status_code == 200


def event(**members: Any) -> dict[str, Any]:
    known = {"source": "costops", "event_type": "cost.recorded", "occurred_at": NOW}
    return known | {"event_id": os.urandom(8).hex()} | members


def post(hub: HubProcess, body: bytes, content_type: str = JSON, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return hub.client.post(EVENTS, content=body, headers={"content-type": content_type} | named)


def is_stored(hub: HubProcess, event_id: str) -> bool:
    answer = hub.client.get(EVENTS, params={"event_id": event_id})
    assert answer.status_code == 200, answer.text
    return len(answer.json()["events"]) == 1


@cache
def bomb(encoding: str) -> bytes:
    """A gigabyte of nothing, packed."""
    packers = {
        "gzip": lambda: zlib.compressobj(6, wbits=31),
        "deflate": lambda: zlib.compressobj(6),
        "zstd": lambda: zstandard.ZstdCompressor().compressobj(),
    }
    packer = packers[encoding]()
    pieces = [packer.compress(bytes(16 * MEGABYTE)) for _ in range(64)]
    return b"".join(pieces) + packer.flush()


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


REFUSED: dict[str, tuple[int, str, Callable[[], bytes], dict[str, str]]] = {
    "a truncated gzip": (400, "undecodable", lambda: gzip.compress(b"[]" * 99)[:-4], {"content_encoding": "gzip"}),
    "text that says it is gzip": (400, "undecodable", lambda: b"[]", {"content_encoding": "gzip"}),
    "a gzip bomb": (413, "too_large", lambda: bomb("gzip"), {"content_encoding": "gzip"}),
    "a deflate bomb": (413, "too_large", lambda: bomb("deflate"), {"content_encoding": "deflate"}),
    "a zstd bomb": (413, "too_large", lambda: bomb("zstd"), {"content_encoding": "zstd"}),
    "a second zstd frame": (400, "undecodable", lambda: zstandard.compress(b"[]") * 2, {"content_encoding": "zstd"}),
    "100 MB": (413, "too_large", lambda: bytes(100 * MEGABYTE), {}),
    "invalid UTF-8": (400, "undecodable", lambda: b'[{"source": "\xff"}]', {}),
    "an empty body": (400, "undecodable", lambda: b"", {}),
    "half an array": (400, "undecodable", lambda: b'[{"source": "a"}', {}),
    "a number": (400, "undecodable", lambda: b"5", {}),
    "a text": (400, "undecodable", lambda: b'"\\ud800"', {}),
    "10,000 levels": (400, "undecodable", lambda: nested(10_000), {}),
    "10,000 levels in an event": (400, "undecodable", lambda: b'[{"a":' + nested(10_000) + b"}]", {}),
    "a number of 5,000 digits": (400, "undecodable", lambda: b'[{"a":' + b"1" * 5_000 + b"}]", {}),
    "a form": (415, "unsupported_media_type", lambda: b"a=1", {"content_type": "application/x-www-form-urlencoded"}),
    "an unknown encoding": (415, "unsupported_media_type", lambda: b"[]", {"content_encoding": "br"}),
    "a tenant of another shape": (400, "invalid_tenant", lambda: b"[]", {"x_tenant": "../other"}),
    "a large body of a wrong tenant": (400, "invalid_tenant", lambda: bytes(20 * MEGABYTE), {"x_tenant": "No"}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_body_that_is_none_is_refused_whole_and_counted(hub: HubProcess, name: str) -> None:
    status, code, body, headers = REFUSED[name]
    sample = ("hub_refused_requests_total", f'code="{code}",door="events"')
    before = hub.metrics().get(sample, 0)
    answer = post(hub, body(), **headers)
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "detail"} <= problem.keys()
    assert hub.metrics()[sample] == before + 1


def deep(depth: int) -> Any:
    return json.loads(nested(depth))


REJECTED: dict[str, tuple[str, Any]] = {
    "NaN": ("not_finite", {"latency_ms": float("nan")}),
    "Infinity": ("not_finite", {"value": float("-inf")}),
    "a number past all doubles": ("not_finite", {"score": 10**400}),
    "negative tokens": ("negative_tokens", {"input_tokens": -1}),
    "part of a token": ("invalid_tokens", {"output_tokens": 1.5}),
    "a huge count": ("invalid_tokens", {"total_tokens": 2**64}),
    "a negative duration": ("negative_value", {"latency_ms": -0.5}),
    "the year 57854": ("invalid_timestamp", {"occurred_at": "+57854-03-05T00:00:00Z"}),
    "the year 57854 as a number": ("timestamp_out_of_range", {"occurred_at": 1_763_546_400_000 * 10**9}),
    "the year 2100": ("timestamp_in_future", {"occurred_at": "2100-01-01T00:00:00Z"}),
    "no time": ("missing_field", {"occurred_at": None}),
    "no time of a call with a price": ("missing_field", {"occurred_at": None, "model": "gpt-4o", "input_tokens": 5}),
    "no source": ("missing_field", {"source": ""}),
    "no type": ("missing_field", {"event_type": None}),
    "a source of another shape": ("invalid_source", {"source": "a b"}),
    "an unknown stream": ("unknown_stream", {"stream": "river"}),
    "no currency": ("unknown_currency", {"cost_amount": 1, "cost_currency": "€"}),
    "no amount": ("invalid_amount", {"cost_usd": "much"}),
    "an amount past all budgets": ("amount_out_of_range", {"cost_usd": 10**18}),
    "an object for a text": ("invalid_text", {"model": {"name": "gpt-4o"}}),
    "half a surrogate pair": ("invalid_text", {"user_id": "\ud800"}),
    "half a surrogate pair and no id": ("invalid_text", {"user_id": "\udfff", "event_id": None}),
    "half a surrogate pair in a made-up member": ("invalid_attributes", {"colour": "\ud800"}),
    "attributes 101 levels deep": ("attributes_too_deep", {"attributes": {"a": deep(100)}}),
    "attributes 900 levels deep": ("attributes_too_deep", {"attributes": {"a": deep(899)}}),
    "an attribute of 10 MB": ("attributes_too_large", {"attributes": {"a": "x" * 10 * MEGABYTE}}),
    "an id of 10 MB": ("text_too_long", {"event_id": "x" * 10 * MEGABYTE}),
    "a list for attributes": ("invalid_attributes", {"attributes": [1]}),
    "a unit of a thousand letters": ("invalid_unit", {"value": 1, "unit": "x" * 1_000}),
}  # fmt: skip


@pytest.mark.parametrize("name", REJECTED)
def test_a_bad_event_is_refused_alone_kept_and_counted(hub: HubProcess, name: str) -> None:
    code, members = REJECTED[name]
    sample = ("hub_refused_events_total", f'code="{code}",door="events"')
    accepted = ("hub_events_total", 'outcome="accepted",source="costops",tenant="default"')
    before = hub.metrics()
    good = [event(), event()]
    answer = post(hub, json.dumps([good[0], event() | members, good[1]]).encode())
    assert answer.status_code == 200, answer.text
    receipt = answer.json()
    assert (receipt["accepted"], receipt["duplicates"]) == (2, 0)
    assert [(one["index"], one["code"]) for one in receipt["rejected"]] == [(1, code)]
    assert all(is_stored(hub, one["event_id"]) for one in good)
    after = hub.metrics()
    assert after[sample] == before.get(sample, 0) + 1
    assert after[accepted] == before.get(accepted, 0) + 2
    letter = hub.client.get("/api/v1/dead-letters", params={"limit": 1}).json()["dead_letters"][0]
    assert (letter["code"], letter["message"]) == (code, receipt["rejected"][0]["message"])


@pytest.mark.parametrize("bad", [b"5", b"null", b'"text"', b"[1]", nested(500)])
def test_what_is_no_object_among_events_is_refused_alone(hub: HubProcess, bad: bytes) -> None:
    good = event()
    receipt = post(hub, b"[" + bad + b"," + json.dumps(good).encode() + b"]").json()
    assert [(one["index"], one["code"]) for one in receipt["rejected"]] == [(0, "not_an_object")]
    assert is_stored(hub, good["event_id"])


def test_refused_lines_are_told_by_their_place_among_the_filled_ones(hub: HubProcess) -> None:
    good = [event(), event()]
    lines = [b"", json.dumps(good[0]).encode(), b"{", b"  ", b'{"source": "\xff"}', b"[]",
             json.dumps(event(latency_ms=-1)).encode(), b"", json.dumps(good[1]).encode()]  # fmt: skip
    receipt = post(hub, b"\r\n".join(lines), LINES).json()
    assert receipt["accepted"] == 2
    assert [(one["index"], one["code"]) for one in receipt["rejected"]] == [
        (1, "undecodable"),
        (2, "undecodable"),
        (3, "not_an_object"),
        (4, "negative_value"),
    ]
    assert all(is_stored(hub, one["event_id"]) for one in good)


@pytest.mark.parametrize(
    ("body", "content_type"), [(b"[]", JSON), (b'{"events": []}', JSON), (b"\n\n", LINES)]
)
def test_an_empty_batch_is_no_fault(hub: HubProcess, body: bytes, content_type: str) -> None:
    answer = post(hub, body, content_type)
    assert (answer.status_code, answer.json()) == (
        200,
        {"accepted": 0, "duplicates": 0, "rejected": []},
    )


def test_the_same_id_twice_in_a_request_is_stored_once(hub: HubProcess) -> None:
    one = event()
    assert post(hub, json.dumps([one, one]).encode()).json() == {
        "accepted": 1,
        "duplicates": 1,
        "rejected": [],
    }
    assert is_stored(hub, one["event_id"])


def test_an_event_without_an_id_gets_one_and_keeps_it(hub: HubProcess) -> None:
    body = json.dumps(event(event_id=None, value=os.getpid())).encode()
    assert [post(hub, body).json()["accepted"] for _ in range(2)] == [1, 0]


def test_unknown_words_are_kept_and_not_relabelled(hub: HubProcess) -> None:
    one = event(severity="P1", unit="parsecs", value=2, cost_amount=3, cost_currency="xyz")
    assert post(hub, json.dumps(one).encode()).json()["accepted"] == 1
    (found,) = hub.client.get(EVENTS, params={"event_id": one["event_id"]}).json()["events"]
    assert (found["severity"], found["attributes"]) == ("unknown", {"original_severity": "P1"})
    assert (found["unit"], found["value"]) == ("parsecs", 2)
    assert (found["cost_amount"], found["cost_currency"], "cost_usd" in found) == (3, "XYZ", False)


def test_members_and_names_made_up_for_every_event_hold_nobody_up(hub: HubProcess) -> None:
    wide = [event(**{f"m{row}-{number}": 1 for number in range(20)}) for row in range(3_000)]
    names = [event(source=f"app-{row}", model=f"m-{row}", input_tokens=1) for row in range(3_000)]
    wrong = [event(source=f"app {row}") for row in range(3_000)]
    assert post(hub, json.dumps(wide).encode()).json()["accepted"] == 3_000
    assert post(hub, json.dumps(names).encode()).json()["accepted"] == 3_000
    assert len(post(hub, json.dumps(wrong).encode()).json()["rejected"]) == 3_000
    assert len(hub.metrics()) < 1_000


def test_a_bad_event_leaves_no_trace_in_another_tenant(hub: HubProcess) -> None:
    one = event(latency_ms=-1)
    post(hub, json.dumps(one).encode(), x_tenant="other")
    letters = hub.client.get("/api/v1/dead-letters", params={"limit": 1000}).json()["dead_letters"]
    assert not any(one["event_id"] in letter["payload"] for letter in letters)


def span(**members: Any) -> dict[str, Any]:
    known = {"traceId": os.urandom(16).hex(), "spanId": os.urandom(8).hex(), "name": "chat"}
    return (
        known | {"startTimeUnixNano": str(START), "endTimeUnixNano": str(START + 10**6)} | members
    )


def traces(hub: HubProcess, body: bytes, content_type: str, **headers: str) -> httpx.Response:
    return hub.client.post(TRACES, content=body, headers={"content-type": content_type, **headers})


def test_bad_spans_among_good_ones_are_refused_alone(hub: HubProcess) -> None:
    good = [span(), span()]
    bad = [span(spanId="b7"), span(traceId="0" * 32), span(startTimeUnixNano="0")]
    spans = [good[0], *bad, good[1]]
    body = {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}
    answer = traces(hub, json.dumps(body).encode(), JSON)
    partial = answer.json()["partialSuccess"]
    assert (answer.status_code, partial["rejectedSpans"]) == (200, "3")
    for place, code in ((1, "invalid_span_id"), (2, "invalid_trace_id"), (3, "missing_start_time")):
        assert f"span {place}: {code}" in partial["errorMessage"]
    assert all(is_stored(hub, f"{one['traceId']}:{one['spanId']}") for one in good)
    assert hub.metrics()[("hub_refused_events_total", 'code="invalid_span_id",door="otlp"')] >= 1


NO_OTLP: dict[str, tuple[int, Callable[[], bytes], str, dict[str, str]]] = {
    "garbage": (400, lambda: b"\xff" * 100, PROTOBUF, {}),
    "a length past the end": (400, lambda: b"\x0a\xff\xff\xff\xff\x0f", PROTOBUF, {}),
    "an array": (400, lambda: b"[]", JSON, {}),
    "a number for a list": (400, lambda: b'{"resourceSpans": 5}', JSON, {}),
    "a number for a span": (400, lambda: b'{"resourceSpans": [{"scopeSpans": [{"spans": [5]}]}]}', JSON, {}),
    "10,000 levels": (400, lambda: nested(10_000), JSON, {}),
    "another type": (415, lambda: b"{}", "text/plain", {}),
    "another encoding": (415, lambda: b"{}", JSON, {"content-encoding": "br"}),
    "a tenant of another shape": (400, lambda: b"{}", JSON, {"x-tenant": "No"}),
    "100 MB": (413, lambda: bytes(100 * MEGABYTE), PROTOBUF, {}),
    "a gzip bomb": (413, lambda: bomb("gzip"), PROTOBUF, {"content-encoding": "gzip"}),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_OTLP)
def test_what_is_no_otlp_is_answered_with_a_status(hub: HubProcess, name: str) -> None:
    status, body, content_type, headers = NO_OTLP[name]

    def refused() -> float:
        samples = hub.metrics().items()
        return sum(
            v
            for (name, text), v in samples
            if name == "hub_refused_requests_total" and "otlp" in text
        )

    before = refused()
    answer = traces(hub, body(), content_type, **headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == (JSON if content_type == JSON else PROTOBUF)
    assert refused() == before + 1


SOUND: dict[str, Any] = {"measures": ["events"], "time_range": {"last": "1h"}}
BAD_QUESTIONS: dict[str, Any] = {
    "nothing": {},
    "no time range": {"measures": ["events"]},
    "an unknown measure": SOUND | {"measures": ["nothing"]},
    "an unknown member": SOUND | {"\ud800": 1},
    "half a surrogate pair": SOUND | {"filters": [{"field": "model", "value": "\ud800"}]},
    "a number past all doubles": SOUND | {"filters": [{"field": "score", "op": "gt", "value": 10**400}]},
    "SQL for a field": SOUND | {"filters": {"field": "'; DROP TABLE events", "value": 1}},
    "a path for a time zone": SOUND | {"time_zone": "../../etc/passwd"},
    "900 levels": SOUND | {"filters": deep(900)},
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_QUESTIONS)
def test_a_bad_question_is_refused(hub: HubProcess, name: str) -> None:
    body = json.dumps(BAD_QUESTIONS[name])
    answer = hub.client.post("/api/v1/query", content=body, headers={"content-type": JSON})
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/v1/logs-and-more", "/api/v1/events?cursor=x",
                                  "/api/v1/events?from=soon", "/api/v1/events?limit=0",
                                  "/api/v1/traces/%ff", "/api/v1/dead-letters/x"])  # fmt: skip
def test_a_bad_address_is_a_problem_document(hub: HubProcess, path: str) -> None:
    answer = hub.client.get(path)
    assert answer.status_code in {400, 404}
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"status", "code", "detail"} <= answer.json().keys()


def test_everything_that_is_stored_can_be_listed(hub: HubProcess) -> None:
    cursor, seen = None, 0
    while seen == 0 or cursor:
        params = {"limit": 1000} | ({"cursor": cursor} if cursor else {})
        page = hub.client.get(EVENTS, params=params).json()
        seen, cursor = seen + len(page["events"]), page["next_cursor"]
    question = {"measures": ["events"], "time_range": {"last": "1000d"}}
    counted = hub.client.post("/api/v1/query", json=question).json()["rows"]
    assert counted[0][0] == seen > 6_000
