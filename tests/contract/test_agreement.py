"""Random questions over random events: every store answers as the memory store does."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_analytics_hub.model.query import EventFilter, Filter, Query
from llm_analytics_hub.storage.interface import EventStore, Table
from llm_analytics_hub.storage.memory import MemoryStore

from .strategies import Row, event_batch, filters, owned_by, queries, rollup_queries, row_lists

pytestmark = pytest.mark.slow

slow_to_draw = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def close(found: pa.Table) -> list[dict[str, Any]]:
    """Rows that equal others but for the last digits of a quotient."""
    return [
        {
            name: pytest.approx(value, rel=1e-12) if isinstance(value, float) else value
            for name, value in row.items()
        }
        for row in found.to_pylist()
    ]


def write_to_both(store: EventStore, tenant: str, rows: list[Row]) -> MemoryStore:
    memory = MemoryStore()
    batch = event_batch(owned_by(tenant, rows))
    for each in (store, memory):
        each.write({Table.EVENTS: batch})
    return memory


@given(rows=row_lists(), questions=st.lists(queries(), min_size=4, max_size=5))
@slow_to_draw
def test_every_store_answers_a_question_alike(
    store: EventStore, new_tenant: Callable[[], str], rows: list[Row], questions: list[Query]
) -> None:
    tenant = new_tenant()
    memory = write_to_both(store, tenant, rows)
    for question in questions:
        asked = replace(question, tenant=tenant)
        found = store.answer(asked).rows
        assert tuple(found.column_names) == asked.columns
        assert close(found) == memory.answer(asked).rows.to_pylist()


@given(rows=row_lists(), questions=st.lists(rollup_queries(), min_size=3, max_size=10))
@slow_to_draw
def test_every_store_answers_a_question_about_long_ago_alike(
    store: EventStore, new_tenant: Callable[[], str], rows: list[Row], questions: list[Query]
) -> None:
    tenant = new_tenant()
    memory = write_to_both(store, tenant, rows)
    for question in questions:
        asked = replace(question, tenant=tenant)
        assert close(store.answer(asked).rows) == memory.answer(asked).rows.to_pylist()


@given(rows=row_lists(), wanted=st.lists(filters(), min_size=1, max_size=5))
@slow_to_draw
def test_every_store_lists_the_same_events(
    store: EventStore, new_tenant: Callable[[], str], rows: list[Row], wanted: list[Filter]
) -> None:
    tenant = new_tenant()
    memory = write_to_both(store, tenant, rows)
    for where in wanted:
        asked = EventFilter(tenant, where)
        assert store.events(asked).to_pylist() == memory.events(asked).to_pylist()
