"""Events in the order they arrived: what feeds go on from."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from llm_analytics_hub.model.query import All, Arrivals, Condition, Op
from llm_analytics_hub.storage.interface import EventStore, Table

from .strategies import NOON, Row, event, event_batch, event_key

pytestmark = pytest.mark.slow

NewTenant = Callable[[], str]
START = (NOON - timedelta(days=1), 0)


def arrived(tenant: str, place: int, received: int) -> Row:
    """An event that occurred the earlier, the later it was received."""
    return event(
        tenant, f"id-{place}", event_key=event_key(tenant, str(place)),
        event_type="seen" if place % 3 else "left out",
        occurred_at=NOON - timedelta(seconds=received),
        received_at=NOON + timedelta(microseconds=received),
    )  # fmt: skip


def place_of(row: Row) -> tuple[object, int]:
    return row["received_at"], row["event_key"]


@given(received=st.lists(st.integers(0, 3), min_size=1, max_size=20), page_size=st.integers(1, 7))
@example(received=[0, 0, 0, 0, 0], page_size=2)
@settings(max_examples=15)
def test_going_on_from_the_last_walks_all_arrivals_once(
    store: EventStore, new_tenant: NewTenant, received: list[int], page_size: int
) -> None:
    tenant = new_tenant()
    rows = [arrived(tenant, place, moment) for place, moment in enumerate(received)]
    store.write({Table.EVENTS: event_batch(rows)})
    store.write({Table.EVENTS: event_batch([arrived(f"{tenant}-other", 1, 1)])})
    page = Arrivals(tenant, All((Condition("event_type", Op.EQ, ("seen",)),)), START, page_size)
    seen: list[Row] = []
    while (found := store.arrivals(page)).num_rows:
        assert found.num_rows <= page_size
        seen += found.to_pylist()
        page = replace(page, after=place_of(seen[-1]))
    wanted = sorted((row for row in rows if row["event_type"] == "seen"), key=place_of)
    assert seen == wanted


def test_what_arrives_later_is_found_from_the_same_place(
    store: EventStore, new_tenant: NewTenant
) -> None:
    tenant = new_tenant()
    first, second = arrived(tenant, 1, 5), arrived(tenant, 2, 6)
    store.write({Table.EVENTS: event_batch([first])})
    page = Arrivals(tenant, All(), START)
    assert store.arrivals(page).to_pylist() == [first]
    page = replace(page, after=place_of(first))
    assert store.arrivals(page).num_rows == 0
    store.write({Table.EVENTS: event_batch([second])})
    assert store.arrivals(page).to_pylist() == [second]
