"""Sums of the past in small buckets: any window that is cut where they are is answered exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from llm_analytics_hub.alerts.detect.asking import Found, Shape
from llm_analytics_hub.model.aggregate import Count, Reduce
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.buckets import bucket_starts, next_bucket
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.query import TimeRange

Grid = npt.NDArray[np.float64]
"""A row for each group, a column for each bucket; NaN where nothing is known."""

Window = tuple[datetime, datetime, datetime]
"""The bucket it is a part of, its start and its end."""


def is_summable(measure: str) -> bool:
    """Whether a window's value is the sum of its parts': counts and sums, not different values."""
    how = MEASURES[measure].aggregate
    return isinstance(how, Count) or (isinstance(how, Reduce) and how.how == "sum")


@dataclass(frozen=True)
class Sums:
    """Measures of each group in buckets of `width` from `start` on."""

    start: datetime
    width: timedelta
    groups: Sequence[Labels]
    is_there: npt.NDArray[np.bool_]
    grids: Mapping[str, Grid]

    def found(self, shape: Shape, measures: Sequence[str]) -> Found | None:
        """The answer; None where the windows are not cut where the buckets are."""
        windows = _windows(shape)
        places = [(self._place(start), self._place(end)) for _, start, end in windows]
        if any(place is None for pair in places for place in pair):
            return None
        groups: list[Labels] = []
        times: list[datetime] = []
        columns: dict[str, list[float | None]] = {name: [] for name in measures}
        for (time, *_), (first, last) in zip(windows, places, strict=True):
            rows = self._rows(first, last, is_whole=not shape.by and shape.granularity is None)
            groups += [self.groups[row] for row in rows]
            times += [time] * len(rows)
            for name in measures:
                columns[name] += _sums(self.grids[name][rows, first:last])
        return Found(groups, times if shape.granularity else None, columns)

    def _place(self, moment: datetime) -> int | None:
        place, rest = divmod(moment - self.start, self.width)
        return None if rest or not 0 <= place <= self.is_there.shape[1] else place

    def _rows(self, first: int | None, last: int | None, *, is_whole: bool) -> list[int]:
        """Groups that had an event; the one of all has a row in any case, but for buckets."""
        if is_whole:
            return list(range(len(self.groups)))
        there: list[int] = np.flatnonzero(self.is_there[:, first:last].any(axis=1)).tolist()
        return there


def sums_of(found: Found, start: datetime, width: timedelta, buckets: int) -> Sums:
    """The sums of an answer that has buckets of that width."""
    groups = list(dict.fromkeys(found.groups))
    rows = {group: row for row, group in enumerate(groups)}
    places = ([rows[group] for group in found.groups],
              [(time - start) // width for time in found.times or ()])  # fmt: skip
    is_there = np.zeros((len(groups), buckets), dtype=bool)
    is_there[places] = True
    grids = {}
    for name, values in found.values.items():
        grids[name] = np.full(is_there.shape, np.nan)
        grids[name][places] = np.asarray(values, dtype=np.float64)  # None is NaN
    return Sums(start, width, groups, is_there, grids)


def _windows(shape: Shape) -> list[Window]:
    """What an answer has rows of: the whole range, or the parts of buckets that lie in it."""
    if shape.granularity is None:
        return [(shape.start, shape.start, shape.end)]
    bucket, zone = shape.granularity, shape.time_zone
    starts = bucket_starts(TimeRange(shape.start, shape.end), bucket, zone)
    return [
        (one, max(one, shape.start), min(next_bucket(one, bucket, zone), shape.end))
        for one in starts
    ]


def _sums(parts: Grid) -> list[float | None]:
    known = ~np.isnan(parts)
    totals = np.where(known, parts, 0.0).sum(axis=1).tolist()
    pairs = zip(totals, np.any(known, axis=1).tolist(), strict=True)
    return [total if is_known else None for total, is_known in pairs]
