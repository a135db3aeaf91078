"""What the value of an alert is measured in, and the limit that it is beyond."""

from llm_analytics_hub.alerts.channels.numbers import humanised
from llm_analytics_hub.model.alerts.alert import Alert
from llm_analytics_hub.model.alerts.levels import Thresholds
from llm_analytics_hub.model.alerts.rule import (
    AnomalyCondition,
    BurnRateCondition,
    ChangeCondition,
    ForecastCondition,
    Rule,
    ThresholdCondition,
)
from llm_analytics_hub.model.catalogue import MEASURES


def unit_of(rule: Rule, alert: Alert) -> str | None:
    """The unit of the alert's value: what its detail says, else that of the rule's measure."""
    said = dict(alert.detail).get("unit")
    if said is not None:
        return said or None
    match rule.condition:
        case (
            ThresholdCondition(watched=watched)
            | ChangeCondition(watched=watched)
            | AnomalyCondition(watched=watched)
            | ForecastCondition(watched=watched)
            | BurnRateCondition(watched=watched)
        ):
            measure = MEASURES.get(watched.measure)
            return measure.unit if measure else None
        case _:
            return None


def limit_of(rule: Rule, alert: Alert, unit: str | None) -> str:
    """The limit, with its unit; empty where there is none.

    That of a change is a ratio of what was before, that of an anomaly a score without a unit.
    """
    limit = _number(dict(alert.detail).get("limit"))
    match rule.condition:
        case ThresholdCondition(thresholds=thresholds) | ForecastCondition(thresholds=thresholds):
            limit = _threshold(thresholds, alert) if limit is None else limit
        case ChangeCondition(thresholds=thresholds, is_absolute=is_absolute):
            limit = _threshold(thresholds, alert) if limit is None else limit
            change_unit = unit if is_absolute else "ratio"
            return "" if limit is None else f"a change of {humanised(limit, change_unit)}"
        case AnomalyCondition(thresholds=thresholds):
            limit = _threshold(thresholds, alert) if limit is None else limit
            return "" if limit is None else f"a score of {humanised(limit)}"
        case _:
            pass
    return "" if limit is None else humanised(limit, unit)


def _threshold(thresholds: Thresholds, alert: Alert) -> float | None:
    return next((one.limit for one in thresholds if one.level is alert.level), None)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
