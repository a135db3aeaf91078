"""A question about a day reads about a day: the sort key is used."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from tests.contract.strategies import event, event_batch

from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.query import All, Query, TimeRange
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.interface import Table

pytestmark = pytest.mark.slow

BEGIN = datetime(2025, 11, 1, tzinfo=UTC)
DAYS, EVENTS = 20, 200_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseStore]:
    opened = ClickHouseStore(tmp_path_factory.mktemp("pruned"))
    one = event_batch([event("t", "1")])
    columns = {name: pa.repeat(one[name][0], EVENTS) for name in one.schema.names}
    step = timedelta(days=DAYS) / EVENTS
    moments = np.datetime64(BEGIN.replace(tzinfo=None), "us") + np.arange(EVENTS) * np.timedelta64(
        step
    )
    columns["occurred_at"] = pa.array(moments).cast(one.schema.field("occurred_at").type)
    columns["event_key"] = pa.array(np.arange(EVENTS), pa.uint64())
    batch = pa.RecordBatch.from_arrays(list(columns.values()), schema=one.schema)
    opened.write({Table.EVENTS: batch})
    opened.known_keys(BEGIN)
    yield opened
    opened.close()


def question(days: float) -> Query:
    span = TimeRange(BEGIN + timedelta(days=10), BEGIN + timedelta(days=10 + days))
    measures = (MEASURES["traces"],)  # which no rollup has
    return Query("t", measures, (), All(), span, None, "UTC", (), 100)


@pytest.mark.parametrize(("days", "most"), [(0.25, 0.2), (1, 0.25), (5, 0.45)])
def test_what_is_read_follows_the_range(store: ClickHouseStore, days: float, most: float) -> None:
    plan = store.explain(question(days))
    assert plan.table == "events"
    assert plan.rows_to_read is not None
    assert plan.rows_to_read <= EVENTS * most


def test_another_tenants_events_are_not_read(store: ClickHouseStore) -> None:
    assert store.explain(replace(question(20), tenant="other")).rows_to_read == 0
