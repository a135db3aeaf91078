"""Traces in rows: every store shows them as the memory store does, page by page."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_analytics_hub.model.query import All, Condition, Filter, Op, TraceFilter
from llm_analytics_hub.model.trace import TRACE_SCHEMA
from llm_analytics_hub.storage.interface import EventStore, Table
from llm_analytics_hub.storage.memory import MemoryStore

from .strategies import NOON, RANGE, Row, event, event_batch, filters, owned_by, row_lists

pytestmark = pytest.mark.slow


@given(rows=row_lists(), ids=st.lists(st.sampled_from(("a", "b", "é'", None)), min_size=8, max_size=8),
       where=filters() | st.just(All()), limit=st.integers(1, 3))  # fmt: skip
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_every_store_lists_the_same_traces(
    store: EventStore, new_tenant: Callable[[], str], rows: list[Row], ids: list[str | None],
    where: Filter, limit: int,
) -> None:  # fmt: skip
    tenant, memory = new_tenant(), MemoryStore()
    of_traces = [row | {"trace_id": trace} for row, trace in zip(rows, ids, strict=False)]
    batch = event_batch(owned_by(tenant, of_traces))
    for each in (store, memory):
        each.write({Table.EVENTS: batch})
    wanted = TraceFilter(tenant, RANGE, where)
    expected = memory.traces(wanted).to_pylist()
    assert store.traces(wanted).schema.equals(TRACE_SCHEMA)
    assert pages(store, wanted, limit) == expected


def pages(store: EventStore, wanted: TraceFilter, limit: int) -> list[Row]:
    found: list[Row] = []
    while True:
        before = (found[-1]["started_at"], found[-1]["trace_id"]) if found else None
        asked = TraceFilter(wanted.tenant, wanted.time_range, wanted.where, limit, before)
        page = store.traces(asked).to_pylist()
        if not page:
            return found
        found += page


def test_a_trace_that_passes_is_shown_whole(
    store: EventStore, new_tenant: Callable[[], str]
) -> None:
    tenant = new_tenant()
    rows = [
        event(tenant, "1", trace_id="a", latency_ms=2500.0, input_tokens=3, service="chat"),
        event(tenant, "2", trace_id="a", status="error", input_tokens=4, model="m"),
        event(tenant, "3", trace_id="b"),
    ]
    store.write({Table.EVENTS: event_batch(rows)})
    failed = Condition("status", Op.EQ, ("error",))
    (trace,) = store.traces(TraceFilter(tenant, RANGE, failed)).to_pylist()
    assert (trace["trace_id"], trace["events"], trace["requests"], trace["errors"]) == (
        "a",
        2,
        2,
        1,
    )
    assert (trace["input_tokens"], trace["service"], trace["model"]) == (7, "chat", "m")
    assert (trace["ended_at"] - NOON).total_seconds() == 2.5
    assert trace["cost_usd"] is None
