import base64
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.errors import InvalidQueryError, NotFoundError
from llm_analytics_hub.model.query import All, Condition, EventFilter, Op
from llm_analytics_hub.normalize.normalizer import Arrival, normalize
from llm_analytics_hub.query.events import MAX_DEPTH, EventLists
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.interface import Table
from llm_analytics_hub.storage.memory import MemoryStore

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
RULES = rules_of(NormalizeSettings())
TRACE = "0af7651916cd43dd8448eb211c80319c"


def lists(*rows: Mapping[str, Any], tenant: str = "t") -> EventLists:
    """Lists over a store that holds these events, a second apart."""
    store = MemoryStore()
    known = [
        {"source": "a", "event_type": "b.c", "event_id": str(number),
         "occurred_at": (NOW - timedelta(days=1) + timedelta(seconds=number)).isoformat()} | row
        for number, row in enumerate(rows)
    ]  # fmt: skip
    done = normalize(known, Arrival(tenant, NOW), RULES)
    assert done.faults == []
    store.write({Table.EVENTS: done.events})
    return EventLists(store)


def everything(events: EventLists, limit: int) -> list[str]:
    """Ids of all pages, one after the other."""
    found, cursor, more = list[str](), None, True
    while more:
        page = events.page(EventFilter("t", limit=limit), cursor)
        found += [event["event_id"] for event in page["events"]]
        assert len(page["events"]) <= limit
        cursor, more = page["next_cursor"], page["next_cursor"] is not None
    return found


def span(span_id: str, parent: str | None = None) -> dict[str, Any]:
    return {"trace_id": TRACE, "span_id": span_id, "parent_span_id": parent, "event_id": span_id}


def shape(nodes: Sequence[Mapping[str, Any]]) -> list[Any]:
    return [(node["span_id"], shape(node.get("children", []))) for node in nodes]


def size(nodes: Sequence[Mapping[str, Any]]) -> int:
    return sum(1 + size(node.get("children", [])) for node in nodes)


@given(st.integers(0, 12), st.integers(1, 13))
def test_pages_give_every_event_once_newest_first(count: int, limit: int) -> None:
    events = lists(*({} for _ in range(count)))
    assert everything(events, limit) == [str(number) for number in reversed(range(count))]


def test_events_of_one_moment_are_not_lost_between_pages() -> None:
    events = lists(*({"occurred_at": NOW.isoformat()} for _ in range(7)))
    assert sorted(everything(events, 2)) == [str(number) for number in range(7)]


def test_events_of_one_id_and_moment_are_not_lost_between_pages() -> None:
    same = {"event_id": "same", "occurred_at": NOW.isoformat()}
    events = lists(*(same | {"source": source} for source in "abc"))
    assert everything(events, 1) == ["same"] * 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "|",
        "soon|1",
        "0001-01-01T00:00:00+23:00|1",
        "0001-01-01|1",
        "9999-12-31T23:59:59Z|1",
    ],
)
def test_a_cursor_of_another_list_is_refused(text: str) -> None:
    cursor = base64.urlsafe_b64encode(text.encode()).decode() or "="
    with pytest.raises(InvalidQueryError) as caught:
        lists({}).page(EventFilter("t"), cursor)
    assert caught.value.code == "invalid_cursor"


@given(st.text(min_size=1))
def test_any_text_is_a_cursor_or_refused(cursor: str) -> None:
    with suppress(InvalidQueryError):
        assert lists().page(EventFilter("t"), cursor) == {"events": [], "next_cursor": None}


def test_an_event_is_shown_without_its_unknowns_and_the_hubs_own_columns() -> None:
    row = {
        "cost_usd": "0.000000000012",
        "attributes": {"a": [1]},
        "latency_ms": 1.5,
        "input_tokens": 0,
    }
    (event,) = lists(row).page(EventFilter("t"), None)["events"]
    assert json.loads(msgspec.json.encode(event)) == {
        "source": "a", "stream": "observatory", "event_id": "0", "event_type": "b.c",
        "occurred_at": "2025-11-18T10:00:00.000000Z", "received_at": "2025-11-19T10:00:00.000000Z",
        "cost_usd": "1.2E-11", "attributes": {"a": [1]}, "latency_ms": 1.5, "input_tokens": 0,
    }  # fmt: skip


def test_a_page_shows_what_was_asked_for() -> None:
    events = lists({"model": "x"}, {"model": "y"})
    where = All((Condition("model", Op.EQ, ("y",)),))
    found = events.page(EventFilter("t", where), None)["events"]
    assert [event["event_id"] for event in found] == ["1"]
    assert events.page(EventFilter("u"), None) == {"events": [], "next_cursor": None}


def test_a_trace_is_a_tree_earliest_first() -> None:
    events = lists(span("a"), span("c", "a"), span("b", "a"), span("d", "b"), {"trace_id": "other"})
    found = events.trace("t", TRACE)
    assert (found["trace_id"], found["spans"]) == (TRACE, 4)
    assert shape(found["roots"]) == [("a", [("c", []), ("b", [("d", [])])])]


def test_a_span_whose_parent_is_elsewhere_is_a_root() -> None:
    assert shape(lists(span("a", "gone"), span("b", "a")).trace("t", TRACE)["roots"]) == [
        ("a", [("b", [])])
    ]


@pytest.mark.parametrize(
    "spans",
    [
        [span("a", "a")],
        [span("a", "b"), span("b", "a")],
        [span("a", "c"), span("b", "a"), span("c", "b"), span("d", "c")],
        [span(str(n), str(n - 1)) for n in range(1_500)],
    ],
    ids=["its own parent", "a loop of two", "a loop and a branch", "1,500 levels"],
)
def test_no_span_of_a_strange_trace_is_lost(spans: list[dict[str, Any]]) -> None:
    found = lists(*spans).trace("t", TRACE)
    assert found["spans"] == size(found["roots"]) == len(spans)
    assert msgspec.json.encode(found)


def test_a_chain_is_a_tree_down_to_the_limit() -> None:
    found = lists(*(span(str(n), str(n - 1)) for n in range(MAX_DEPTH))).trace("t", TRACE)
    assert len(found["roots"]) == 1


def test_a_trace_of_another_tenant_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        lists(span("a")).trace("u", TRACE)
