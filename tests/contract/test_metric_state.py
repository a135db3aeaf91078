"""What a store knows of metric points at start, and when they leave."""

from datetime import timedelta
from typing import Any

import pytest

from llm_analytics_hub.model.metric import TOTALS_SCHEMA
from llm_analytics_hub.storage.interface import EventStore

from .metric_rows import Row, point, write
from .strategies import NOON, RANGE

pytestmark = pytest.mark.slow


def test_the_state_is_what_each_series_stood_at_last(own_store: EventStore) -> None:
    def standing(number: int, series: int, **columns: Any) -> Row:
        totals = {"bucket_bounds": [1.5], "total_buckets": [number, 0], "total_count": number}
        return point("t", number, series=series, **totals | columns)

    later = NOON + timedelta(minutes=1)
    last = [standing(3, 7, received_at=later), standing(4, 8, total=2.5)]
    write(own_store, [standing(1, 7), last[1]])
    write(own_store, [last[0], point("t", 5, series=9)])
    state = own_store.metric_state(later, 10)
    assert state.keys.tolist() == [3]
    assert state.totals.schema.equals(TOTALS_SCHEMA)
    assert state.totals.to_pylist() == [
        {name: row[name] for name in TOTALS_SCHEMA.names} for row in last
    ]
    assert own_store.metric_state(NOON, 1).totals["series"].to_pylist() == [8]
    assert sorted(own_store.metric_state(NOON, 1).keys.tolist()) == [1, 3, 4, 5]


def test_points_leave_in_the_week_after_the_week_they_expire_in(own_store: EventStore) -> None:
    write(own_store, [point("t", 1)])
    expires = NOON + timedelta(7)
    monday = (expires - timedelta(expires.weekday())).date()
    assert own_store.drop_expired(expires) == []
    assert own_store.drop_expired(expires + timedelta(7)) == [f"metrics/{monday}"]
    assert own_store.metric_points("t", "m", RANGE, 1).num_rows == 0
