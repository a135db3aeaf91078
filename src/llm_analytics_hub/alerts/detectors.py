"""What judges a rule, of every kind that has slots."""

from collections.abc import Callable, Sequence

from llm_analytics_hub.alerts.detect.asking import Detector
from llm_analytics_hub.alerts.detect.compound import CompoundDetector
from llm_analytics_hub.alerts.detect.health import HealthDetector, Measurements
from llm_analytics_hub.model.alerts.alert import Alert
from llm_analytics_hub.model.alerts.rule import CompoundCondition, HealthCondition, Rule

DetectorOf = Callable[[Rule], Detector]
"""Gives what judges a rule. Raises: HubError."""


def detectors(measured: Measurements, alerts: Callable[[str], Sequence[Alert]]) -> DetectorOf:
    """Gives what judges a rule on events, on the hub as `measured`, or on other rules' `alerts`."""

    def of(rule: Rule) -> Detector:
        match rule.condition:
            case HealthCondition():
                return HealthDetector(rule.condition, measured)
            case CompoundCondition():
                return CompoundDetector(rule, rule.condition, alerts)
            case _:
                # Heavy, with its numbers: a hub that judges no such rule starts without it.
                from llm_analytics_hub.alerts.detect.catalog import detector_of

                return detector_of(rule)

    return of
