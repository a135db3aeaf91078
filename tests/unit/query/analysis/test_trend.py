import numpy as np
import pytest

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.query.analysis.change_points import change_points
from llm_analytics_hub.query.analysis.trend import find_trend

from .known_series import calendar, noise, wave


def test_the_slope_is_recovered_with_its_interval_though_a_tenth_are_outliers() -> None:
    inside = 0
    for seed in range(40):
        values = 5 + 0.3 * np.arange(60) + 2 * noise(seed, 60)
        values[::10] += 100
        slope = find_trend(values, []).slope
        assert slope.value == pytest.approx(0.3, abs=0.12)
        assert slope.p < 0.05
        inside += slope.lower <= 0.3 <= slope.upper
    assert inside >= 35


def test_a_weekly_rhythm_is_taken_out_first() -> None:
    values = 50 + 0.1 * np.arange(70) + 20 * wave(70, 7) + noise(1, 70)
    told = find_trend(values, calendar(70, "day"))
    assert told.season is not None
    assert told.season.name == "weekday"
    assert told.slope.value == pytest.approx(0.1, abs=0.03)
    assert len(told.levels) == 1


@pytest.mark.parametrize("alike", [0.0, 0.6])
def test_noise_is_seldom_called_a_trend_or_a_change(alike: float) -> None:
    told = [find_trend(noise(seed, 100, alike=alike), []) for seed in range(100)]
    assert sum(one.slope.p < 0.05 for one in told) <= 15
    assert sum(len(one.levels) > 1 for one in told) <= 5


def test_changes_of_level_are_found_within_a_bucket() -> None:
    for seed in range(30):
        values = np.repeat([100.0, 125.0, 90.0], [40, 30, 30]) + 4 * noise(seed, 100)
        found = change_points(values)
        assert len(found) == 2
        assert abs(found[0] - 40) <= 1
        assert abs(found[1] - 70) <= 1


def test_levels_say_from_where_to_where_and_how_sure() -> None:
    values = np.repeat([100.0, 150.0], [30, 30]) + noise(1, 60)
    first, second = find_trend(values, []).levels
    assert (first.start, first.end, second.start, second.end) == (0, 30, 30, 60)
    assert first.p is None
    assert second.p is not None
    assert second.p < 0.001
    assert second.level / first.level == pytest.approx(1.5, abs=0.02)


def test_a_spike_is_no_level_and_a_line_no_stairs() -> None:
    spiked = 100 + noise(1, 60)
    spiked[30] = 200
    assert change_points(spiked) == []
    assert change_points(0.5 * np.arange(100) + 2 * noise(2, 100)) == []


def test_a_step_without_noise_is_found() -> None:
    assert change_points(np.repeat([1.0, 2.0], [20, 20])) == [20]
    assert change_points(np.ones(40)) == []


def test_gaps_do_not_change_the_slope() -> None:
    values = 2.0 * np.arange(40)
    values[[3, 4, 20]] = np.nan
    slope = find_trend(values, []).slope
    assert (slope.value, slope.lower, slope.upper) == pytest.approx((2, 2, 2))


def test_a_long_series_is_cut_into_medians() -> None:
    values = 0.01 * np.arange(5000) + noise(1, 5000)
    assert find_trend(values, []).slope.value == pytest.approx(0.01, rel=0.01)


def test_a_constant_has_no_trend() -> None:
    slope = find_trend(np.full(20, 7.0), []).slope
    assert (slope.value, slope.lower, slope.upper, slope.p) == (0, 0, 0, 1)


def test_too_few_points_are_refused() -> None:
    with pytest.raises(InvalidQueryError, match=r"at least 10 .* there are 9") as refused:
        find_trend(np.arange(9.0), [])
    assert refused.value.code == "too_few_points"
