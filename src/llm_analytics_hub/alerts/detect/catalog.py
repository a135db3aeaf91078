"""The detector of each kind of rule that is judged by answers to questions."""

from llm_analytics_hub.alerts.detect.absence import AbsenceDetector
from llm_analytics_hub.alerts.detect.anomaly import AnomalyDetector
from llm_analytics_hub.alerts.detect.asking import Detector
from llm_analytics_hub.alerts.detect.budget import BudgetDetector
from llm_analytics_hub.alerts.detect.burn_rate import BurnRateDetector
from llm_analytics_hub.alerts.detect.change import ChangeDetector
from llm_analytics_hub.alerts.detect.forecast import ForecastDetector
from llm_analytics_hub.alerts.detect.threshold import ThresholdDetector
from llm_analytics_hub.errors import UnsupportedError
from llm_analytics_hub.model.alerts.rule import (
    AbsenceCondition,
    AnomalyCondition,
    BudgetCondition,
    BurnRateCondition,
    ChangeCondition,
    ForecastCondition,
    Rule,
    ThresholdCondition,
)


def detector_of(rule: Rule) -> Detector:
    """What judges a rule; it may be kept for as long as the rule is the same.

    Raises: UnsupportedError for match, health and compound rules, which no question answers;
    InvalidInputError for an anomaly whose window is no bucket.
    """
    match rule.condition:
        case ThresholdCondition() as condition:
            return ThresholdDetector(condition)
        case ChangeCondition() as condition:
            return ChangeDetector(condition)
        case AnomalyCondition() as condition:
            return AnomalyDetector(condition)
        case ForecastCondition() as condition:
            return ForecastDetector(condition)
        case BurnRateCondition() as condition:
            return BurnRateDetector(condition)
        case AbsenceCondition() as condition:
            return AbsenceDetector(condition)
        case BudgetCondition() as condition:
            return BudgetDetector(condition)
        case _:
            raise UnsupportedError(f"a {rule.kind} rule is not judged by answers to questions")
