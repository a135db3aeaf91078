"""Cumulative series count once: increases, repeats, resets, late points, joined buckets."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.ingest.metric_point import Instrument, MetricPoint, Numbers
from llm_analytics_hub.ingest.metric_series import MetricSeries, Taken

COUNTER = Instrument("m", "", "sum", "cumulative", True, None, None, "s", "m/process-1")
HISTOGRAM = replace(COUNTER, kind="histogram", is_monotonic=False)
START = 1_000


def number(at: int, value: float, **columns: object) -> MetricPoint:
    made = MetricPoint(COUNTER, (("model", "a"),), START, at, Numbers(value))
    return replace(made, **columns)  # type: ignore[arg-type]


def buckets(
    at: int, counts: tuple[int, ...], bounds: tuple[float, ...] = (1.0, 2.0)
) -> MetricPoint:
    numbers = Numbers(float(sum(counts)), sum(counts), 0.1, 9.0, bounds, counts)
    return MetricPoint(HISTOGRAM, (), START, at, numbers)


def taken(series: MetricSeries, *points: MetricPoint, tenant: str = "t") -> Taken:
    made = series.take(tenant, points)
    series.stored(made)
    return made


def added(series: MetricSeries, *points: MetricPoint) -> list[float | None]:
    return [one.added.value for one in taken(series, *points).counted]


def test_the_first_point_counts_from_its_start_and_the_next_from_the_last() -> None:
    made = taken(MetricSeries(), number(2_000, 5.0), number(3_000, 8.0))
    assert [(one.started_at, one.added.value) for one in made.counted] == [
        (START, 5.0),
        (2_000, 3.0),
    ]


@given(totals=st.lists(st.integers(1, 9), min_size=1), cut=st.integers(0, 9))
def test_increases_add_up_to_the_last_total_in_one_request_or_many(
    totals: list[int], cut: int
) -> None:
    points = [number(2_000 + at, float(sum(totals[: at + 1]))) for at in range(len(totals))]
    series = MetricSeries()
    found = added(series, *points[:cut]) + added(series, *points[cut:])
    assert sum(value or 0 for value in found) == sum(totals)


@pytest.mark.parametrize(
    "again",
    [number(3_000, 5.0), number(3_001, 5.0), number(2_999, 4.0), number(2_999, 9.0), number(3_000, 9.0)],
    ids=["same", "same value later", "late", "late and more", "same time and more"],
)  # fmt: skip
def test_what_says_nothing_new_is_a_repeat(again: MetricPoint) -> None:
    series = MetricSeries()
    taken(series, number(3_000, 5.0))
    made = taken(series, again)
    assert (list(made.counted), made.duplicates) == ([], 1)
    assert added(series, number(4_000, 7.0)) == [2.0]


def test_a_value_that_fell_or_another_start_is_a_new_beginning() -> None:
    series = MetricSeries()
    assert added(series, number(2_000, 5.0), number(3_000, 2.0), number(4_000, 3.0)) == [
        5.0,
        2.0,
        1.0,
    ]
    assert added(series, number(5_000, 9.0, started_at=4_500)) == [9.0]


@pytest.mark.parametrize(
    "other",
    [
        number(2_000, 5.0, labels=(("model", "b"),)),
        number(2_000, 5.0, instrument=replace(COUNTER, identity="m/process-2")),
    ],
    ids=["labels", "resource"],
)
def test_series_are_told_apart_by(other: MetricPoint) -> None:
    series = MetricSeries()
    assert added(series, number(2_000, 5.0), other) == [5.0, 5.0]


def test_tenants_are_told_apart() -> None:
    series = MetricSeries()
    taken(series, number(2_000, 5.0))
    assert len(taken(series, number(2_000, 5.0), tenant="other").counted) == 1


def test_levels_and_deltas_are_left_as_they_are() -> None:
    level = replace(COUNTER, is_monotonic=False)
    delta = replace(COUNTER, temporality="delta")
    series = MetricSeries()
    for instrument in (level, delta):
        points = [number(at, 5.0, instrument=instrument) for at in (2_000, 3_000)]
        assert added(series, *points) == [5.0, 5.0]
    assert len(series) == 0


def test_what_was_not_stored_counts_when_it_comes_again() -> None:
    series = MetricSeries()
    series.take("t", [number(2_000, 5.0)])
    assert added(series, number(2_000, 5.0)) == [5.0]


def test_the_series_not_sent_for_longest_are_forgotten() -> None:
    series = MetricSeries(remembered=2)
    for name in "abac":
        taken(series, number(2_000, 5.0, labels=(("model", name),)))
    assert len(series) == 2
    for name, value in (("a", 1.0), ("c", 1.0), ("b", 6.0)):
        assert added(series, number(9_000, 6.0, labels=(("model", name),))) == [value]


def test_histograms_give_the_increase_of_every_bucket() -> None:
    first, second = taken(
        MetricSeries(), buckets(2_000, (1, 2, 0)), buckets(3_000, (1, 4, 1))
    ).counted
    assert (first.added.buckets, first.added.min) == ((1, 2, 0), 0.1)
    assert (second.added.value, second.added.count, second.added.buckets) == (3.0, 3, (0, 2, 1))
    assert (second.added.min, second.added.max) == (None, None)


def test_a_bucket_that_fell_is_a_new_beginning() -> None:
    series = MetricSeries()
    made = taken(series, buckets(2_000, (3, 0, 0)), buckets(3_000, (1, 4, 0)))
    assert made.counted[1].added.buckets == (1, 4, 0)


def test_buckets_that_were_joined_still_give_the_increase() -> None:
    fine = buckets(2_000, (1, 2, 3, 0), (1.0, 2.0, 4.0))
    made = taken(MetricSeries(), fine, buckets(3_000, (4, 5, 0), (2.0, 4.0)))
    assert made.counted[1].added.buckets == (1, 2, 0)


@pytest.mark.parametrize("bounds", [(0.5, 3.0), ()])
def test_where_buckets_would_be_cut_only_the_count_is_known(bounds: tuple[float, ...]) -> None:
    counts = (2, 3, 3)[: len(bounds) + 1] if bounds else (8,)
    made = taken(MetricSeries(), buckets(2_000, (1, 2, 3)), buckets(3_000, counts, bounds))
    increase = made.counted[1].added
    assert increase.count == 2
    assert increase.buckets == (() if bounds else (2,))
