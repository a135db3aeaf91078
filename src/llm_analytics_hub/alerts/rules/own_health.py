"""Rules on the hub itself."""

from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, field_validator

from llm_analytics_hub.alerts.health import HEALTH_METRICS, KEPT
from llm_analytics_hub.alerts.rules.amounts import UNITS, Unit
from llm_analytics_hub.alerts.rules.faults import fault
from llm_analytics_hub.alerts.rules.form import ReportedForm
from llm_analytics_hub.alerts.rules.limited import LimitedForm
from llm_analytics_hub.alerts.rules.limits import Limit, to_thresholds
from llm_analytics_hub.alerts.rules.spans import ZERO, Duration
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.rule import HealthCondition

_NAMES = {"percent": "%", "seconds": "s", "": None}
LONGEST = KEPT - timedelta(minutes=5)
"""Of a window: measurements from just before it are needed, too."""


def health_unit(metric: str) -> Unit:
    """The unit of a measurement of the hub."""
    name = HEALTH_METRICS[metric][0]
    return UNITS[_NAMES.get(name, name)]


class MetricForm(ReportedForm):
    """A measurement of the hub."""

    metric: str

    @classmethod
    def unit(cls, data: dict[str, Any]) -> Unit | None:
        """The unit of the measurement."""
        return health_unit(data["metric"]) if "metric" in data else None

    @field_validator("metric")
    @classmethod
    def _is_known(cls, metric: str) -> str:
        if metric not in HEALTH_METRICS:
            raise fault(f"no metric {metric!r:.80}; there are {', '.join(HEALTH_METRICS)}")
        return metric


class HealthForm(LimitedForm, MetricForm):
    """A measurement of the hub that is beyond a limit all of the time that `for` says."""

    kind: Literal["health"]
    lasting: Duration = Field(ZERO, alias="for")

    @field_validator("lasting")
    @classmethod
    def _is_kept(cls, lasting: timedelta) -> timedelta:
        if lasting > LONGEST:
            raise fault(f"is {LONGEST // timedelta(minutes=1)}m at most")
        return lasting

    @classmethod
    def limit(cls, given: object, data: dict[str, Any]) -> Limit:
        """A limit that the measurement can come to. Raises: InvalidInputError."""
        found = super().limit(given, data)
        unit = cls.unit(data)
        most = {"%": 100.0}.get(unit.written) if unit else None
        if most and "ratio" in str(data["metric"]):
            most = 1.0
        if most is not None and not 0 <= found.value <= most:
            raise InvalidInputError("is from 0% to 100%")
        return found

    def timing(self) -> dict[str, Any]:
        """When it is judged: it looks back over `for` itself, and so waits for nothing more."""
        return {**super().timing(), "lasting": ZERO}

    def condition(self) -> HealthCondition:
        """What the rule watches."""
        return HealthCondition(self.metric, to_thresholds(self.limits), self.lasting)
