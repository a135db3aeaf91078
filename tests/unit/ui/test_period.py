from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.ui.period import period_of, zone_of
from llm_analytics_hub.ui.state import Between, State

BERLIN, KATHMANDU = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu")
NOW = datetime(2025, 11, 19, 12, 3, 4, tzinfo=UTC)
zones = st.sampled_from([ZoneInfo("UTC"), BERLIN, KATHMANDU, ZoneInfo("America/New_York")])
moments = st.timedeltas(timedelta(0), timedelta(days=730)).map(
    lambda age: datetime(2026, 1, 1, tzinfo=UTC) - age
)


def between(start: datetime, length: timedelta) -> State:
    return State(between=Between(start, start + length))


@pytest.mark.parametrize(
    ("last", "granularity", "buckets"),
    [("1h", "minute", 61), ("6h", "5m", 73), ("24h", "15m", 97), ("7d", "hour", 169), ("30d", "day", 31)],
)  # fmt: skip
def test_a_longer_range_has_coarser_buckets(last: str, granularity: str, buckets: int) -> None:
    period = period_of(State(last=last), NOW, BERLIN)
    assert (period.granularity, len(list(period.buckets()))) == (granularity, buckets)


@given(moments, st.timedeltas(timedelta(minutes=1), timedelta(days=60)), zones)
def test_buckets_cover_the_period_in_order(
    start: datetime, length: timedelta, zone: ZoneInfo
) -> None:
    period = period_of(between(start, length), NOW, zone)
    buckets = list(period.buckets())
    assert buckets[0] <= period.start
    assert all(one < other for one, other in pairwise(buckets))
    assert len(buckets) == 1 or buckets[1] > period.start
    assert buckets[-1] < period.end


def test_days_begin_at_midnight_where_the_clocks_change() -> None:
    start = datetime(2025, 10, 24, 12, tzinfo=UTC)
    period = period_of(between(start, timedelta(days=11)), NOW, BERLIN)
    assert {period.local(bucket).time().isoformat() for bucket in period.buckets()} == {"00:00:00"}
    lengths = {other - one for one, other in pairwise(period.buckets())}
    assert lengths == {timedelta(hours=24), timedelta(hours=25)}


def test_hours_are_the_hours_of_the_viewer() -> None:
    period = period_of(State(last="7d"), NOW, KATHMANDU)
    first = next(period.buckets())
    assert (period.local(first).minute, first.minute) == (0, 15)


def test_the_previous_period_ends_where_this_one_begins() -> None:
    period = period_of(State(last="6h"), NOW, BERLIN)
    before = period.previous
    assert (before.start, before.end) == (NOW - timedelta(hours=12), NOW - timedelta(hours=6))


@pytest.mark.parametrize("name", [None, "", "Mars/Olympus", "../etc/passwd", "a" * 5000])
def test_an_unknown_zone_is_utc(name: str | None) -> None:
    assert zone_of(name).key == "UTC"
