"""The rollups: sums of events by bucket and keys, and which questions they answer exactly.

Rollups outlive the events they came from, so a long range is complete only through them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from llm_analytics_hub.model.aggregate import (
    Aggregate,
    Count,
    Distinct,
    PerSecond,
    Quantile,
    Ratio,
    Reduce,
)
from llm_analytics_hub.model.buckets import GRANULARITIES
from llm_analytics_hub.model.query import Query, TimeRange, fields_of

SUMS = ("input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens",
         "reasoning_tokens", "total_tokens", "cost_usd")  # fmt: skip
QUANTILES = ("latency_ms", "ttft_ms")
DISTINCTS = ("user_id", "session_id", "asset_id")
_KEYS = frozenset({"source", "stream", "event_type", "environment", "provider", "model", "status",
                   "severity"})  # fmt: skip


@dataclass(frozen=True)
class Rollup:
    """A rollup table: its bucket, its keys, and whether it has quantile and distinct states."""

    table: str
    width: timedelta
    keys: frozenset[str]
    has_states: bool
    granularities: frozenset[str | None]
    is_of_utc: bool

    def bounds(self, query: Query) -> tuple[datetime, datetime]:
        """The whole buckets inside the range of `query`."""
        start, end = query.time_range.start, query.time_range.end
        last = _floor(end, self.width)
        return min(_floor(start + self.width - timedelta(microseconds=1), self.width), last), last

    def has(self, wanted: Aggregate) -> bool:
        """Whether a measure is the same from this rollup as from the events."""
        match wanted:
            case Count(where, known):
                return not known and all(part.field in self.keys for part in where)
            case Reduce(how, column, where, known):
                is_sum = how == "sum" and column in SUMS and not known
                return is_sum and all(part.field in self.keys for part in where)
            case Ratio(part, whole):
                return self.has(part) and self.has(whole)
            case PerSecond(of):
                return self.has(of)
            case Quantile(column, _):
                return self.has_states and column in QUANTILES
            case Distinct(column):
                # Not of its own keys: what was revised away still has a row of them.
                return self.has_states and column in DISTINCTS
            case _:
                assert_never(wanted)

    def faults(self, query: Query) -> Iterator[str]:
        """Why this rollup does not answer `query` exactly, in words; nothing if it does."""
        start, end = self.bounds(query)
        if end <= start:
            yield f"no whole bucket of {self.width} lies in the range"
        if query.granularity not in self.granularities:
            yield f"its buckets are longer than {query.granularity}"
        elif self.is_of_utc and query.granularity and query.time_zone != "UTC":
            yield "its buckets are days of UTC"
        for field in sorted({*query.dimensions, *fields_of(query.where)} - self.keys):
            yield f"{field} is none of its keys"
        for measure in query.measures:
            if not self.has(measure.aggregate):
                yield f"it has no {measure.name}"


FIVE_MINUTES = Rollup(
    "rollup_5m", timedelta(minutes=5), _KEYS, has_states=False,
    granularities=frozenset(GRANULARITIES) - {"minute"} | {None}, is_of_utc=False,
)  # fmt: skip
DAY = Rollup(
    "rollup_day", timedelta(days=1), _KEYS | {"service", "operation", "account_id"},
    has_states=True, granularities=frozenset({"day", "week", "month", None}), is_of_utc=True,
)  # fmt: skip
ROLLUPS = (FIVE_MINUTES, DAY)
"""The five-minute rollup is preferred: its edges are short. The daily one has the states of
quantiles and distinct counts, and more keys; its days are those of UTC."""


HOUR_TABLE = "rollup_hour"
"""The five-minute rollup added up by the hour: the same sums and keys, read of long ranges."""

_HOUR = timedelta(hours=1)
_LONG = timedelta(days=2)
"""Of shorter ranges the hours would save less than one more table costs (measured)."""


def whole_hours(query: Query, rollup: Rollup, whole: TimeRange) -> TimeRange | None:
    """The hours within `whole` that are read as such; None where five minutes are needed, or do.

    Buckets of the calendar are whole hours unless its zone is off UTC by less at some time.
    """
    if rollup is not FIVE_MINUTES or query.granularity not in (
        None,
        "hour",
        "day",
        "week",
        "month",
    ):
        return None
    start, end = (
        _floor(whole.start + _HOUR - timedelta(microseconds=1), _HOUR),
        _floor(whole.end, _HOUR),
    )
    if end - start < _LONG or (
        query.granularity and not _is_off_by_hours(query.time_zone, start, end)
    ):
        return None
    return TimeRange(start, end)


def _is_off_by_hours(zone: str, start: datetime, end: datetime) -> bool:
    days = range((end - start).days + 2)
    offsets = ((start + timedelta(days=day)).astimezone(ZoneInfo(zone)).utcoffset() for day in days)
    return not any(offset is None or offset % _HOUR for offset in offsets)


def rollup_for(query: Query) -> Rollup | None:
    """The rollup that answers `query` with the same sums as the events; None if none does."""
    return next((rollup for rollup in ROLLUPS if not any(rollup.faults(query))), None)


def may_have_expired(query: Query) -> bool:
    """Whether events in the range of `query` may be forgotten, so that only a rollup is complete."""
    return query.complete_since is not None and query.time_range.start < query.complete_since


def _floor(moment: datetime, width: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + (moment - epoch) // width * width
