from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.simulator.rhythm import HOUR, activity, shared_out, whole_hours

YEAR_2020 = datetime(2020, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=3650)).map(lambda age: YEAR_2020 + age)
LENGTHS = st.timedeltas(timedelta(0), timedelta(days=20))


@given(MOMENTS, LENGTHS)
def test_whole_hours_cover_the_time_and_no_more(start, length):
    hours = whole_hours(start, start + length)
    if not hours:
        assert length == timedelta(0)
        return
    assert hours[0] <= start < hours[0] + HOUR
    assert hours[-1] < start + length <= hours[-1] + HOUR
    assert all(later - earlier == HOUR for earlier, later in pairwise(hours))


@given(MOMENTS, LENGTHS, st.floats(1, 1e7))
def test_the_shares_of_the_hours_sum_to_the_whole(start, length, total):
    hours = whole_hours(start, start + length)
    assert sum(shared_out(total, hours)) == pytest.approx(total if hours else 0.0)


@given(MOMENTS)
def test_no_hour_is_dead(moment):
    assert 0 < activity(moment) < 3
