"""Questions about what the registry knows of the events' assets, the same for every store."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_analytics_hub.model.catalogue import ASSET_DIMENSIONS, MEASURES
from llm_analytics_hub.model.query import All, Condition, EventFilter, Filter, Not, Op, Query
from llm_analytics_hub.model.query import Any as AnyOf
from llm_analytics_hub.storage.interface import EventStore, Table
from llm_analytics_hub.storage.memory import MemoryStore

from .asset_facts import Row, fact, facts, write
from .strategies import RANGE, awkward_texts, event, event_batch, ordered, owned_by, row_lists

pytestmark = pytest.mark.slow

NewTenant = Callable[[], str]
DIMENSIONS = (*ASSET_DIMENSIONS, "asset.metadata.team", "asset.metadata.no one")


@pytest.fixture
def tenant(store: EventStore, new_tenant: NewTenant) -> str:
    """A tenant with events of two assets that are known, of one that is not, and of none."""
    name = new_tenant()
    assets = ("a", "a", "b", "stranger", None)
    rows = [event(name, str(n), asset_id=asset, status="ok") for n, asset in enumerate(assets)]
    store.write({Table.EVENTS: event_batch(rows)})
    write(
        store,
        [
            fact(name, asset_id="a", owner="ann", status="active", annotations='{"team":"x"}'),
            fact(name, asset_id="b", owner="bob", status="active", tags='["eu","prod"]'),
            fact(name, asset_id="a", version="0.9", owner="nobody", current_version=None),
        ],
    )
    return name


def question(tenant: str, *dimensions: str, where: Filter = All()) -> Query:  # noqa: B008 - a frozen value
    query = Query(tenant, (MEASURES["events"],), dimensions, where, RANGE, None, "UTC", (), 10_000)
    return ordered(query, "events", descending=True)


def ask(store: EventStore, query: Query) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in store.answer(query).rows.to_pylist()]


def test_events_are_cut_by_what_is_known_of_their_asset(store: EventStore, tenant: str) -> None:
    assert ask(store, question(tenant, "asset.owner")) == [("", 2), ("ann", 2), ("bob", 1)]
    found = ask(store, question(tenant, "asset.status", "status", "asset_id"))
    assert found[0] == ("active", "ok", "a", 2)
    assert ask(store, question(tenant, "asset.metadata.team")) == [("", 3), ("x", 2)]


def test_an_update_re_enriches_all_history(store: EventStore, tenant: str) -> None:
    assert ask(store, question(tenant, "asset.owner")) == [("", 2), ("ann", 2), ("bob", 1)]
    write(store, [fact(tenant, 1, asset_id="a", owner="carol")])
    write(store, [fact(tenant, 2, asset_id="stranger", owner="carol", name="Stranger")])
    assert ask(store, question(tenant, "asset.owner")) == [("carol", 3), ("", 1), ("bob", 1)]


@pytest.mark.parametrize(
    ("where", "events"),
    [
        (Condition("asset.owner", Op.EQ, ("ann",)), 2),
        (Condition("asset.owner", Op.NE, ("ann",)), 3),
        (Condition("asset.owner", Op.EXISTS, ()), 3),
        (Condition("asset.owner", Op.IN, ("bob", "ann")), 3),
        (Condition("asset.tags", Op.CONTAINS, ('"prod"',)), 1),
        (Condition("asset.metadata.team", Op.PREFIX, ("x",)), 2),
        (Not(Condition("asset.status", Op.EQ, ("active",))), 2),
        (AnyOf((Condition("asset.owner", Op.EQ, ("bob",)), Condition("asset_id", Op.EQ, ("a",)))), 3),
    ],
)  # fmt: skip
def test_events_are_found_by_their_asset(
    store: EventStore, tenant: str, where: Filter, events: int
) -> None:
    assert ask(store, question(tenant, where=where)) == [(events,)]
    assert store.events(EventFilter(tenant, where)).num_rows == events


def test_no_question_reads_the_assets_of_another_tenant(
    store: EventStore, tenant: str, new_tenant: NewTenant
) -> None:
    other = new_tenant()
    write(store, [fact(other, 9, asset_id=name, owner="spy") for name in ("a", "b", "stranger")])
    owned = question(tenant, "asset.owner")
    assert ask(store, owned) == [("", 2), ("ann", 2), ("bob", 1)]
    assert ask(store, replace(owned, tenant=other)) == []
    assert ask(store, question(tenant, where=Condition("asset.owner", Op.EQ, ("spy",)))) == [(0,)]


_texts = st.sampled_from(("", "x", "y", "1.0")) | awkward_texts()
_conditions = st.builds(
    Condition,
    st.sampled_from(DIMENSIONS),
    st.sampled_from((Op.EQ, Op.NE, Op.PREFIX, Op.CONTAINS, Op.LT, Op.NOT_IN)),
    st.tuples(_texts),
)


@given(
    events=row_lists(),
    told=st.lists(facts(), max_size=8),
    dimensions=st.lists(st.sampled_from((*DIMENSIONS, "status")), max_size=3, unique=True),
    where=st.just(All()) | _conditions,
)
@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_every_store_answers_alike(
    store: EventStore,
    new_tenant: NewTenant,
    events: list[Row],
    told: list[Row],
    dimensions: list[str],
    where: Filter,
) -> None:
    tenant, memory = new_tenant(), MemoryStore()
    ids = ("a", "b", "' OR 1=1 --", None)
    rows = [{**row, "asset_id": ids[place % 4]} for place, row in enumerate(events)]
    for each in (store, memory):
        each.write({Table.EVENTS: event_batch(owned_by(tenant, rows))})
        write(each, [{**one, "tenant": tenant} for one in told])
    query = question(tenant, *dimensions, where=where)
    assert ask(store, query) == ask(memory, query)
    wanted = EventFilter(tenant, where)
    assert (
        store.events(wanted)["event_id"].to_pylist()
        == memory.events(wanted)["event_id"].to_pylist()
    )
