"""Cumulative series become increases, each counted once.

The last point of every series is remembered. A series is one instrument, its labels and its start:
a process that starts anew begins another. A point that is no later than the last, or says the same,
holds nothing new: what it counted is counted already, so it is ignored as a repeat, not refused.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import xxhash

from llm_analytics_hub.ingest.metric_point import MetricPoint, Numbers

REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Last:
    """What a series stood at, and when (microseconds since 1970 UTC)."""

    at: int
    value: float | None
    count: int | None
    bounds: tuple[float, ...]
    buckets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """A point and what it adds: since `started_at`, of `series`, and its numbers."""

    point: MetricPoint
    series: int
    started_at: int
    added: Numbers


@dataclass(frozen=True)
class Taken:
    """What a request's points add; `last` is to be remembered once that is stored."""

    counted: Sequence[Counted]
    duplicates: int
    last: Mapping[int, Last]


class MetricSeries:
    """Remembers where cumulative series stood; the oldest are forgotten. Owned by one thread.

    A series that was forgotten counts from its start again: `remembered` bounds the memory.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._last: dict[int, Last] = {}

    def __len__(self) -> int:
        return len(self._last)

    def recall(self, last: Iterable[tuple[int, Last]]) -> None:
        """Remember series as they were stored, oldest first."""
        self._remember(dict(last))

    def take(self, tenant: str, points: Sequence[MetricPoint]) -> Taken:
        """What `points` add, in their order; nothing is remembered yet."""
        counted: list[Counted] = []
        last: dict[int, Last] = {}
        for point in points:
            series = series_of(tenant, point)
            if not point.instrument.accumulates:
                counted.append(Counted(point, series, point.started_at, point.numbers))
                continue
            known = last.get(series) or self._last.get(series)
            step = _step(point, series, known)
            if step is not None:
                counted.append(step)
                known = _as_last(point)
            if known is not None:  # also of a repeat: a series still sent is not the oldest
                last[series] = known
        duplicates = len(points) - len(counted)
        return Taken(counted, duplicates, last)

    def stored(self, taken: Taken) -> None:
        """Remember what was taken: it is stored, and the same again adds nothing."""
        self._remember(taken.last)

    def _remember(self, last: Mapping[int, Last]) -> None:
        for series, state in last.items():
            self._last.pop(series, None)  # the newest stand at the end
            self._last[series] = state
        for series in list(self._last)[: max(len(self._last) - self._remembered, 0)]:
            del self._last[series]


def series_of(tenant: str, point: MetricPoint) -> int:
    """The 64-bit hash of what names a series."""
    named = f"{tenant}\0{point.instrument.identity}\0{point.labels!r}\0{point.started_at}"
    return int(xxhash.xxh3_64_intdigest(named.encode()))


def _as_last(point: MetricPoint) -> Last:
    numbers = point.numbers
    return Last(point.occurred_at, numbers.value, numbers.count, numbers.bounds, numbers.buckets)


def _step(point: MetricPoint, series: int, last: Last | None) -> Counted | None:
    """What `point` adds to `last`; None where it holds nothing new."""
    if last is None:
        return Counted(point, series, point.started_at, point.numbers)
    if point.occurred_at <= last.at or _as_last(point) == replace(last, at=point.occurred_at):
        return None
    before = _rebinned(last, point.numbers)
    if _fell(point.numbers, last, before):  # the sender started anew and did not say so
        return Counted(point, series, last.at, point.numbers)
    return Counted(point, series, last.at, _difference(point.numbers, last, before))


def _fell(now: Numbers, last: Last, before: Sequence[int] | None) -> bool:
    """Whether less is counted than before; a histogram's sum may fall, its counts may not."""
    if now.count is None or last.count is None:
        return (now.value or 0.0) < (last.value or 0.0)
    buckets = zip(now.buckets, before or (), strict=False)
    return now.count < last.count or any(new < old for new, old in buckets)


def _difference(now: Numbers, last: Last, before: Sequence[int] | None) -> Numbers:
    # The least and the greatest since the start say nothing of the time since the last point.
    return replace(
        now,
        value=None if now.value is None else now.value - (last.value or 0.0),
        count=None if now.count is None else now.count - (last.count or 0),
        min=None,
        max=None,
        buckets=()
        if before is None
        else tuple(new - old for new, old in zip(now.buckets, before, strict=True)),
    )


def _rebinned(last: Last, now: Numbers) -> Sequence[int] | None:
    """The buckets of `last` between the bounds of `now`; None if one would have to be cut.

    Exponential histograms join their buckets two by two as they grow: those fit.
    """
    bounds = now.bounds
    if last.bounds == bounds and len(last.buckets) == len(now.buckets):
        return last.buckets
    if not last.buckets or not now.buckets:
        return None
    joined = [0] * (len(bounds) + 1)
    lowers, uppers = (float("-inf"), *last.bounds), (*last.bounds, float("inf"))
    for lower, upper, count in zip(lowers, uppers, last.buckets, strict=True):
        place = bisect_left(bounds, upper)
        if count and place and bounds[place - 1] > lower:
            return None
        joined[place] += count
    return joined
