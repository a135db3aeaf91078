"""What every store promises about metric points."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.metric import METRIC_SCHEMA
from llm_analytics_hub.model.query import All, EventFilter, Query, TimeRange
from llm_analytics_hub.storage.interface import EventStore

from .metric_rows import Row, histogram, point, write
from .strategies import LOOKS_LIKE_SQL, NOON, RANGE

pytestmark = pytest.mark.slow

NewTenant = Callable[[], str]
_numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False, width=32)
_counts = st.integers(0, 2**40)
_texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8) | st.just(LOOKS_LIKE_SQL[0])


_columns = st.fixed_dictionaries(
    {},
    optional={
        "unit": _texts,
        "service": _texts,
        "labels": st.dictionaries(_texts, st.just("") | _texts, max_size=3).map(
            lambda labels: sorted(labels.items())
        ),
        "started_at": st.just(NOON - timedelta(microseconds=1)),
        "is_monotonic": st.booleans(),
        "value": _numbers,
        "count": _counts,
        "min": _numbers,
        "bucket_bounds": st.lists(st.floats(-5, 5), max_size=3),
        "bucket_counts": st.lists(_counts, max_size=3),
        "quantile_values": st.lists(st.floats(-5, 5), max_size=3),
        "total": _numbers,
        "series": st.integers(0, 2**64 - 1),
    },
)


@given(columns=st.lists(_columns, max_size=4))
@settings(max_examples=15)
def test_what_was_written_is_read_back_equal(
    store: EventStore, new_tenant: NewTenant, columns: list[Row]
) -> None:
    tenant = new_tenant()
    rows = [point(tenant, number, **one) for number, one in enumerate(columns)]
    write(store, rows)
    found = store.metric_points(tenant, "m", RANGE, 10)
    assert found.schema.equals(METRIC_SCHEMA)
    assert found.to_pylist() == rows[::-1]


def test_points_are_of_one_tenant_metric_and_time(store: EventStore, new_tenant: NewTenant) -> None:
    tenant = new_tenant()
    rows = [point(tenant, number) for number in range(4)]
    write(store, [*rows, point(new_tenant(), 1), point(tenant, 1, metric="other")])
    span = TimeRange(rows[1]["occurred_at"], rows[3]["occurred_at"])
    assert store.metric_points(tenant, "m", span, 10).to_pylist() == [rows[2], rows[1]]
    assert store.metric_points(tenant, "m", span, 1).to_pylist() == [rows[2]]
    assert store.metric_points(tenant, LOOKS_LIKE_SQL[0], span, 1).num_rows == 0


def test_metrics_are_never_counted_as_events(store: EventStore, new_tenant: NewTenant) -> None:
    tenant = new_tenant()
    write(store, [point(tenant, 1, metric="gen_ai.client.token.usage", value=1000.0)])
    measures = (MEASURES["events"], MEASURES["requests"], MEASURES["total_tokens"])
    query = Query(tenant, measures, (), All(), RANGE, None, "UTC", (), 1)
    assert [value or 0 for value in store.answer(query).rows.to_pylist()[0].values()] == [0, 0, 0]
    assert store.events(EventFilter(tenant)).num_rows == 0


# Worked out by hand after Prometheus' rule: 10 in (0, 1], 10 in (1, 2], 20 in (2, 4], 0 above.
LEVELS = {0.0: 0.0, 0.125: 0.5, 0.25: 1.0, 0.5: 2.0, 0.75: 3.0, 1.0: 4.0}


@pytest.mark.parametrize("level", LEVELS)
def test_a_quantile_lies_within_its_bucket_by_its_rank(
    store: EventStore, new_tenant: NewTenant, level: float
) -> None:
    tenant = new_tenant()
    bounds = [1.0, 2.0, 4.0]
    write(
        store,
        [histogram(tenant, 1, bounds, [1, 7, 4, 0]), histogram(tenant, 2, bounds, [9, 3, 16, 0])],
    )
    assert store.metric_quantile(tenant, "m", RANGE, level) == pytest.approx(LEVELS[level])


@pytest.mark.parametrize(
    ("bounds", "counts", "level", "wanted"),
    [
        ([1.0, 2.0], [0, 0, 5], 0.5, 2.0),  # above all bounds: the highest
        ([-2.0, -1.0], [5, 0, 0], 0.5, -2.0),  # below a bound that is not positive: that bound
        ([1.0, 2.0], [0, 0, 0], 0.5, None),
        ([], [5], 0.5, None),
    ],
)  # fmt: skip
def test_the_outer_buckets_answer_with_their_bound(
    store: EventStore,
    new_tenant: NewTenant,
    bounds: list[float],
    counts: list[int],
    level: float,
    wanted: float | None,
) -> None:
    tenant = new_tenant()
    write(store, [histogram(tenant, 1, bounds, counts)])
    assert store.metric_quantile(tenant, "m", RANGE, level) == wanted


def test_histograms_of_different_bounds_are_added(store: EventStore, new_tenant: NewTenant) -> None:
    tenant = new_tenant()
    write(store, [histogram(tenant, 1, [2.0], [4, 0]), histogram(tenant, 2, [1.0, 2.0], [0, 4, 0])])
    # Below 1 lie 2 of the first and none of the second; between 1 and 2 all other 6.
    assert store.metric_quantile(tenant, "m", RANGE, 0.5) == pytest.approx(1 + 2 / 6)
