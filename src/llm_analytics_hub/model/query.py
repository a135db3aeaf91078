"""A question as a value: what to measure, of which events, how to cut it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from llm_analytics_hub.model.measures import Measure


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

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


@dataclass(frozen=True)
class Order:
    """Sort by a column of the answer."""

    column: str
    descending: bool


OTHER = "(other)"
"""What stands for the values of a dimension that are not kept apart."""


@dataclass(frozen=True)
class Kept:
    """The values of a dimension that are kept apart; all others are one group, OTHER."""

    dimension: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class QueryLimits:
    """What answering one question may use of the store; 0 is without limit."""

    seconds: int = 30
    memory_bytes: int = 4 * 1024**3
    rows_read: int = 0
    bytes_read: int = 0


@dataclass(frozen=True)
class Query:
    """A checked question; `granularity` None gives one row per group, without time.

    `having` compares measures of the answer's rows. `complete_since`: events before it may have
    been forgotten; rollups are complete. `is_fresh`: the answer sees every write before the
    question; else it may be a second behind.
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
    having: Filter = All()
    kept: tuple[Kept, ...] = ()
    limits: QueryLimits = QueryLimits()

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the columns that tell the answer's rows apart."""
        return self.columns[: len(self.columns) - len(self.measures)]

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


@dataclass(frozen=True)
class TraceFilter:
    """Which traces a list shows: those that have an event in the range that passes, newest first.

    `before` is the place of a trace: when it started, and its id. A trace that began before the
    range starts where its first event in the range does.
    """

    tenant: str
    time_range: TimeRange
    where: Filter = field(default_factory=All)
    limit: int = 50
    before: tuple[datetime, str] | None = None


Place = tuple[datetime, int]
"""Where an event stands in the order of arrival: when it was received, and its key."""


@dataclass(frozen=True)
class Arrivals:
    """Which events are read as they arrived: the first of them after `after`, at most `limit`."""

    tenant: str
    where: Filter
    after: Place
    limit: int = 500
