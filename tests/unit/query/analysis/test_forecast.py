import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.query.analysis.forecast import Band, find_forecast, reached
from llm_analytics_hub.query.analysis.smoothing import fit

from .known_series import calendar, noise, wave


@pytest.mark.parametrize("period", [None, 7])
def test_forecast_and_variance_are_those_of_the_library(period: int | None) -> None:
    values = (10 + 0.05 * np.arange(84) + 3 * wave(84, 7) + noise(1, 84)) / 20
    found = fit(values, period)
    model = ETSModel(
        pd.Series(values), error="add", trend="add", damped_trend=True,
        seasonal="add" if period else None, seasonal_periods=period,
        initialization_method="heuristic", bounds={"damping_trend": (0.8, 0.98)},
    ).fit(disp=False)  # fmt: skip
    told = model.get_prediction(start=84, end=103)
    assert found.ahead(20) == pytest.approx(np.asarray(told.predicted_mean))
    relative = np.sqrt(told.forecast_variance / model.scale)
    assert found.deviations(20) / found.deviation == pytest.approx(relative, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("points", "level"), [(28, 0.9), (90, 0.9), (90, 0.5)])
def test_the_interval_holds_as_often_as_it_says(points: int, level: float) -> None:
    inside = []
    for seed in range(25):
        whole = 100 + 0.2 * np.arange(points + 7) + 20 * wave(points + 7, 7)
        whole += 5 * noise(seed, points + 7)
        band = find_forecast(whole[:points], calendar(points, "day"), level=level).values(7)
        inside.append((band.lower <= whole[points:]) & (whole[points:] <= band.upper))
    assert np.mean(inside) == pytest.approx(level, abs=0.08)


@pytest.mark.slow
def test_the_interval_of_a_sum_holds_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(40):
        whole = 100 + np.cumsum(noise(seed, 110))
        band = find_forecast(whole[:100], [], level=0.9).sums(10, so_far=50)
        inside += band.lower[-1] <= whole[100:].sum() + 50 <= band.upper[-1]
    assert 31 <= inside <= 40


def test_the_season_goes_on() -> None:
    values = 100 + 20 * wave(84, 7) + 0.1 * noise(1, 84)
    found = find_forecast(values, calendar(84, "day"))
    assert found.season is not None
    assert found.season.length == 7
    assert found.values(14).expected == pytest.approx(100 + 20 * wave(14, 7), abs=1)


def test_what_is_never_negative_is_not_forecast_to_be() -> None:
    falling = np.maximum(40.0 - np.arange(40), 0) + np.abs(noise(1, 40))
    band = find_forecast(falling, [], is_floored=True).values(30)
    assert min(band.expected.min(), band.lower.min()) >= 0
    assert find_forecast(falling, []).values(30).lower.min() < 0


def test_a_constant_goes_on_without_width() -> None:
    band = find_forecast(np.full(20, 7.0), []).values(5)
    assert band.expected == pytest.approx(np.full(5, 7.0))
    assert band.upper - band.lower == pytest.approx(np.zeros(5), abs=1e-6)


def test_gaps_are_bridged_and_counted_and_an_unknown_start_is_left_out() -> None:
    values = 2.0 * np.arange(40)
    values[[0, 1, 10, 11]] = np.nan
    found = find_forecast(values, [])
    assert found.bridged == 2
    assert len(found.fitted) == 38
    assert found.values(1).expected[0] == pytest.approx(80, abs=1)


def test_when_a_target_is_reached() -> None:
    up = Band(np.array([1.0, 2, 3]), np.array([0.0, 1, 2]), np.array([2.0, 3, 4]))
    told = reached(up, 2, from_below=True)
    assert (told.earliest, told.expected, told.latest) == (1, 2, 3)
    told = reached(up, 3.5, from_below=True)
    assert (told.earliest, told.expected, told.latest) == (3, None, None)
    told = reached(up, 0.5, from_below=False)
    assert (told.earliest, told.expected, told.latest) == (1, None, None)


def test_too_few_points_are_refused() -> None:
    with pytest.raises(InvalidQueryError, match=r"at least 12 .* there are 11") as refused:
        find_forecast(np.arange(11.0), [])
    assert refused.value.code == "too_few_points"
