"""The time that a request asks about, where it may leave out its start, its end, or both."""

from datetime import datetime, timedelta

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.ranges import MAX_RANGE, to_moment


def asked_period(start: str | None, end: str | None, now: datetime, usual: timedelta) -> TimeRange:
    """From `start` to `end`; to now where there is no end, and `usual` long where there is no start.

    Raises: InvalidQueryError for what is no time, an end before the start, or over three years.
    """
    last = to_moment(end) if end else now.replace(microsecond=0) + timedelta(seconds=1)
    first = to_moment(start) if start else last - usual
    if not timedelta() < last - first <= MAX_RANGE:
        raise InvalidQueryError(f"the start is before the end, by {MAX_RANGE.days} days at most")
    return TimeRange(first, last)
