"""Times as Python has them, as the hub reads them."""

import re
from datetime import UTC, date, datetime, timedelta

from llm_analytics_hub.errors import InvalidQueryError

Moment = datetime | str | float
"""An aware datetime, a text such as 2025-11-19T10:00Z, or a Unix time."""

Span = timedelta | str
"""A timedelta of whole seconds, or a text such as 15m, 24h, 7d, 4w."""

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"([1-9][0-9]{0,4})(s|m|h|d|w)(?:(?<=m)in)?")
_MOST = 99_999  # of a unit: a span has up to five digits


def to_moment(value: Moment | date) -> str | float:
    """A moment as the hub reads it. Raises: InvalidQueryError for a datetime without a zone."""
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise InvalidQueryError(
                f"{value.isoformat()} has no time zone: write datetime(…, tzinfo=UTC)"
            )
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        text = f"{value.isoformat()} is a day and not a moment: write datetime(…, tzinfo=UTC)"
        raise InvalidQueryError(text)
    return value


def to_span(value: Span) -> str:
    """A span as the hub reads it. Raises: InvalidQueryError for one that it cannot say."""
    if isinstance(value, str):
        return value
    seconds, rest = divmod(value, timedelta(seconds=1))
    if rest or seconds <= 0:
        raise InvalidQueryError(f"{value} is no span: it takes whole seconds, more than none")
    for unit, size in _SECONDS.items():
        if seconds % size == 0 and seconds // size <= _MOST:
            return f"{seconds // size}{unit}"
    raise InvalidQueryError(f"{value} is too long, or too fine for its length")


def before(now: datetime, span: Span) -> str | float:
    """The moment that lies a span before `now`. Raises: InvalidQueryError."""
    text = to_span(span)
    found = _SPAN.fullmatch(text)
    if not found:
        raise InvalidQueryError(f"{text[:40]!r} is no span; write 15m, 24h, 7d or 4w")
    return to_moment(now - timedelta(seconds=int(found[1]) * _SECONDS[found[2]]))


def to_time_range(
    last: Span | None, start: Moment | None, end: Moment | None, period: str | None
) -> dict[str, str | float]:
    """`time_range` of a question; the hub checks that it is one. Raises: InvalidQueryError."""
    span = None if last is None else to_span(last)
    limits = {"from": start, "to": end}
    moments = {name: to_moment(value) for name, value in limits.items() if value is not None}
    return moments | {
        name: text for name, text in (("last", span), ("period", period)) if text is not None
    }
