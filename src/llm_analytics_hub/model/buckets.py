"""Calendar buckets in the asker's time zone: where they begin and end."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from llm_analytics_hub.model.query import TimeRange

MINUTES = {"minute": 1, "5m": 5, "15m": 15, "hour": 60}
GRANULARITIES = (*MINUTES, "day", "week", "month")
"""Names of the buckets, the shortest first."""


def bucket_start(moment: datetime, granularity: str, time_zone: str) -> datetime:
    """When the calendar bucket of `moment` began in `time_zone`, as UTC."""
    local = moment.astimezone(ZoneInfo(time_zone)).replace(second=0, microsecond=0)
    if granularity in MINUTES:
        start = local.replace(minute=local.minute - local.minute % MINUTES[granularity])
    else:
        # The first of two midnights, where a clock change gives a day two of them.
        start = local.replace(hour=0, minute=0, fold=0)
        back = {"day": 0, "week": local.weekday(), "month": local.day - 1}[granularity]
        start -= timedelta(days=back)
    return start.astimezone(UTC)


def next_bucket(start: datetime, granularity: str, time_zone: str) -> datetime:
    """When the bucket after the one that began at `start` begins, as UTC."""
    if granularity in MINUTES:
        return start + timedelta(minutes=MINUTES[granularity])
    local = start.astimezone(ZoneInfo(time_zone))
    if granularity == "month":
        first = local.replace(day=1) + timedelta(days=32)
        return first.replace(day=1).astimezone(UTC)
    return (local + timedelta(days={"day": 1, "week": 7}[granularity])).astimezone(UTC)


def bucket_starts(span: TimeRange, granularity: str, time_zone: str) -> Iterator[datetime]:
    """The starts of all buckets that a range touches, in order, as UTC."""
    start = bucket_start(span.start, granularity, time_zone)
    while start < span.end:
        yield start
        start = next_bucket(start, granularity, time_zone)


def seconds_of(span: TimeRange, start: datetime, granularity: str, time_zone: str) -> float:
    """How many seconds of the bucket that began at `start` lie in a range."""
    end = min(span.end, next_bucket(start, granularity, time_zone))
    return (end - max(span.start, start)).total_seconds()
