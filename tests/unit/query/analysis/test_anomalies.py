import numpy as np
import pytest

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.query.analysis.anomalies import Direction, find_anomalies

from .known_series import calendar, noise, wave

HOURS = 28 * 24


def with_spikes(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Four weeks of hours with a day's rhythm, and where ten spikes of 6 deviations are."""
    where = np.random.default_rng(seed).choice(HOURS, 10, replace=False)
    values = 100 + 30 * wave(HOURS, 24) + 5 * noise(seed, HOURS)
    values[where] += 30
    return values, where


def test_spikes_in_a_season_are_found_and_little_else() -> None:
    found, false = [], []
    for seed in range(10):
        values, where = with_spikes(seed)
        told = find_anomalies(values, calendar(HOURS, "hour"))
        flags = np.asarray(told.is_anomaly, dtype=bool)
        assert told.season is not None
        assert told.season.name == "time of day"
        found.append(flags[where].mean())
        false.append(np.delete(flags, where).mean())
    assert np.mean(found) > 0.95
    assert np.mean(false) < 0.005


def test_without_the_season_the_spikes_drown() -> None:
    values, where = with_spikes(1)
    flags = np.asarray(find_anomalies(values, []).is_anomaly, dtype=bool)
    assert flags[where].mean() < 0.5


def test_a_week_that_differs_from_a_day_is_found() -> None:
    hours = np.arange(HOURS)
    weekend = (hours // 24) % 7 >= 5
    values = 100 + 30 * wave(HOURS, 24) * ~weekend + 3 * noise(1, HOURS)
    told = find_anomalies(values, calendar(HOURS, "hour"))
    assert told.season is not None
    assert told.season.name == "time of week"


def test_a_quiet_sunday_is_usual_and_a_quiet_monday_is_not() -> None:
    days = 10 * 7
    values = np.where(np.arange(days) % 7 == 6, 10.0, 100.0) + noise(2, days)
    values[35] = 10.0
    told = find_anomalies(values, calendar(days, "day"))
    assert told.is_anomaly[35] is True
    assert not any(told.is_anomaly[6::7])
    assert told.lower[35] <= told.expected[35] <= told.upper[35]


@pytest.mark.parametrize(
    ("direction", "expected"), [("up", [30]), ("down", [10]), ("both", [10, 30])]
)
def test_only_the_side_asked_for_is_an_anomaly(direction: Direction, expected: list[int]) -> None:
    values = 100 + noise(3, 50)
    values[10], values[30] = 80, 120
    told = find_anomalies(values, [], direction=direction)
    assert [place for place, flag in enumerate(told.is_anomaly) if flag] == expected


def test_unknown_points_are_no_anomalies_and_no_zeros() -> None:
    values = 100 + noise(4, 60)
    values[[5, 6, 40]] = np.nan
    told = find_anomalies(values, [])
    assert told.is_anomaly[5] is None
    assert np.isnan(told.score[5])
    assert not any(told.is_anomaly)
    assert told.expected[5] > 95


def test_a_constant_has_none_and_one_step_up_is_none_yet() -> None:
    flat = np.full(40, 100.0)
    assert not any(find_anomalies(flat, []).is_anomaly)
    flat[20] = 101
    assert not any(find_anomalies(flat, []).is_anomaly)
    flat[20] = 200
    assert find_anomalies(flat, []).is_anomaly[20] is True


def test_an_unknown_point_among_zeros_stays_unknown() -> None:
    values = np.zeros(20)
    values[3] = np.nan
    told = find_anomalies(values, [])
    assert told.is_anomaly[3] is None
    assert set(told.is_anomaly) == {None, False}


def test_among_zeros_one_event_is_usual_and_many_are_not() -> None:
    quiet = np.zeros(48)
    quiet[10] = 1
    assert not any(find_anomalies(quiet, [], is_count=True).is_anomaly)
    quiet[10] = 9
    assert find_anomalies(quiet, [], is_count=True).is_anomaly[10] is True


def test_too_few_points_are_refused_with_how_many_there_must_be() -> None:
    values = np.append(np.ones(11), np.nan)
    with pytest.raises(InvalidQueryError, match=r"at least 12 .* there are 11") as refused:
        find_anomalies(values, [])
    assert refused.value.code == "too_few_points"
