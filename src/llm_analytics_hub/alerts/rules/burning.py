"""Rules on how fast the errors that an objective allows are used up, in two windows."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from llm_analytics_hub.alerts.rules.amounts import RATIO, to_amount
from llm_analytics_hub.alerts.rules.faults import fault, told
from llm_analytics_hub.alerts.rules.spans import Minutes
from llm_analytics_hub.alerts.rules.watching import MeasuredForm
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.levels import GRAVEST_FIRST, Level
from llm_analytics_hub.model.alerts.rule import BurnRateCondition, BurnWindow

BAD_SHARES = ("error_rate", "denial_rate")
MOST_WINDOWS = 6


def _objective(given: object) -> float:
    value = to_amount(given, RATIO)
    if not 0 < value < 1:
        raise InvalidInputError(
            "is more than 0% and less than 100%: 99.5% allows one in 200 to fail"
        )
    return value


class BurnWindowForm(BaseModel):
    """The errors allowed are used up `factor` times too fast, over `long` and still over `short`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    long: Minutes
    short: Minutes
    factor: float = Field(gt=0, le=100_000, strict=True)
    severity: Level

    @field_validator("short")
    @classmethod
    def _is_shorter(cls, short: timedelta, info: ValidationInfo) -> timedelta:
        if "long" in info.data and short >= info.data["long"]:
            raise fault("must be shorter than long")
        return short


class BurnRateForm(MeasuredForm):
    """An objective, and how fast it may be missed."""

    kind: Literal["burn_rate"]
    objective: Annotated[float, BeforeValidator(told(_objective))]
    windows: tuple[BurnWindowForm, ...]

    @field_validator("measure")
    @classmethod
    def _is_bad_share(cls, measure: str) -> str:
        if measure not in BAD_SHARES:
            raise fault(f"{measure} is no share of failures; these are: {', '.join(BAD_SHARES)}")
        return measure

    @field_validator("windows")
    @classmethod
    def _can_burn(
        cls, windows: tuple[BurnWindowForm, ...], info: ValidationInfo
    ) -> tuple[BurnWindowForm, ...]:
        if not 1 <= len(windows) <= MOST_WINDOWS:
            raise fault(f"are 1 to {MOST_WINDOWS}")
        most = 1 / (1 - info.data["objective"]) if "objective" in info.data else float("inf")
        for at, window in enumerate(windows):
            if window.factor > most:
                raise fault(f"{at}.factor: all failing is a factor of {most:.3g}: it is the most")
        return windows

    def window_of(self) -> timedelta:
        """How much time one judgement looks at."""
        return max(window.long for window in self.windows)

    def condition(self) -> BurnRateCondition:
        """What the rule watches."""
        windows = sorted(self.windows, key=lambda window: GRAVEST_FIRST.index(window.severity))
        found = (BurnWindow(one.severity, one.long, one.short, one.factor) for one in windows)
        return BurnRateCondition(self.watched, self.objective, tuple(found))
