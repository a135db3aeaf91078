"""Rules on what the hub measures of itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from llm_analytics_hub.alerts.detect.health import HealthDetector
from llm_analytics_hub.alerts.health import Health, HealthSources
from llm_analytics_hub.model.alerts.levels import Level, Side, Threshold
from llm_analytics_hub.model.alerts.rule import HealthCondition
from llm_analytics_hub.telemetry.metrics import Metrics

from .evaluating import MINUTE, NOW
from .measuring import Load, measure


@pytest.fixture
def load() -> Load:
    return Load()


@pytest.fixture
def health(load: Load, tmp_path: Path) -> Health:
    return Health(Metrics(), HealthSources(tmp_path, load))


def judged(health: Health, window: timedelta, *thresholds: Threshold) -> str | None:
    """The level at the last of five samples; 'unknown' where nothing is known."""
    condition = HealthCondition("cpu_percent", thresholds, window)
    judgement = HealthDetector(condition, health).judge(NOW + MINUTE, ())
    if not judgement.known:
        return "unknown"
    return next((one.level and one.level.value for one in judgement.bad.values()), None)


CRITICAL = Threshold(Level.CRITICAL, Side.ABOVE, 90)
WARNING = Threshold(Level.WARNING, Side.AT_LEAST, 80)
LOW = Threshold(Level.INFO, Side.BELOW, 5)


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ((95, 95, 95, 95, 95), "critical"),
        ((95, 95, 85, 95, 95), "warning"),
        ((95, 95, 95, 79, 95), None),
        ((1, 1, 1, 1, 1), "info"),
        ((1, 1, 6, 1, 1), None),
        ((95, None, 95, 95, 95), "unknown"),
    ],
)
def test_a_rule_holds_where_all_of_its_window_is_beyond_the_limit(
    health: Health, load: Load, values: tuple[float, ...], level: str | None
) -> None:
    measure(health, load, *values)
    assert judged(health, MINUTE, CRITICAL, WARNING, LOW) == level


def test_without_a_window_the_newest_value_decides(health: Health, load: Load) -> None:
    measure(health, load, 1, 1, 1, 1, 95)
    assert judged(health, timedelta(0), CRITICAL) == "critical"
    assert judged(health, 2 * MINUTE, CRITICAL) == "unknown"


def test_a_finding_says_what_was_measured(health: Health, load: Load) -> None:
    measure(health, load, 99, 95, 97, 98, 99)
    detector = HealthDetector(HealthCondition("cpu_percent", (CRITICAL,), MINUTE), health)
    (finding,) = detector.judge(NOW + MINUTE, ()).bad.values()
    assert finding.value == 95
    assert dict(finding.detail) == {"limit": "90", "measure": "cpu_percent", "unit": "percent"}
