"""What a detector asks, and what it is answered: rules that ask alike are answered at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

from llm_analytics_hub.model.alerts.alert import Judgement
from llm_analytics_hub.model.alerts.labels import Labels


@dataclass(frozen=True)
class Shape:
    """A question without its measures: two of equal shape are asked as one.

    `where` is the JSON text of its filters. With `granularity` there is a row for each bucket.
    """

    by: tuple[str, ...]
    where: str
    start: datetime
    end: datetime
    granularity: str | None = None
    time_zone: str = "UTC"


@dataclass(frozen=True)
class Wanted:
    """Measures of one shape."""

    shape: Shape
    measures: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """The answer: row i is of `groups[i]`, at `times[i]` where there is a granularity.

    `values` has a column for each measure; None is unknown. Money and counts are floats.
    """

    groups: Sequence[Labels]
    times: Sequence[datetime] | None
    values: Mapping[str, Sequence[float | None]]

    @cached_property
    def everyone(self) -> frozenset[Labels]:
        """All groups there are; made once for all rules that read the answer."""
        return frozenset(self.groups)


class Detector(Protocol):
    """Judges one rule; keeps nothing between judgements."""

    def wants(self, at: datetime, /) -> Sequence[Wanted]:
        """What must be known to judge at that moment."""
        ...

    def judge(self, at: datetime, found: Sequence[Found], /) -> Judgement:
        """The judgement, of the answers to `wants` in its order."""
        ...
