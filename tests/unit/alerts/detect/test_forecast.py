"""Forecasts: when a limit will be reached."""

import math
import random
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest
from tests.unit.alerts.making import DAY, HOUR, MINUTE, NOW, group

from llm_analytics_hub.alerts.detect.course import course_of
from llm_analytics_hub.alerts.detect.forecast import ForecastDetector
from llm_analytics_hub.model.alerts.levels import Level, Side, Threshold
from llm_analytics_hub.model.alerts.rule import ForecastCondition, Watched

from .answering import judged


def detector(
    limit: float, horizon: timedelta = 3 * DAY, side: Side = Side.ABOVE
) -> ForecastDetector:
    watched = Watched("value_last", ("service",), "[]", 5 * MINUTE)
    thresholds = (Threshold(Level.WARNING, side, limit),)
    return ForecastDetector(ForecastCondition(watched, thresholds, 7 * DAY, horizon))


def line(slope: float, *, noise: float = 0.0, swing: float = 0.0) -> Callable[[datetime], float]:
    """100 now, so much more each hour."""

    def of(moment: datetime) -> float:
        hours = (moment - NOW) / HOUR
        wave = swing * math.sin(moment.hour * math.pi / 12)
        return 100 + slope * hours + wave + random.Random(moment.timestamp()).gauss(0, noise)

    return of


def test_a_limit_within_the_horizon_is_foretold_with_its_time() -> None:
    found = judged(detector(152.0), NOW, {group("a"): line(1.0)})
    assert dict(found.bad[group("a")].detail)["reached_in"].startswith("2 d 4 h")


@pytest.mark.parametrize(("limit", "is_bad"), [(160, True), (185, False)])
def test_noise_and_days_do_not_hide_where_it_goes(limit: float, is_bad: bool) -> None:
    found = judged(detector(limit), NOW, {group("a"): line(1.0, noise=3, swing=5)})
    assert bool(found.bad) is is_bad


@pytest.mark.parametrize("swing", [0, 20])
def test_what_goes_nowhere_reaches_nothing(swing: float) -> None:
    values = {group(str(n)): line(0.0, noise=4, swing=swing) for n in range(10)}
    found = judged(detector(100 + 1.5 * swing + 25), NOW, values)
    assert not found.bad
    assert len(found.known) == 10


def test_a_slope_that_chance_may_have_made_is_none() -> None:
    noise = np.random.default_rng(3).normal(100, 4, (20, 168))
    assert sum(course_of(one, ()).slope != 0 for one in noise) <= 2
    assert course_of(noise[0] + np.arange(168), ()).slope == pytest.approx(1, abs=0.1)


def test_what_falls_reaches_a_limit_below() -> None:
    assert judged(detector(60, side=Side.BELOW), NOW, {group("a"): line(-1.0)}).bad


def test_what_is_beyond_already_is_bad_now() -> None:
    found = judged(detector(90), NOW, {group("a"): line(0.0)})
    assert dict(found.bad[group("a")].detail)["reached_in"] == "0 s"


def test_growth_that_ended_goes_no_further() -> None:
    def ended(moment: datetime) -> float:
        return min(100.0, 100 + (moment - NOW + 4 * DAY) / HOUR)

    assert not judged(detector(130), NOW, {group("a"): ended}).bad


def test_few_points_or_old_ones_are_no_data() -> None:
    def few(moment: datetime) -> float | None:
        return 1.0 if moment >= NOW - 11 * HOUR else None

    def old(moment: datetime) -> float | None:
        return 1.0 if moment < NOW - 6 * HOUR else None

    assert not judged(detector(5), NOW, {group("a"): few, group("b"): old}).known
