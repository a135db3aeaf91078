import asyncio
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.telemetry.metrics import Metrics
from llm_analytics_hub.ui.callbacks import SHOWN, not_shown, shown
from llm_analytics_hub.ui.snapshot import Overview, Snapshot
from llm_analytics_hub.ui.state import State

from .conftest import EmptyStore

UTC_ZONE = ZoneInfo("UTC")


def snapshot(store: EmptyStore, state: State) -> Snapshot:
    clock, metrics = ManualClock(datetime(2025, 11, 19, 12, tzinfo=UTC)), Metrics()
    overview = Overview(QueryService(store, clock, metrics), store, metrics, clock)
    return asyncio.run(overview.snapshot(state, UTC_ZONE))


@pytest.mark.parametrize("state", [State(), State(models=("gpt-4o",), cost_by="provider")])
def test_no_question_is_asked_twice(state: State) -> None:
    store = EmptyStore()
    snapshot(store, state)
    assert len(store.asked) == len({repr(query) for query in store.asked}) > 5


def test_everybody_is_asked_about_one_tenant() -> None:
    store = EmptyStore()
    shot = snapshot(store, State(tenant="acme"))
    assert {query.tenant for query in store.asked} == {"acme"}
    assert shot.tenants == ("acme",)


def test_an_empty_hub_tells_how_to_fill_it() -> None:
    parts = shown(snapshot(EmptyStore(), State()))
    assert parts.keys() == SHOWN.keys()
    assert "analytics-hub demo" in str(parts["banner"])


def test_filters_that_let_nothing_through_are_named() -> None:
    parts = shown(snapshot(EmptyStore(), State(sources=("costops",))))
    assert "No event passes these filters" in str(parts["banner"])
    assert parts["source-options"] == ["costops"]


def test_a_store_that_is_away_is_an_error_with_a_code() -> None:
    with pytest.raises(UnavailableError, match="away"):
        snapshot(EmptyStore(is_away=True), State())
    parts = not_shown("the store is away", "unavailable")
    assert parts["page"] == "page failed"
    assert "the store is away" in str(parts["banner"])
    assert parts.keys() == SHOWN.keys()
