"""A question as a value: what to measure, of which events, how to cut it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from llm_analytics_hub.model.catalogue import Measure


class Op(StrEnum):
    """How a condition compares."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    NOT_IN = "not_in"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    PREFIX = "prefix"
    CONTAINS = "contains"
    EXISTS = "exists"


Scalar = str | float | bool
"""What a field is compared with."""


@dataclass(frozen=True)
class Condition:
    """One comparison of one field; `values` has one entry but for in and not_in."""

    field: str
    op: Op
    values: tuple[Scalar, ...]


@dataclass(frozen=True)
class All:
    """Every part holds; empty holds always."""

    parts: "tuple[Filter, ...]" = ()


@dataclass(frozen=True)
class Any:
    """At least one part holds."""

    parts: "tuple[Filter, ...]"


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: "Filter"


Filter = Condition | All | Any | Not


def fields_of(wanted: Filter) -> set[str]:
    """The fields a filter compares."""
    match wanted:
        case Condition(field):
            return {field}
        case Not(part):
            return fields_of(part)
        case All(parts) | Any(parts):
            return set().union(*(fields_of(part) for part in parts))
        case _:
            assert_never(wanted)


@dataclass(frozen=True)
class TimeRange:
    """From `start` (included) to `end` (excluded), aware, UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Order:
    """Sort by a column of the answer."""

    column: str
    descending: bool


@dataclass(frozen=True)
class Query:
    """A checked question; `granularity` None gives one row per group, without time.

    `complete_since`: events before it may have been forgotten; rollups are complete.
    `is_fresh`: the answer sees every write before the question; else it may be a second behind.
    """

    tenant: str
    measures: tuple[Measure, ...]
    dimensions: tuple[str, ...]
    where: Filter
    time_range: TimeRange
    granularity: str | None
    time_zone: str
    order_by: tuple[Order, ...]
    limit: int
    complete_since: datetime | None = None
    is_fresh: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the answer's columns, in order."""
        time = ("time",) if self.granularity else ()
        return (*time, *self.dimensions, *(measure.name for measure in self.measures))


@dataclass(frozen=True)
class EventFilter:
    """Which events a list shows: newest first, from just before `before`, at most `limit`.

    `before` is the place of an event: its time, its id and its key, which no other event shares.
    """

    tenant: str
    where: Filter = field(default_factory=All)
    time_range: TimeRange | None = None
    limit: int = 100
    before: tuple[datetime, str, int] | None = None
    is_fresh: bool = True


Place = tuple[datetime, int]
"""Where an event stands in the order of arrival: when it was received, and its key."""


@dataclass(frozen=True)
class Arrivals:
    """Which events are read as they arrived: the first of them after `after`, at most `limit`."""

    tenant: str
    where: Filter
    after: Place
    limit: int = 500
