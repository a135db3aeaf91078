"""Rules on a series: anomaly and forecast."""

from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from llm_analytics_hub.alerts.rules.amounts import RATIO, to_amount
from llm_analytics_hub.alerts.rules.faults import fault, told
from llm_analytics_hub.alerts.rules.form import pace
from llm_analytics_hub.alerts.rules.limited import LimitedForm
from llm_analytics_hub.alerts.rules.limits import Limit, to_score, to_thresholds
from llm_analytics_hub.alerts.rules.spans import Bucket, Minutes, span_text
from llm_analytics_hub.alerts.rules.watching import (
    LARGEST_PLAIN_RATIO,
    WatchingForm,
    check_reachable,
)
from llm_analytics_hub.model.alerts.rule import AnomalyCondition, Direction, ForecastCondition
from llm_analytics_hub.model.catalogue import MEASURES

FEWEST_BUCKETS = 12
MOST_BUCKETS = 5_000
MOST_BUCKETS_AHEAD = 1_000
CALM = 0.75
"""Of the least score that is bad: below, an anomaly is over."""


class SeriesForm(WatchingForm):
    """A rule on a series: `window` is one of its buckets, `history` how far it goes back."""

    window: Bucket
    history: Minutes

    def pace(self) -> timedelta:
        """How often it is judged where it does not say."""
        return pace(self.window, is_series=True)

    @field_validator("history", check_fields=False)
    @classmethod
    def _is_enough(cls, history: timedelta, info: ValidationInfo) -> timedelta:
        window = info.data.get("window")
        if window and not FEWEST_BUCKETS <= history / window <= MOST_BUCKETS:
            least, most = span_text(window * FEWEST_BUCKETS), MOST_BUCKETS
            raise fault(f"is at least {least} and at most {most:,} windows of {span_text(window)}")
        return history


class AnomalyForm(LimitedForm, SeriesForm):
    """A value that is far from what is usual at this time of day and week."""

    kind: Literal["anomaly"]
    window: Bucket = timedelta(minutes=15)
    history: Minutes = Field(timedelta(days=14), validate_default=True)
    direction: Direction = Direction.BOTH
    calm_score: float | None = Field(None, gt=0, le=1000, strict=True)
    least_change: float = 0.1

    @classmethod
    def limit(cls, given: object, data: dict[str, Any]) -> Limit:
        """A score. Raises: InvalidInputError."""
        return to_score(given)

    @field_validator("calm_score")
    @classmethod
    def _is_calmer(cls, calm: float | None, info: ValidationInfo) -> float | None:
        least = least_score(info.data)
        if calm is not None and least is not None and calm > least:
            raise fault(f"is at most {least:g}, the least score that is bad")
        return calm

    @field_validator("least_change", mode="before")
    @classmethod
    def _is_share(cls, given: object) -> float:
        share = told(lambda text: to_amount(text, RATIO))(given)
        if not 0 <= share <= LARGEST_PLAIN_RATIO:
            raise fault("is from 0% to 1000%")
        return share

    def condition(self) -> AnomalyCondition:
        """What the rule watches."""
        thresholds = to_thresholds(self.limits)
        calm = self.calm_score or thresholds[-1].limit * CALM
        return AnomalyCondition(
            self.watched, thresholds, self.direction, self.history, calm, self.least_change
        )


class ForecastForm(LimitedForm, SeriesForm):
    """What a value will be within `horizon`, if it goes on like this."""

    kind: Literal["forecast"]
    window: Bucket = timedelta(hours=1)
    history: Minutes = Field(timedelta(days=7), validate_default=True)
    horizon: Minutes

    @classmethod
    def limit(cls, given: object, data: dict[str, Any]) -> Limit:
        """A limit that the measure can come to. Raises: InvalidInputError."""
        found = super().limit(given, data)
        if "measure" in data:
            check_reachable(MEASURES[data["measure"]], found)
        return found

    @field_validator("horizon")
    @classmethod
    def _is_ahead(cls, horizon: timedelta, info: ValidationInfo) -> timedelta:
        window = info.data.get("window")
        if window and not 1 <= horizon / window <= MOST_BUCKETS_AHEAD:
            raise fault(f"is 1 to {MOST_BUCKETS_AHEAD:,} windows of {span_text(window)}")
        return horizon

    def condition(self) -> ForecastCondition:
        """What the rule watches."""
        thresholds = to_thresholds(self.limits)
        return ForecastCondition(self.watched, thresholds, self.history, self.horizon)


def least_score(data: dict[str, Any]) -> float | None:
    """The least score of a body so far; None where none is right."""
    found = (data.get(level) for level in ("info", "warning", "critical"))
    return min((limit.value for limit in found if limit), default=None)
