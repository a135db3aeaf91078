"""Which time a request is about: `from` and `to`, a period by name, or what its route falls back to."""

from datetime import datetime
from typing import Annotated

from fastapi import Query

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.feedback.periods import Period, between, last_complete, lately
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.events import MAX_EVENTS

From = Annotated[
    str | None, Query(alias="from", description="first moment; RFC 3339 or a number", max_length=64)
]
To = Annotated[
    str | None, Query(alias="to", description="first moment after it", max_length=64)
]  # fmt: skip
Named = Annotated[
    Period | None, Query(description="the last complete one, in UTC; not together with from and to")
]
Limit = Annotated[int, Query(ge=1, le=MAX_EVENTS)]
Cursor = Annotated[str | None, Query(max_length=2048)]


def period_of(
    start: str | None, end: str | None, named: Period | None, now: datetime, default: Period
) -> TimeRange:
    """The period of a report. Raises: InvalidQueryError."""
    given = _given(start, end)
    if given and named:
        raise InvalidQueryError("write `period`, or `from` and `to`, not both")
    return given or last_complete(named or default, now)


def listed(start: str | None, end: str | None, now: datetime) -> TimeRange:
    """The time a list is about, up to now where nothing is said. Raises: InvalidQueryError."""
    return _given(start, end) or lately(now)


def _given(start: str | None, end: str | None) -> TimeRange | None:
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise InvalidQueryError("write both `from` and `to`")
    return between(start, end)
