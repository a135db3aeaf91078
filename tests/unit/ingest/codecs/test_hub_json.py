import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.errors import (
    InvalidInputError,
    UndecodableError,
    UnsupportedMediaTypeError,
)
from llm_analytics_hub.ingest.codecs.hub_json import JSON_TYPES, LINE_TYPES, decode_events

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
JSON, LINES = "application/json", "application/x-ndjson"
EVENT = {"source": "a", "event_type": "b.c"}
MEMBER = st.sampled_from([
    "events", "event_type", "eventType", "data", "payload", "payload_type", "metadata", "tags",
    "specversion", "id", "source", "time", "timestamp", "version", "attributes", "latencyMs",
    "duration_seconds", "cost", "currency", "traceparent", "telemetry_type", "subject",
])  # fmt: skip
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
    | st.sampled_from([10**400, "1e999", 1e308]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBER | st.text(max_size=3), inner),
    max_leaves=9,
)  # fmt: skip


def rows(value: object, content_type: str = JSON) -> list[Any]:
    decoded = decode_events(json.dumps(value).encode(), content_type, NOW)
    assert not decoded.refused
    return list(decoded.rows)


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (EVENT, [EVENT]),
        ([EVENT, EVENT], [EVENT, EVENT]),
        ({"events": [EVENT]}, [EVENT]),
        ({"events": []}, []),
        ([], []),
        ({**EVENT, "events": [1]}, [{**EVENT, "events": [1]}]),
        ({}, [{}]),
    ],
)
def test_a_body_is_one_event_or_many(body: object, events: list[object]) -> None:
    assert rows(body) == events


@pytest.mark.parametrize(
    "content_type", [*sorted(JSON_TYPES), "", "Application/JSON; charset=utf-8"]
)
def test_every_type_of_json_is_read(content_type: str) -> None:
    assert rows([EVENT], content_type) == [EVENT]


@pytest.mark.parametrize("content_type", [*sorted(LINE_TYPES), "APPLICATION/JSONL;charset=utf-8"])
def test_every_type_of_lines_is_read(content_type: str) -> None:
    body = b'{"source": "a"}\r\n\n{"source": "b"}'
    assert list(decode_events(body, content_type, NOW).rows) == [{"source": "a"}, {"source": "b"}]


@pytest.mark.parametrize("content_type", ["text/html", "application/xml", "json", "\u20ac"])
def test_another_type_is_refused(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError, match="none of"):
        decode_events(b"[]", content_type, NOW)


@pytest.mark.parametrize("body", [b"5", b"null", b'"text"', b"true"])
def test_what_holds_no_events_is_refused(body: bytes) -> None:
    with pytest.raises(UndecodableError, match="no event"):
        decode_events(body, JSON, NOW)


def test_no_lines_are_no_events() -> None:
    assert not decode_events(b"\n \n", LINES, NOW).rows


def test_bad_lines_and_no_objects_are_refused_at_their_place() -> None:
    body = b'\n{"source": "a"}\n{"sour\n\n5\n{"source": "b"}\n'
    decoded = decode_events(body, LINES, NOW)
    assert [decoded.place(row) for row in range(2)] == [0, 3]
    assert [(one.rejection.index, one.rejection.code) for one in decoded.refused] == [
        (1, "undecodable"),
        (2, "not_an_object"),
    ]


def test_envelopes_and_canonical_events_mix() -> None:
    envelope = {"eventId": "1", "eventType": "b.c", "source": "a", "timestamp": 5, "data": {"x": 1}}
    cloud = {"specversion": "1.0", "id": "2", "source": "/a", "type": "b.c"}
    decoded = decode_events(json.dumps([EVENT, 5, envelope, cloud]).encode(), JSON, NOW)
    assert decoded.rows[0] == EVENT
    assert [row.get("event_id") for row in decoded.rows] == [None, "1", "2"]
    assert [decoded.place(row) for row in range(3)] == [0, 2, 3]


@given(st.binary(), st.sampled_from([JSON, LINES]))
def test_any_bytes_are_events_or_refused(body: bytes, content_type: str) -> None:
    with contextlib.suppress(InvalidInputError):
        decode_events(body, content_type, NOW)


@given(st.lists(VALUE, max_size=5), st.sampled_from([JSON, LINES]))
def test_every_value_is_an_event_or_refused_at_its_place(
    values: list[Any], content_type: str
) -> None:
    lines = [json.dumps(value).encode() for value in values]
    body = b"\n".join(lines) if content_type == LINES else b"[" + b",".join(lines) + b"]"
    decoded = decode_events(body, content_type, NOW)
    places = [decoded.place(row) for row in range(len(decoded.rows))]
    assert places == [n for n, value in enumerate(values) if isinstance(value, dict)]
    assert sorted([*places, *(one.rejection.index for one in decoded.refused)]) == [
        *range(len(values))
    ]


@given(st.dictionaries(MEMBER, VALUE, max_size=6), st.dictionaries(MEMBER, VALUE, max_size=6))
def test_a_neighbour_changes_no_event(one: dict[str, Any], other: dict[str, Any]) -> None:
    both = list(decode_events(json.dumps([one, other]).encode(), JSON, NOW).rows)
    (alone,) = decode_events(json.dumps([one]).encode(), JSON, NOW).rows
    assert repr(both[0]) == repr(alone)
