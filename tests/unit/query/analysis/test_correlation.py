import numpy as np
import pytest

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.query.analysis.correlation import Correlation, find_correlation
from llm_analytics_hub.query.analysis.numbers import Floats

from .known_series import calendar, noise, wave


def is_significant(found: Correlation) -> bool:
    return min(found.best.pearson_p, found.best.spearman_p) < 0.05


@pytest.mark.parametrize("lag", [-5, 0, 3])
def test_the_lag_is_recovered(lag: int) -> None:
    for seed in range(10):
        cause = noise(seed, 170)
        effect = 0.7 * cause + 0.7 * noise(seed + 1000, 170)
        found = find_correlation(cause[10:160], effect[10 - lag : 160 - lag], [], most_lag=12)
        assert found.best.lag == lag
        assert found.best.pearson_r == pytest.approx(0.7, abs=0.2)
        assert is_significant(found)


@pytest.mark.parametrize("alike", [0.0, 0.8])
def test_noise_is_seldom_called_related_even_if_neighbours_are_alike(alike: float) -> None:
    told = [
        find_correlation(
            noise(seed, 150, alike=alike), noise(seed + 1000, 150, alike=alike), [], most_lag=12
        )
        for seed in range(40)
    ]
    assert sum(is_significant(one) for one in told) <= 5


def growing(seed: int) -> Floats:
    return np.arange(140.0) + 40 * wave(140, 7) + 3 * noise(seed, 140)


def test_a_common_trend_and_season_relate_nothing() -> None:
    days = calendar(140, "day")
    found = find_correlation(growing(1), growing(2), days, most_lag=7)
    assert not is_significant(found)
    assert [season and season.name for season in found.seasons] == ["weekday", "weekday"]
    assert (
        find_correlation(growing(1), growing(2), days, most_lag=7, is_raw=True).best.pearson_r > 0.9
    )


def test_ranks_see_what_a_line_does_not() -> None:
    cause = noise(1, 100)
    found = find_correlation(cause, np.exp(4 * cause), [], most_lag=0, is_raw=True)
    assert found.best.spearman_r == pytest.approx(1)
    assert found.best.pearson_r < 0.7


def test_only_pairs_known_on_both_sides_count() -> None:
    one, other = noise(1, 60), noise(2, 60)
    one[:10], other[-10:] = np.nan, np.nan
    assert find_correlation(one, other, [], most_lag=0).best.points == 40


def test_a_constant_is_related_to_nothing() -> None:
    found = find_correlation(np.full(50, 3.0), noise(1, 50), [], most_lag=3)
    assert (found.best.pearson_r, found.best.pearson_p, found.best.lag) == (0, 1, 0)


def test_too_few_points_are_refused() -> None:
    with pytest.raises(InvalidQueryError, match=r"at least 20 .* there are 19") as refused:
        find_correlation(noise(1, 19), noise(2, 19), [], most_lag=3)
    assert refused.value.code == "too_few_points"
