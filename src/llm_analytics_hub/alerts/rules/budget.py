"""Budgets: what may be spent in a period of the calendar."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationInfo, field_validator

from llm_analytics_hub.alerts.rules.amounts import RATIO, USD, amount_text, to_amount
from llm_analytics_hub.alerts.rules.faults import fault, told
from llm_analytics_hub.alerts.rules.fields import Dimensions, Where
from llm_analytics_hub.alerts.rules.form import RuleForm
from llm_analytics_hub.alerts.rules.spans import Minutes
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.levels import GRAVEST_FIRST, Level, Side, Threshold
from llm_analytics_hub.model.alerts.rule import BudgetCondition
from llm_analytics_hub.query.ranges import to_time_zone

PERIODS = ("day", "week", "month", "year")
MOST_THRESHOLDS = 10
LARGEST_SHARE = 10.0
MOST_USD = 1e12
SPENT = 1.0
"""The share from which on a threshold is critical, where nothing else is said."""


def _amount(given: object) -> float:
    amount = to_amount(given, USD)
    if not 0 < amount <= MOST_USD:
        raise InvalidInputError(f"is more than 0 and at most {MOST_USD:,.0f} USD")
    return amount


def _threshold(given: object) -> Threshold:
    """One of `80%` and `{at: 80%, severity: info}`."""
    said = given if isinstance(given, Mapping) else {"at": given}
    if "at" not in said or said.keys() - {"at", "severity"}:
        raise InvalidInputError("is a share, such as 80%, or {at: 80%, severity: warning}")
    at = to_amount(said["at"], RATIO)
    if not 0 < at <= LARGEST_SHARE:
        raise InvalidInputError("is more than 0% and at most 1000%: write 80%")
    level = _level(said.get("severity", Level.CRITICAL if at >= SPENT else Level.WARNING))
    return Threshold(level, Side.AT_LEAST, at)


def _level(given: object) -> Level:
    if given not in list(Level):
        raise InvalidInputError(f"no severity {given!r:.40}; there are {', '.join(Level)}")
    return Level(str(given))


def _projected(given: object) -> Level | None:
    if isinstance(given, bool) or given is None:
        return Level.WARNING if given else None
    return _level(given)


def _thresholds(given: object) -> tuple[Threshold, ...]:
    """The gravest first, and of these the highest. Raises: InvalidInputError."""
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_THRESHOLDS:
        raise InvalidInputError(f"is a list of 1 to {MOST_THRESHOLDS} shares: [80%, 95%, 100%]")
    found = sorted(map(_threshold, given), key=lambda one: -one.limit)
    for more, less in pairwise(found):
        if more.limit == less.limit:
            raise InvalidInputError(f"{more.limit:.0%} is there twice")
        if GRAVEST_FIRST.index(more.level) > GRAVEST_FIRST.index(less.level):
            raise InvalidInputError(f"{less.limit:.0%} is graver than {more.limit:.0%}")
    return tuple(found)


class BudgetForm(RuleForm):
    """Money that may be spent in a period, by each group of `by`."""

    kind: Literal["budget"] = "budget"
    amount: Annotated[float, BeforeValidator(told(_amount))]
    period: Literal["day", "week", "month", "year"]
    time_zone: Annotated[str, BeforeValidator(told(lambda name: to_time_zone(str(name))))] = "UTC"
    by: Dimensions = ()
    where: Where = "[]"
    thresholds: Annotated[tuple[Threshold, ...], BeforeValidator(told(_thresholds))] = _thresholds(
        [0.8, 0.95, 1.0]
    )
    projected: Annotated[Level | None, BeforeValidator(told(_projected))] = None
    every: Minutes | None = None

    @field_validator("every")
    @classmethod
    def _is_often(cls, every: timedelta | None, info: ValidationInfo) -> timedelta | None:
        if every and every > timedelta(hours=1):
            raise fault("is an hour at most: money is gone fast")
        return every

    def timing(self) -> dict[str, Any]:
        """When it is judged."""
        return {"every": self.every or timedelta(minutes=1)}

    def condition(self) -> BudgetCondition:
        """What is watched."""
        return BudgetCondition(
            self.amount, self.period, self.time_zone, self.by, self.where, self.thresholds,
            self.projected,
        )  # fmt: skip


def budget_body(condition: BudgetCondition) -> dict[str, object]:
    """The members of a budget as people write them."""
    return {
        "amount": amount_text(condition.amount_usd, USD),
        "period": condition.period,
        "time_zone": condition.time_zone,
        "thresholds": [
            {"at": amount_text(one.limit, RATIO), "severity": one.level.value}
            for one in reversed(condition.thresholds)
        ],
        "projected": condition.projected.value if condition.projected else False,
    }
