"""Periods of reports and feeds: the last that is complete, one that was asked for, the one before."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.ranges import to_moment

MAX_RANGE = timedelta(days=366)
KEPT = timedelta(days=90)
"""What a list without bounds goes back to: as long as violations are kept."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Period(StrEnum):
    """A period by name; hours and days are those of UTC."""

    FIVE_MINUTES = "5m"
    HOUR = "hour"
    DAY = "day"


_LENGTHS = {
    Period.FIVE_MINUTES: timedelta(minutes=5),
    Period.HOUR: timedelta(hours=1),
    Period.DAY: timedelta(days=1),
}


def last_complete(period: Period, now: datetime) -> TimeRange:
    """The period of that length that ended last; it ends at `now` at the latest."""
    length = _LENGTHS[period]
    end = now - (now - _EPOCH) % length
    return TimeRange(end - length, end)


def before(span: TimeRange) -> TimeRange:
    """The period of equal length that ends where `span` starts."""
    return TimeRange(span.start - (span.end - span.start), span.start)


def between(start: str, end: str) -> TimeRange:
    """From `start` to `end`, in any form the hub reads. Raises: InvalidQueryError."""
    span = TimeRange(to_moment(start), to_moment(end))
    if not span.start < span.end:
        raise InvalidQueryError("`to` must be later than `from`")
    if span.end - span.start > MAX_RANGE:
        raise InvalidQueryError(f"the period is longer than {MAX_RANGE.days} days")
    return span


def lately(now: datetime) -> TimeRange:
    """Up to the next second, so that what was written just now is in it."""
    end = now.replace(microsecond=0) + timedelta(seconds=1)
    return TimeRange(end - KEPT, end)
