"""Answers to questions as series: one value for every whole bucket of the range, per group."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.aggregate import Reduce
from llm_analytics_hub.model.buckets import bucket_starts, next_bucket
from llm_analytics_hub.model.measures import Measure
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.analysis.numbers import Floats
from llm_analytics_hub.query.analysis.season import Season, seasons_of
from llm_analytics_hub.query.answered import Answered

MOST_SERIES = 100
MOST_POINTS = 20_000

Group = tuple[str | None, ...]


@dataclass(frozen=True)
class Buckets:
    """The whole buckets of a range, in order; `cut` buckets at its ends are not whole."""

    starts: tuple[datetime, ...]
    granularity: str
    time_zone: str
    cut: int

    @property
    def seasons(self) -> list[Season]:
        """The calendar seasons they can show."""
        return seasons_of(self.starts, self.granularity, self.time_zone)

    @property
    def end(self) -> datetime:
        """When the last of them ends; there must be one."""
        return next_bucket(self.starts[-1], self.granularity, self.time_zone)

    def ahead(self, steps: int) -> list[datetime]:
        """The starts of the buckets that follow."""
        found = [self.end]
        while len(found) < steps:
            found.append(next_bucket(found[-1], self.granularity, self.time_zone))
        return found[:steps]


@dataclass(frozen=True)
class Series:
    """A measure of a group over the buckets; NaN is unknown. `empty` buckets had no event."""

    group: Group
    values: Floats
    empty: int


def whole_buckets(span: TimeRange, granularity: str, time_zone: str, now: datetime) -> Buckets:
    """The buckets that lie wholly in a range and in the past.

    Raises: InvalidQueryError for more than `MOST_POINTS` of them, or none.
    """
    end = min(span.end, now)
    starts = []
    for start in bucket_starts(TimeRange(span.start, max(end, span.start)), granularity, time_zone):
        starts.append(start)
        if len(starts) > MOST_POINTS:
            raise _too_many(f"more than {MOST_POINTS:,} buckets")
    edges = [*starts, next_bucket(starts[-1], granularity, time_zone)] if starts else []
    whole = tuple(one for one, after in pairwise(edges) if one >= span.start and after <= end)
    if not whole:
        message = f"no whole {granularity} of the past lies in the time range: ask for a longer one"
        raise InvalidQueryError(message, code="too_few_points")
    return Buckets(whole, granularity, time_zone, len(starts) - len(whole))


def series_of(
    answer: Answered, dimensions: Sequence[str], measure: Measure, buckets: Buckets
) -> list[Series]:
    """One series per group of an answer, in the order of their names.

    A bucket without events is 0 for counts and sums, unknown for all else.
    Raises: InvalidQueryError for too many series or points.
    """
    found = _by_group(answer, dimensions, measure.name)
    if not dimensions:
        found = found or {(): {}}
    if len(found) > MOST_SERIES:
        message = f"{len(found):,} groups, {MOST_SERIES} is the most: filter, or ask for `top`"
        raise InvalidQueryError(message, code="too_many_series")
    if len(found) * len(buckets.starts) > MOST_POINTS:
        raise _too_many(f"{len(found):,} series of {len(buckets.starts):,} buckets")
    names = sorted(found, key=lambda group: [text or "" for text in group])
    return [_series(group, found[group], measure, buckets) for group in names]


def is_sum(measure: Measure) -> bool:
    """Whether nothing happened means 0: counts, and sums."""
    how = measure.aggregate
    return measure.is_additive or (isinstance(how, Reduce) and how.how == "sum")


def _by_group(
    answer: Answered, dimensions: Sequence[str], measure: str
) -> dict[Group, dict[datetime, float]]:
    if answer.meta.get("has_more"):
        raise _too_many(f"more than {answer.rows.num_rows:,} values")
    times = answer.rows["time"].to_pylist()
    groups = [[text or None for text in answer.rows[name].to_pylist()] for name in dimensions]
    names: list[Group] = list(zip(*groups, strict=True)) if groups else [()] * len(times)
    found: dict[Group, dict[datetime, float]] = {}
    values = answer.rows[measure].to_pylist()
    for name, time, value in zip(names, times, values, strict=True):
        found.setdefault(name, {})[time] = math.nan if value is None else float(value)
    return found


def _series(
    group: Group, known: Mapping[datetime, float], measure: Measure, buckets: Buckets
) -> Series:
    nothing = 0.0 if is_sum(measure) else math.nan
    values = np.asarray([known.get(start, nothing) for start in buckets.starts], dtype=float)
    values[~np.isfinite(values)] = math.nan
    return Series(group, values, sum(start not in known for start in buckets.starts))


def _too_many(what: str) -> InvalidQueryError:
    message = (
        f"{what}, {MOST_POINTS:,} points is the most of an analysis: ask for a shorter "
        "time_range, a coarser granularity or fewer groups"
    )
    return InvalidQueryError(message, code="too_many_points")
