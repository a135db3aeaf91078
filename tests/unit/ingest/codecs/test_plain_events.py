"""The short way of plain events gives what the long way gives, or nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.ingest.codecs.hub_json import decode_events, packed_events
from llm_analytics_hub.ingest.codecs.plain_events import plain_columns
from llm_analytics_hub.ingest.submission import Decoded
from llm_analytics_hub.model.event import CANONICAL_FIELDS, MEASURE_FIELDS, TOKEN_FIELDS
from llm_analytics_hub.normalize.normalizer import Arrival, normalize
from llm_analytics_hub.settings import NormalizeSettings

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RULES = rules_of(NormalizeSettings())
JSON, LINES = "application/json", "application/x-ndjson"
EVENT: dict[str, Any] = {
    "event_id": "e1",
    "source": "observatory",
    "event_type": "inference.completed",
    "occurred_at": "2026-11-20T11:00:00.5Z",
    "model": "gpt-4o",
    "latency_ms": 12,
    "input_tokens": 5,
    "cost_usd": 0.25,
    "attributes": {"a": [1, {"b": "c"}]},
    "content": {"prompt": "hi"},
}

names = st.sampled_from(CANONICAL_FIELDS)
numbers = st.integers(-3, 2**70) | st.floats(allow_nan=False, allow_infinity=False)
words = st.text(max_size=5) | st.sampled_from(["ms", "EUR", "x" * 200, "2026-11-20T11:00:00"])
scalars = st.none() | st.booleans() | numbers | words
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner)
)
changes = st.lists(st.dictionaries(names, values, max_size=3), min_size=1, max_size=4)


def body_of(events: list[dict[str, Any]], media_type: str) -> bytes:
    lines = [json.dumps(event, ensure_ascii=False).encode() for event in events]
    return b"\n".join(lines) if media_type == LINES else b'{"events": [' + b",".join(lines) + b"]}"


def normal(decoded: Decoded) -> tuple[list[dict[str, Any]], list[Any]]:
    done = normalize(decoded.rows, Arrival("t", NOW), RULES, decoded.columns)
    rows = done.events.to_pylist()
    for row in rows:
        row["attributes"] = json.loads(row["attributes"] or "{}")
    return rows, done.faults


@example([{"value": 1.5, "unit": "x" * 1000}, {"value": 1, "unit": "ms"}], JSON)
@example([{"cost_amount": 2, "cost_currency": "x" * 1000}], JSON)
@given(changes, st.sampled_from([JSON, LINES]))
def test_both_ways_give_the_same_events_and_faults(
    changes: list[dict[str, Any]], media_type: str
) -> None:
    body = body_of([EVENT | change for change in changes], media_type)
    assert normal(packed_events(body, media_type, NOW)) == normal(
        decode_events(body, media_type, NOW)
    )


@pytest.mark.parametrize("media_type", [JSON, LINES])
def test_plain_events_take_the_short_way(media_type: str) -> None:
    columns = plain_columns(body_of([EVENT, EVENT], media_type), lines=media_type == LINES)
    assert columns is not None
    assert (columns.size, columns.has_others) == (2, False)
    assert columns.columns.keys() == EVENT.keys()


def test_an_array_and_leading_blanks_take_it_too() -> None:
    assert plain_columns(b"\n\t [" + json.dumps(EVENT).encode() + b"]", lines=False) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"unheard_of": 1},
        {"model": 5},
        {"input_tokens": "5"},
        {"input_tokens": 2**63},
        {"latency_ms": "5 ms"},
        {"attributes": ["a"]},
        {"attributes": '{"a": 1}'},
        {"attributes": {"a": "\ud800"}},
        {"attributes": {"a": "x" * 70_000}},
    ],
)
def test_what_is_not_plain_takes_the_long_way(change: dict[str, Any]) -> None:
    body = json.dumps([EVENT, EVENT | change]).encode()
    assert plain_columns(body, lines=False) is None
    assert len(packed_events(body, JSON, NOW).rows) == 2


@pytest.mark.parametrize("body", [b"", b"[]", b'{"events": []}', b"[1]", b'[{"attributes":{"a":"\xff"}}]'])  # fmt: skip
def test_empty_and_broken_bodies_take_the_long_way(body: bytes) -> None:
    assert plain_columns(body, lines=False) is None


def test_nesting_out_of_reason_takes_the_long_way() -> None:
    deep = b'[{"attributes": {"a": ' + b"[" * 300 + b"]" * 300 + b"}}]"
    assert plain_columns(deep, lines=False) is None


@pytest.mark.parametrize("name", [*MEASURE_FIELDS, *TOKEN_FIELDS])
def test_numbers_are_columns_of_numbers(name: str) -> None:
    columns = plain_columns(json.dumps([{name: 5}, {name: None}, {}]).encode(), lines=False)
    assert columns is not None
    assert list(columns.columns) == [name]
    assert [value.as_py() for value in columns.columns[name]] == [5, None, None]  # type: ignore[attr-defined]
