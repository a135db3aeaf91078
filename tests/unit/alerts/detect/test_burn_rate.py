"""Burn rates: both windows must burn."""

from tests.unit.alerts.making import HOUR, MINUTE, NOW, found, group

from llm_analytics_hub.alerts.detect.burn_rate import BurnRateDetector
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import BurnRateCondition, BurnWindow, Watched

FAST = BurnWindow(Level.CRITICAL, HOUR, 5 * MINUTE, 14.4)
SLOW = BurnWindow(Level.WARNING, 6 * HOUR, 30 * MINUTE, 6)
WATCHED = Watched("error_rate", ("service",), "[]", minimum=10, minimum_of="requests")
DETECTOR = BurnRateDetector(BurnRateCondition(WATCHED, 0.99, (SLOW, FAST)))


def judged(m5: float | None, m30: float, h1: float, h6: float, calls: float = 50.0) -> str | None:
    """The level of service a by its bad shares in 5 and 30 minutes, 1 and 6 hours."""
    shares = (m5, m30, h1, h6)
    answers = [found(groups=[group("a")], error_rate=[s], requests=[calls]) for s in shares]
    bad = DETECTOR.judge(NOW, answers).bad
    return str(bad[group("a")].level) if bad else None


def test_it_asks_for_each_window_once() -> None:
    spans = [one.shape.end - one.shape.start for one in DETECTOR.wants(NOW)]
    assert spans == [5 * MINUTE, 30 * MINUTE, HOUR, 6 * HOUR]


def test_both_windows_must_burn() -> None:
    assert judged(0.2, 0.2, 0.2, 0.01) == "critical"
    assert judged(0.0, 0.0, 0.2, 0.05) is None
    assert judged(None, 0.0, 0.2, 0.05) is None
    assert judged(0.2, 0.02, 0.1, 0.05) is None


def test_the_gravest_has_the_last_word() -> None:
    assert judged(0.2, 0.2, 0.2, 0.2) == "critical"
    assert judged(0.0, 0.07, 0.07, 0.07) == "warning"
    assert judged(0.143, 0.05, 0.143, 0.05) is None


def test_few_calls_burn_nothing() -> None:
    assert judged(1.0, 1.0, 1.0, 1.0, calls=9) is None


def test_nothing_may_be_bad_of_what_must_be_whole() -> None:
    whole = BurnRateDetector(BurnRateCondition(WATCHED, 1.0, (FAST,)))
    answer = found(groups=[group("a")], error_rate=[0.01], requests=[50.0])
    assert whole.judge(NOW, [answer, answer]).bad
