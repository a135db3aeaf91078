"""How grave an alert is, and when a value is too much or too little."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How grave an alert is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


GRAVEST_FIRST = (Level.CRITICAL, Level.WARNING, Level.INFO)


class Side(StrEnum):
    """On which side of its limit a value is bad."""

    ABOVE = "above"
    AT_LEAST = "at_least"
    BELOW = "below"
    AT_MOST = "at_most"


IS_BAD: Mapping[Side, Callable[[float, float], bool]] = {
    Side.ABOVE: operator.gt,
    Side.AT_LEAST: operator.ge,
    Side.BELOW: operator.lt,
    Side.AT_MOST: operator.le,
}


@dataclass(frozen=True)
class Threshold:
    """A limit, in the unit of what is measured, and the level of what is beyond it."""

    level: Level
    side: Side
    limit: float

    def is_met(self, value: float) -> bool:
        """Whether `value` is bad."""
        return IS_BAD[self.side](value, self.limit)


Thresholds = tuple[Threshold, ...]
"""The gravest first."""


def met(thresholds: Thresholds, value: float) -> Threshold | None:
    """The gravest threshold that `value` meets."""
    return next((one for one in thresholds if one.is_met(value)), None)
