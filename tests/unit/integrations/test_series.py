"""Trend, season and the measures of clusters, on series whose answer is known."""

import math
import random
from collections.abc import Sequence

import pytest

from llm_analytics_hub.integrations import clusters, series

WEEK = [100.0, 110, 120, 110, 100, 20, 10]
ZIGZAG = [90.0, 110.0] * 10
_RANDOM = random.Random(6)
NOISE = [round(_RANDOM.gauss(100, 10)) for _ in range(28)]
"""Alike after seven days by 0.44, more than after six or eight, by chance."""


@pytest.mark.parametrize(
    ("values", "direction"),
    [
        ([10, 11, 12, 13], "increasing"),
        ([13, 12, 11, 10], "decreasing"),
        ([100, 101, 102, 103], "stable"),
        ([0, 0, 0], "stable"),
        ([5, 5, 5], "stable"),
        ([1, 2], "unknown"),
        ([100, 180, 20, 190, 30, 200], "stable"),
    ],
    ids=["up", "down", "three percent", "nothing", "flat", "two", "noise"],
)
def test_a_trend_is_a_line_that_is_steep_and_sure(values: Sequence[float], direction: str) -> None:
    assert series.trend(values).direction == direction


def test_growth_is_the_line_s_rise_in_percent_of_the_mean() -> None:
    assert series.trend([10, 20, 30]).growth_percent == pytest.approx(100.0)


@pytest.mark.parametrize("growth", [0.0, 3.0])
def test_a_week_is_found_in_days_whether_they_grow_or_not(growth: float) -> None:
    days = [value + growth * n for n, value in enumerate(WEEK * 4)]
    assert series.seasonality(days, "daily") == "weekly"


def test_a_day_is_found_in_hours_and_a_week_where_it_is_no_day() -> None:
    daily = [math.sin(2 * math.pi * n / 24) for n in range(72)]
    weekly = [float(n % 168 == 5) for n in range(168 * 3)]
    assert series.seasonality(daily, "hourly") == "daily"
    assert series.seasonality(weekly, "hourly") == "weekly"


@pytest.mark.parametrize(
    "values",
    [
        WEEK,
        [5.0] * 30,
        [0.5 * n / 7 for n in range(40)],
        [math.sin(n / 15) for n in range(60)],
        ZIGZAG,
        [1.0] * 20 + [9.0] * 20,
        NOISE,
    ],
    ids=["one week only", "flat", "a line", "a slow wave", "two days", "a step", "noise"],
)
def test_a_series_without_a_week_has_none(values: Sequence[float]) -> None:
    assert series.seasonality(values, "daily") is None


def test_shares_add_up_and_nothing_has_none() -> None:
    assert series.shares([1, 3]) == [0.25, 0.75]
    assert series.shares([0, 0]) is None


def test_a_silhouette_is_one_where_clusters_are_far_and_negative_in_the_wrong_one() -> None:
    here, there = [(0.0, 0.0), (0.0, 1.0)], [(100.0, 0.0)]
    assert clusters.silhouette(here, [there]) == pytest.approx(0.99, abs=1e-3)
    assert clusters.silhouette([(0.0,), (10.0,)], [[(1.0,), (11.0,)]]) < 0
    assert clusters.silhouette([(0.0,), (2.0,)], [[(5.0,)], [(3.0,)]]) == pytest.approx(
        ((3 - 2) / 3 + (1 - 2) / 2) / 2
    )


@pytest.mark.parametrize("others", [[], [[(9.0,)]]])
def test_a_cluster_of_one_or_alone_has_no_silhouette(others: list[list[tuple[float]]]) -> None:
    lonely = [(0.0,)] if others else [(0.0,), (1.0,)]
    assert clusters.silhouette(lonely, others) == 0.0


def test_members_that_are_all_the_same_have_a_silhouette_too() -> None:
    assert clusters.silhouette([(1.0,), (1.0,)], [[(1.0,)]]) == 0.0


def test_cohesion_is_one_where_all_are_the_same_and_falls_with_distance() -> None:
    assert clusters.cohesion([(1.0, 2.0), (1.0, 2.0)]) == 1.0
    assert clusters.cohesion([(0.0,), (2.0,)]) == 0.5
