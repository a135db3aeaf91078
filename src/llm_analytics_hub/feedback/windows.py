"""Periods of a length that CostOps knows: hours, days, and weeks from Monday, all in UTC."""

from datetime import UTC, datetime, timedelta

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.integrations.costops.outgoing import STEPS
from llm_analytics_hub.model.query import TimeRange

BUCKETS = {"hourly": "hour", "daily": "day", "weekly": "week"}
"""The query engine's names of them."""

_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)


def step_of(granularity: str) -> timedelta:
    """How long a period is. Raises: InvalidInputError, code `unknown_granularity`."""
    if granularity not in STEPS:
        text = f"granularity {granularity[:80]!r} is none of {', '.join(STEPS)}"
        raise InvalidInputError(text, code="unknown_granularity")
    return STEPS[granularity]


def floor(moment: datetime, granularity: str) -> datetime:
    """When the period of `moment` began."""
    step = step_of(granularity)
    return _MONDAY + (moment - _MONDAY) // step * step


def last_whole(now: datetime, span: timedelta, granularity: str) -> TimeRange:
    """The whole periods of the last `span` before the one of `now`, which is not over; at least one."""
    step, end = step_of(granularity), floor(now, granularity)
    return TimeRange(end - max(span // step, 1) * step, end)


def around(period: TimeRange, granularity: str) -> TimeRange:
    """The periods that `period` touches, whole."""
    last = floor(period.end - timedelta(microseconds=1), granularity)
    return TimeRange(floor(period.start, granularity), last + step_of(granularity))
