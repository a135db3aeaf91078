"""Rules on a measure: threshold, change, anomaly, forecast, burn rate."""

from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from llm_analytics_hub.alerts.rules.amounts import RATIO, Unit, unit_of
from llm_analytics_hub.alerts.rules.faults import fault
from llm_analytics_hub.alerts.rules.fields import AtLeast, Dimensions, Flag, MeasureName, Where
from llm_analytics_hub.alerts.rules.form import ReportedForm
from llm_analytics_hub.alerts.rules.limited import LimitedForm
from llm_analytics_hub.alerts.rules.limits import Limit, to_limit, to_thresholds
from llm_analytics_hub.alerts.rules.spans import Minutes
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.aggregate import Ratio
from llm_analytics_hub.model.alerts.levels import Side
from llm_analytics_hub.model.alerts.rule import (
    Against,
    ChangeCondition,
    ThresholdCondition,
    Watched,
)
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.measures import Measure

FIVE_MINUTES = timedelta(minutes=5)
FEWEST_BUCKETS = 12
MOST_BUCKETS = 5_000
MOST_BUCKETS_AHEAD = 1_000
LARGEST_PLAIN_RATIO = 10


class MeasuredForm(ReportedForm):
    """A rule on a measure of some events, for each group of them."""

    measure: MeasureName
    where: Where = "[]"
    by: Dimensions = Field((), validate_default=True)
    at_least: AtLeast | None = None

    @classmethod
    def unit(cls, data: dict[str, Any]) -> Unit | None:
        """The unit of the measure."""
        return unit_of(MEASURES[data["measure"]]) if "measure" in data else None

    @field_validator("by")
    @classmethod
    def _has_currency(cls, by: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.data.get("measure") == "cost_amount" and "cost_currency" not in by:
            raise fault("cost_amount is in the currency it was sent in: add cost_currency")
        return by

    @property
    def watched(self) -> Watched:
        """What is watched."""
        name, least = self.at_least or ("events", 0.0)
        return Watched(self.measure, self.by, self.where, self.window_of(), least, name)


class WatchingForm(MeasuredForm):
    """A measure over a window."""

    window: Minutes = FIVE_MINUTES

    def window_of(self) -> timedelta:
        """How much time one judgement looks at."""
        return self.window


class ThresholdForm(LimitedForm, WatchingForm):
    """A value beyond a limit."""

    kind: Literal["threshold"]

    @classmethod
    def limit(cls, given: object, data: dict[str, Any]) -> Limit:
        """A limit that the measure can come to. Raises: InvalidInputError."""
        found = super().limit(given, data)
        if "measure" in data:
            check_reachable(MEASURES[data["measure"]], found)
        return found

    def condition(self) -> ThresholdCondition:
        """What the rule watches."""
        return ThresholdCondition(self.watched, to_thresholds(self.limits))


class ComparedForm(WatchingForm):
    """A measure beside what it was."""

    against: Against = Against.PREVIOUS_PERIOD
    absolute: Flag = False


class ChangeForm(LimitedForm, ComparedForm):
    """How much a value changed, as a share of what it was or, `absolute`, in its unit."""

    kind: Literal["change"]

    @classmethod
    def limit(cls, given: object, data: dict[str, Any]) -> Limit:
        """A change. Raises: InvalidInputError."""
        if data.get("absolute"):
            return super().limit(given, data)
        found = to_limit(given, RATIO)
        if abs(found.value) >= LARGEST_PLAIN_RATIO and "%" not in str(given):
            raise InvalidInputError(
                f"is {found.value:.0%}: write it with its %, or `absolute: true` for a change in "
                "the measure's unit"
            )
        if found.value < -1 or (found.value == -1 and found.side is Side.BELOW):
            raise InvalidInputError("nothing falls by more than 100%")
        return found

    def condition(self) -> ChangeCondition:
        """What the rule watches."""
        thresholds = to_thresholds(self.limits)
        return ChangeCondition(self.watched, self.against, thresholds, self.absolute)


def is_share(measure: Measure) -> bool:
    """Whether it is a part of a whole: from 0 to 1."""
    return isinstance(measure.aggregate, Ratio) and measure.unit == "ratio"


def check_reachable(measure: Measure, limit: Limit) -> None:
    """A share is from 0 to 1. Raises: InvalidInputError."""
    if is_share(measure) and not 0 <= limit.value <= 1:
        raise InvalidInputError(f"{measure.name} is from 0% to 100%: write 5% or 0.05")
