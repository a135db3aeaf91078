"""Windows of the past that are buckets of the calendar: all of them answered by one question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from llm_analytics_hub.alerts.detect.asking import Found, Shape

BUCKETS = {
    timedelta(hours=1): "hour",
    timedelta(minutes=15): "15m",
    timedelta(minutes=5): "5m",
    timedelta(minutes=1): "minute",
}
"""Granularities by their width: windows of that width which begin where their buckets do."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def bucket_of(shape: Shape, step: timedelta) -> str | None:
    """The granularity whose buckets are the windows of `shape` at moments `step` apart, if any."""
    width = shape.end - shape.start
    is_bucket = shape.granularity is None and width in BUCKETS and width == step
    return BUCKETS[width] if is_bucket and not (shape.start - _EPOCH) % width else None


@dataclass(frozen=True)
class Windows:
    """Measures of each group in buckets, by the moment at which these begin."""

    parts: Mapping[datetime, Found]
    measures: frozenset[str]

    def found(self, shape: Shape, measures: Sequence[str]) -> Found | None:
        """The answer to a window; None for other measures."""
        if not self.measures.issuperset(measures):
            return None
        part = self.parts.get(shape.start)
        if part is None:  # nothing happened: all together is one group even so
            groups = [] if shape.by else [()]
            return Found(groups, None, {name: [None] * len(groups) for name in measures})
        return Found(part.groups, None, {name: part.values[name] for name in measures})


def windows_of(found: Found, measures: Sequence[str]) -> Windows:
    """The windows of an answer that has buckets."""
    rows: dict[datetime, list[int]] = {}
    for row, time in enumerate(found.times or ()):
        rows.setdefault(time, []).append(row)
    parts = {
        time: Found(
            [found.groups[row] for row in chosen],
            None,
            {name: [found.values[name][row] for row in chosen] for name in measures},
        )
        for time, chosen in rows.items()
    }
    return Windows(parts, frozenset(measures))
