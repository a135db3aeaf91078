"""Anomalies: the last whole bucket beside those before it."""

import math
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from tests.unit.alerts.making import DAY, HOUR, MINUTE, NOW, group

from llm_analytics_hub.alerts.detect.anomaly import AnomalyDetector
from llm_analytics_hub.alerts.detect.usual import usual_last
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.levels import Level, Side, Threshold
from llm_analytics_hub.model.alerts.rule import AnomalyCondition, Direction, Watched
from llm_analytics_hub.query.analysis.series import Buckets

from .answering import answered, judged

AT = NOW.replace(minute=7)
LAST = AT.replace(minute=0) - HOUR
SCORES = (Threshold(Level.CRITICAL, Side.ABOVE, 8.0), Threshold(Level.WARNING, Side.ABOVE, 5.0))
NEAR = Threshold(Level.WARNING, Side.ABOVE, 4.0)
CONDITION = AnomalyCondition(
    Watched("requests", ("service",), "[]", HOUR), SCORES, Direction.BOTH, 7 * DAY, 3.0
)


def daily(last: float | None = None) -> Callable[[datetime], float | None]:
    """Some 100 an hour, more at noon, with noise; another value in the last hour, if given."""

    def of(moment: datetime) -> float | None:
        if moment == LAST and last is not None:
            return last
        noise = random.Random(moment.timestamp()).gauss(0, 3)
        return round(
            100 + 40 * math.sin((moment.hour + moment.minute / 60 - 6) * math.pi / 12) + noise
        )

    return of


def test_what_is_usual_is_well() -> None:
    found = judged(AnomalyDetector(CONDITION), AT, {group("a"): daily()})
    assert (found.bad, found.held, found.known) == ({}, {}, {group("a")})


def test_no_hour_of_a_smooth_day_is_far_from_what_is_usual() -> None:
    finer = replace(CONDITION.watched, window=15 * MINUTE)
    detector = AnomalyDetector(replace(CONDITION, watched=finer, thresholds=(NEAR,)))
    for hour in range(0, 24, 3):
        assert not judged(detector, AT + hour * HOUR, {group("a"): daily()}).bad


def test_a_smooth_day_does_not_pass_for_noise() -> None:
    starts = tuple(LAST + (number - 671) * 15 * MINUTE for number in range(672))
    seasons = Buckets(starts, "15m", "UTC", 0).seasons
    values = np.asarray([daily()(start) for start in starts], dtype=float)
    found = usual_last(values, seasons, is_count=False)
    assert 2 < found.deviation < 5  # the noise is 3
    assert abs(found.expected - values[-1]) < 12


@pytest.mark.parametrize(("value", "level"), [(400, Level.CRITICAL), (0, Level.CRITICAL)])
def test_what_is_far_is_bad_in_both_directions(value: float, level: Level) -> None:
    found = judged(AnomalyDetector(CONDITION), AT, {group("a"): daily(value)})
    assert found.bad[group("a")].level is level
    about = dict(found.bad[group("a")].detail)
    assert 110 < float(about["usual"]) < 150
    assert found.bad[group("a")].value == value


def test_only_the_direction_that_counts_is_bad() -> None:
    up = AnomalyDetector(replace(CONDITION, direction=Direction.UP))
    down = AnomalyDetector(replace(CONDITION, direction=Direction.DOWN))
    assert not judged(up, AT, {group("a"): daily(0)}).bad
    assert judged(down, AT, {group("a"): daily(0)}).bad
    assert not judged(down, AT, {group("a"): daily(400)}).bad


def test_a_bucket_without_a_row_is_a_fall_to_nothing_of_what_adds_up() -> None:
    silent = daily()
    gone = {group("a"): lambda moment: None if moment == LAST else silent(moment)}
    assert judged(AnomalyDetector(CONDITION), AT, gone).bad[group("a")].value == 0.0
    mean = replace(CONDITION, watched=replace(CONDITION.watched, measure="latency_ms_avg"))
    assert not judged(AnomalyDetector(mean), AT, gone).known


def test_the_value_does_not_teach_what_it_is_measured_by() -> None:
    scores = []
    for value in (400, 4000):
        found = judged(AnomalyDetector(CONDITION), AT, {group("a"): daily(value)})
        scores.append(dict(found.bad[group("a")].detail))
    assert scores[0]["usual"] == scores[1]["usual"]
    ratio = (4000 - float(scores[0]["usual"])) / (400 - float(scores[0]["usual"]))
    assert float(scores[1]["score"]) / float(scores[0]["score"]) == pytest.approx(ratio, rel=1e-3)


def test_at_the_edge_it_is_held_not_bad() -> None:
    levels = []
    for value in range(120, 260, 2):
        found = judged(AnomalyDetector(CONDITION), AT, {group("a"): daily(value)})
        levels.append("bad" if found.bad else "held" if found.held else "well")
    assert list(dict.fromkeys(levels)) == ["well", "held", "bad"]


def test_small_deviations_are_none_however_rare() -> None:
    rigid = {group("a"): lambda moment: 1080.0 if moment == LAST else 1000.0 + moment.hour % 2}
    mean = replace(CONDITION, watched=replace(CONDITION.watched, measure="latency_ms_avg"))
    assert not judged(AnomalyDetector(mean), AT, rigid).bad
    assert judged(AnomalyDetector(replace(mean, least_change=0.01)), AT, rigid).bad


def test_a_group_that_is_new_has_no_data_yet() -> None:
    new = {group("a"): lambda moment: 5.0 if moment >= LAST - 11 * HOUR else None}
    assert not judged(AnomalyDetector(CONDITION), AT, new).known
    older = {group("a"): lambda moment: 5.0 if moment >= LAST - 12 * HOUR else None}
    assert judged(AnomalyDetector(CONDITION), AT, older).known


def test_fewer_than_the_minimum_say_nothing_unless_there_usually_are_more() -> None:
    watched = replace(CONDITION.watched, minimum=50, minimum_of="requests")
    detector = AnomalyDetector(replace(CONDITION, watched=watched))
    assert judged(detector, AT, {group("a"): daily(0)}).bad
    few = {group("a"): lambda moment: 40.0 if moment == LAST else 1.0}
    assert not judged(detector, AT, few).known


def test_a_window_that_is_no_bucket_is_refused() -> None:
    watched = replace(CONDITION.watched, window=7 * MINUTE)
    with pytest.raises(InvalidInputError, match="5m"):
        AnomalyDetector(replace(CONDITION, watched=watched))


def weekly(moment: datetime) -> float:
    """A third on Saturdays and Sundays."""
    noise = random.Random(moment.timestamp()).gauss(0, 3)
    return round((300 if moment.weekday() < 5 else 100) + noise)


@pytest.mark.parametrize("days", [4, 5, 8, 14])
def test_a_monday_is_no_jump_after_a_sunday(days: int) -> None:
    monday = AT - 2 * DAY
    assert monday.weekday() == 0
    detector = AnomalyDetector(replace(CONDITION, history=days * DAY))
    assert not judged(detector, monday, {group("a"): weekly}).bad
    doubled = {group("a"): lambda at: weekly(at) * (2 if at == LAST - 2 * DAY else 1)}
    assert judged(detector, monday, doubled).bad


def test_the_second_morning_is_no_jump_though_no_season_is_known_yet() -> None:
    detector = AnomalyDetector(replace(CONDITION, history=2 * DAY))
    steps = {group("a"): lambda at: (500.0 if 8 <= at.hour < 12 else 10.0) + at.hour}
    for hour in range(-4, 2):
        assert not judged(detector, AT + hour * HOUR, steps).bad
    more = {group("a"): lambda at: 900.0 if at == LAST else 10.0 + at.hour % 3}
    assert judged(detector, AT, more).bad


@pytest.mark.parametrize("count", [50.0, 5.0])
def test_a_percentile_of_a_few_events_says_nothing(count: float) -> None:
    watched = replace(
        CONDITION.watched, measure="latency_ms_p95", minimum=30, minimum_of="requests"
    )
    detector = AnomalyDetector(replace(CONDITION, watched=watched))
    (wanted,) = detector.wants(AT)
    found = answered(wanted, {group("a"): lambda at: 400.0 if at == LAST else 100.0 + at.hour % 2})
    counts = [count if time == LAST else 50.0 for time in found.times or ()]
    said = detector.judge(AT, [replace(found, values={**found.values, "requests": counts})])
    assert bool(said.bad) == bool(said.known) == (count >= 30)


def test_of_a_first_saturday_nothing_is_known() -> None:
    saturday = AT + 3 * DAY
    assert saturday.weekday() == 5
    many = {group("a"): lambda at: weekly(at) * (9 if at == LAST + 3 * DAY else 1)}
    detector = AnomalyDetector(replace(CONDITION, history=5 * DAY))
    assert not judged(detector, saturday, many).known
