"""Changes against an earlier period."""

from datetime import timedelta

import pytest
from tests.unit.alerts.making import DAY, HOUR, NOW, found, group

from llm_analytics_hub.alerts.detect.change import ChangeDetector
from llm_analytics_hub.model.alerts.levels import Level, Side, Threshold
from llm_analytics_hub.model.alerts.rule import Against, ChangeCondition, Watched

MORE = (Threshold(Level.WARNING, Side.ABOVE, 0.5),)
LESS = (Threshold(Level.WARNING, Side.BELOW, -0.5),)
A, B = [group("a")], [group("b")]


def detector(
    measure: str = "requests", thresholds: tuple[Threshold, ...] = MORE, *, minimum: float = 0,
    against: Against = Against.PREVIOUS_PERIOD, is_absolute: bool = False,
) -> ChangeDetector:  # fmt: skip
    watched = Watched(measure, ("service",), "[]", HOUR, minimum, "requests")
    return ChangeDetector(ChangeCondition(watched, against, thresholds, is_absolute))


@pytest.mark.parametrize(
    ("against", "back"),
    [
        (Against.PREVIOUS_PERIOD, HOUR),
        (Against.PREVIOUS_DAY, DAY),
        (Against.PREVIOUS_WEEK, 7 * DAY),
    ],
)
def test_it_asks_for_both_periods(against: Against, back: timedelta) -> None:
    now, then = (one.shape for one in detector(against=against).wants(NOW))
    assert (now.start, now.end) == (NOW - HOUR, NOW)
    assert (then.start, then.end) == (NOW - HOUR - back, NOW - back)


def test_a_change_is_a_share_of_what_was() -> None:
    of = detector()
    bad = of.judge(NOW, [found(groups=A, requests=[151.0]), found(groups=A, requests=[100.0])]).bad
    assert dict(bad[group("a")].detail)["change"] == "+51%"
    assert bad[group("a")].value == 151.0
    assert not of.judge(
        NOW, [found(groups=A, requests=[150.0]), found(groups=A, requests=[100.0])]
    ).bad


def test_or_it_is_in_the_unit_of_the_measure() -> None:
    of = detector(thresholds=(Threshold(Level.CRITICAL, Side.ABOVE, 40.0),), is_absolute=True)
    assert of.judge(NOW, [found(groups=A, requests=[141.0]), found(groups=A, requests=[100.0])]).bad
    assert not of.judge(
        NOW, [found(groups=A, requests=[140.0]), found(groups=A, requests=[100.0])]
    ).bad


def test_from_nothing_to_something_is_bad_only_with_the_minimum() -> None:
    others, nothing = found(groups=B, requests=[5.0]), found(groups=[], requests=[])
    of = detector(minimum=10)
    assert not of.judge(NOW, [found(groups=A, requests=[9.0]), others]).known
    bad = of.judge(NOW, [found(groups=A, requests=[10.0]), others]).bad
    assert dict(bad[group("a")].detail)["change"] == "from nothing"
    assert not detector().judge(NOW, [nothing, nothing]).bad


def test_before_there_was_anybody_nothing_is_known() -> None:
    judged = detector().judge(
        NOW, [found(groups=A, requests=[500.0]), found(groups=[], requests=[])]
    )
    assert not judged.bad
    assert not judged.known


def test_a_group_that_is_gone_fell_to_nothing() -> None:
    of = detector(thresholds=LESS, minimum=10)
    judged = of.judge(
        NOW, [found(groups=B, requests=[50.0]), found(groups=A + B, requests=[50.0, 60.0])]
    )
    assert list(judged.bad) == [group("a")]
    assert judged.bad[group("a")].value == 0.0
    assert judged.known == {group("a"), group("b")}


def test_of_a_mean_both_periods_need_enough() -> None:
    of = detector("error_rate", minimum=10)
    few, many = (found(groups=A, error_rate=[0.5], requests=[n]) for n in (9.0, 10.0))
    before = found(groups=A, error_rate=[0.1], requests=[50.0])
    assert not of.judge(NOW, [few, before]).known
    assert of.judge(NOW, [many, before]).bad
    assert not of.judge(NOW, [many, found(groups=[], error_rate=[], requests=[])]).known
