"""Values beyond a limit."""

from dataclasses import replace

from tests.unit.alerts.making import CRITICAL, MINUTE, NOW, WARNING, found, group

from llm_analytics_hub.alerts.detect.asking import Shape, Wanted
from llm_analytics_hub.alerts.detect.threshold import ThresholdDetector
from llm_analytics_hub.model.alerts.levels import Level, Side, Threshold
from llm_analytics_hub.model.alerts.rule import ThresholdCondition, Watched

WATCHED = Watched("latency_ms_p95", ("service",), "[]", 5 * MINUTE)
BOTH = ThresholdDetector(ThresholdCondition(WATCHED, (CRITICAL, WARNING)))
THREE = [group("a"), group("b"), group("c")]


def test_it_asks_for_the_window_that_ends_now() -> None:
    shape = Shape(("service",), "[]", NOW - 5 * MINUTE, NOW)
    assert BOTH.wants(NOW) == (Wanted(shape, ("latency_ms_p95",)),)


def test_each_group_has_the_level_of_the_gravest_limit_it_is_beyond() -> None:
    judged = BOTH.judge(NOW, [found(groups=THREE, latency_ms_p95=[10.0, 11.0, 21.0])])
    levels = {labels: one.level for labels, one in judged.bad.items()}
    assert levels == {group("b"): Level.WARNING, group("c"): Level.CRITICAL}
    assert judged.known == frozenset(THREE)
    assert dict(judged.bad[group("c")].detail) == {
        "limit": "20", "measure": "latency_ms_p95", "unit": "ms",
    }  # fmt: skip


def test_what_is_unknown_is_neither_bad_nor_well() -> None:
    judged = BOTH.judge(NOW, [found(groups=THREE, latency_ms_p95=[None, 11.0, None])])
    assert judged.known == {group("b")}


def test_fewer_events_than_the_minimum_say_nothing() -> None:
    watched = replace(WATCHED, minimum=20, minimum_of="requests")
    detector = ThresholdDetector(ThresholdCondition(watched, (WARNING,)))
    assert detector.wants(NOW)[0].measures == ("latency_ms_p95", "requests")
    answer = found(groups=THREE, latency_ms_p95=[99.0, 99.0, 1.0], requests=[19.0, 20.0, None])
    judged = detector.judge(NOW, [answer])
    assert list(judged.bad) == [group("b")]
    assert judged.known == {group("b")}


def test_without_groups_no_events_are_a_count_of_nothing_and_no_mean() -> None:
    low = (Threshold(Level.WARNING, Side.BELOW, 1.0),)
    count = ThresholdDetector(ThresholdCondition(Watched("events"), low))
    assert list(count.judge(NOW, [found(events=[])]).bad) == [()]
    assert count.judge(NOW, [found(events=[0.0])]).bad[()].value == 0.0
    mean = ThresholdDetector(ThresholdCondition(Watched("latency_ms_avg"), low))
    assert mean.judge(NOW, [found(latency_ms_avg=[None])]).known == frozenset()


def test_both_sides_may_be_bad() -> None:
    sides = (WARNING, Threshold(Level.CRITICAL, Side.AT_MOST, 1.0))
    detector = ThresholdDetector(ThresholdCondition(WATCHED, sides))
    judged = detector.judge(NOW, [found(groups=THREE, latency_ms_p95=[1.0, 5.0, 11.0])])
    assert {one.labels: one.level for one in judged.bad.values()} == {
        group("a"): Level.CRITICAL, group("c"): Level.WARNING,
    }  # fmt: skip
