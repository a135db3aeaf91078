"""Ranges of time: as they are asked for, and the ones before them."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from llm_analytics_hub.errors import InvalidInputError, InvalidQueryError
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.normalize.timestamps import parse_timestamp
from llm_analytics_hub.query.body import TimeRangeBody

MAX_RANGE = timedelta(days=3 * 366)

_SPAN = re.compile(r"([1-9][0-9]{0,4})(s|m|min|h|d|w)")
_NO_ZONE = re.compile(r"(posix|right)/|(localtime|posixrules)$")
"""Files among the zones that are no names of IANA: the engine has other ones, or none."""
_SPANS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}


def to_range(body: TimeRangeBody, time_zone: str, now: datetime) -> TimeRange:
    """The range that is asked for, in UTC. Raises: InvalidQueryError."""
    sides = (body.start, body.end)
    if (
        sum(way is not None for way in (body.last, body.period))
        + any(side is not None for side in sides)
        > 1
    ):
        raise InvalidQueryError("time_range has `last`, `period`, or `from` and `to`, not several")
    if body.period is not None:
        return calendar_range(body.period, time_zone, now)
    if body.last is not None:
        # Up to the next second: what was written just now belongs to the last hour.
        end = now.replace(microsecond=0) + timedelta(seconds=1)
        return TimeRange(end - to_span(body.last), end)
    if body.start is None or body.end is None:
        raise InvalidQueryError(
            "time_range needs `from` and `to`, `last`, such as 24h, or `period`, such as last_month"
        )
    return between(to_moment(body.start), to_moment(body.end))


def between(start: datetime, end: datetime) -> TimeRange:
    """The range from `start` to `end`. Raises: InvalidQueryError for none, or one too long."""
    if not start < end:
        raise InvalidQueryError("time_range ends before it starts")
    if end - start > MAX_RANGE:
        raise InvalidQueryError(f"time_range is longer than {MAX_RANGE.days} days")
    return TimeRange(start, end)


def calendar_range(period: str, time_zone: str, now: datetime) -> TimeRange:
    """A day, week, month or year of the calendar: this one so far, or the whole last one."""
    which, _, unit = {"today": "this_day", "yesterday": "last_day"}.get(period, period).partition(
        "_"
    )
    local = now.astimezone(ZoneInfo(time_zone))
    start = _start_of(unit, local)
    if which == "last":
        return _utc(_earlier(start, unit), start)
    return _utc(start, now.replace(microsecond=0) + timedelta(seconds=1))


def before(span: TimeRange, comparison: str, time_zone: str, period: str | None) -> TimeRange:
    """The range to compare `span` with; of a `period` of the calendar the same part of the one before."""
    unit = comparison.removeprefix("previous_")
    if unit == "period" and period is None:
        return TimeRange(span.start - span.length, span.start)
    if unit == "period" and period is not None:
        unit = {"today": "day", "yesterday": "day"}.get(period, period.partition("_")[2])
    zone = ZoneInfo(time_zone)
    start, end = (_earlier(moment.astimezone(zone), unit) for moment in (span.start, span.end))
    found = _utc(start, end)
    # The last days of a long month are one day of a short one.
    return found if found.start < found.end else TimeRange(found.start, found.start + span.length)


def to_span(text: str) -> timedelta:
    """A span such as 15m, 24h, 7d. Raises: InvalidQueryError."""
    found = _SPAN.fullmatch(text)
    if not found:
        raise InvalidQueryError(f"{text[:40]!r} is no span; write 15m, 24h, 7d or 4w")
    span = timedelta(seconds=int(found[1]) * _SPANS[found[2]])
    if span > MAX_RANGE:
        raise InvalidQueryError(f"time_range is longer than {MAX_RANGE.days} days")
    return span


def to_moment(value: str | float) -> datetime:
    """A moment of any form the hub reads. Raises: InvalidQueryError."""
    try:
        microseconds = parse_timestamp(value)
    except InvalidInputError as error:
        raise InvalidQueryError(f"{value!r:.60} is no time: {error.message}") from error
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)


def to_time_zone(name: str) -> str:
    """A time zone by its IANA name. Raises: InvalidQueryError."""
    try:
        if _NO_ZONE.match(name):
            raise ValueError(name)
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidQueryError(
            f"no time zone {name[:60]!r}; use a name such as Europe/Berlin"
        ) from None


def _start_of(unit: str, local: datetime) -> datetime:
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    match unit:
        case "week":
            return midnight - timedelta(days=midnight.weekday())
        case "month":
            return midnight.replace(day=1)
        case "year":
            return midnight.replace(month=1, day=1)
        case _:
            return midnight


def _earlier(local: datetime, unit: str) -> datetime:
    """The same time of day a day, week, month or year before; the last of a shorter month."""
    if unit in ("day", "week"):
        return local - timedelta(days=7 if unit == "week" else 1)
    months = local.year * 12 + local.month - 1 - (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    for day in range(local.day, 27, -1):
        try:
            return local.replace(year=year, month=month + 1, day=day)
        except ValueError:  # no such day in that month
            continue
    return local.replace(year=year, month=month + 1)


def _utc(start: datetime, end: datetime) -> TimeRange:
    return TimeRange(start.astimezone(UTC), end.astimezone(UTC))
