"""Timestamps of every wire form, as UTC microseconds.

A bare number says its unit by its size. Any moment from 1990 to 2200 is, as a count since 1970,

    seconds        631,152,000              to  7,258,118,400               (10^8 .. 10^9)
    milliseconds   631,152,000,000          to  7,258,118,400,000           (10^11 .. 10^12)
    microseconds   631,152,000,000,000      to  7,258,118,400,000,000       (10^14 .. 10^15)
    nanoseconds    631,152,000,000,000,000  to  7,258,118,400,000,000,000   (10^17 .. 10^18)

Each range ends at 11.5 times its start and the next starts at 1000 times: they never overlap, and
a number between them is out of range. Text is held to the same years.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_DOWN, Context, Decimal
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.normalize.column import Fault, each, excerpt, integer_column, text_column
from llm_analytics_hub.normalize.number import read_number

UTC_MICROSECONDS: Final = pa.timestamp("us", "UTC")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST_SECONDS: Final = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp())
_LATEST_SECONDS: Final = int(datetime(2200, 1, 1, tzinfo=UTC).timestamp())
_MICROSECONDS: Final = 10**6
_EARLIEST: Final = _EARLIEST_SECONDS * _MICROSECONDS
_LATEST: Final = _LATEST_SECONDS * _MICROSECONDS
_OUT_OF_RANGE: Final = 0  # 1970, which is no moment that we accept
_TICKS_PER_SECOND: Final = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_EXACT: Final = Context(prec=128, rounding=ROUND_DOWN)

_RFC_3339: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ]([01][0-9]|2[0-3])(?::([0-5][0-9])(?::([0-5][0-9]|60)(?:\.([0-9]{1,18}))?)?)?"
    r" ?(?:[Zz]|UTC|GMT|([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9]))?)?)?"
)


def to_utc_microseconds(values: Sequence[object]) -> tuple[pa.Array, list[Fault]]:
    """Moments as timestamp('us', 'UTC'), and the rows that are none.

    Shapes: n raw values -> n moments, null where the value was null or faulty.
    Faults: see `parse_timestamp`.
    """
    column = _cast_text(values)
    if column is None:
        column = _cast_integers(values)
    if column is not None and _in_range(column):
        return column.cast(UTC_MICROSECONDS), []
    moments, faults = each(values, _moment_or_null)
    return pa.array(moments, pa.int64()).cast(UTC_MICROSECONDS), faults


def parse_timestamp(value: object) -> int:
    """The moment in microseconds since 1970, UTC; what is finer is cut off.

    Accepts: RFC 3339 with any offset and fraction, with a space for the T, without a zone (means
    UTC), with a trailing " UTC", without seconds or time; that text inside JSON quotes; counts of
    seconds, ms, µs or ns as number or text; date, datetime and Arrow timestamps. The leap second
    :60 is the first second of the next minute.
    Raises: InvalidInputError, code `invalid_timestamp`, or `timestamp_out_of_range` for a moment
    that is not in the years 1990 to 2199.
    Source: RFC 3339 section 5.6; the forms that platform modules really send.
    """
    moment = _parse(value)
    if moment is None:
        raise InvalidInputError(f"not a timestamp: {excerpt(value)}", code="invalid_timestamp")
    if not _EARLIEST <= moment < _LATEST:
        message = f"not in the years 1990 to 2199: {excerpt(value)}"
        raise InvalidInputError(message, code="timestamp_out_of_range")
    return moment


def shift(column: pa.Array, skew: timedelta) -> pa.Array:
    """The moments on our clock, for a source whose clock is `skew` ahead of it."""
    return pc.subtract_checked(column, pa.scalar(skew, pa.duration("us")))


def _cast_text(values: Sequence[object]) -> pa.Array | None:
    texts = text_column(values)
    if texts is None:
        return None
    for zone in ("UTC", None):  # Arrow reads a column with zones, or one without any
        with suppress(pa.ArrowInvalid):
            # It refuses digits finer than the unit, so read ns (years 1678-2261) and cut.
            moments = texts.cast(pa.timestamp("ns", zone))
            return moments.cast(pa.timestamp("us", zone), safe=False).cast(pa.int64())
    return None


def _cast_integers(values: Sequence[object]) -> pa.Array | None:
    counts = integer_column(values)
    if counts is None:
        return None
    ticks = counts.fill_null(0).to_numpy()
    moments = np.full_like(ticks, _OUT_OF_RANGE)
    for per_second in _TICKS_PER_SECOND.values():
        fits = (ticks >= _EARLIEST_SECONDS * per_second) & (ticks < _LATEST_SECONDS * per_second)
        finer = max(_MICROSECONDS // per_second, 1)
        coarser = max(per_second // _MICROSECONDS, 1)
        moments[fits] = ticks[fits] * finer // coarser
    return pa.array(moments, mask=counts.is_null().to_numpy(zero_copy_only=False))


def _in_range(moments: pa.Array) -> bool:
    known = moments.drop_null().to_numpy()
    return bool(((known >= _EARLIEST) & (known < _LATEST)).all())


def _moment_or_null(value: object) -> int | None:
    is_null = value is None or (isinstance(value, pa.Scalar) and not value.is_valid)
    return None if is_null else parse_timestamp(value)


def _parse(value: object) -> int | None:
    if isinstance(value, str):
        return _parse_text(value)
    if isinstance(value, pa.TimestampScalar):
        return int(value.value) * _MICROSECONDS // _TICKS_PER_SECOND[value.type.unit]
    if isinstance(value, date):
        return _from_calendar(value)
    number = read_number(value)
    return _from_count(number) if number is not None and number.is_finite() else None


def _parse_text(text: str) -> int | None:
    bare = text.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"':  # a JSON string inside a JSON string
        bare = bare[1:-1]
    parts = _RFC_3339.fullmatch(bare)
    if parts is not None:
        return _from_parts(*parts.groups())
    number = read_number(bare)
    return _from_count(number) if number is not None and number.is_finite() else None


def _from_parts(
    day: str,
    hour: str | None,
    minute: str | None,
    second: str | None,
    fraction: str | None,
    sign: str | None,
    offset_hours: str | None,
    offset_minutes: str | None,
) -> int | None:
    try:
        days = date.fromisoformat(day).toordinal() - _EPOCH.toordinal()
    except ValueError:  # a day that its month does not have
        return None
    offset = int(offset_hours or 0) * 3600 + int(offset_minutes or 0) * 60
    local = days * 86_400 + int(hour or 0) * 3600 + int(minute or 0) * 60 + int(second or 0)
    seconds = local + offset if sign == "-" else local - offset
    return seconds * _MICROSECONDS + int((fraction or "")[:6].ljust(6, "0"))


def _from_calendar(value: date) -> int:
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def _from_count(count: Decimal) -> int:
    for per_second in _TICKS_PER_SECOND.values():
        if _EARLIEST_SECONDS * per_second <= count < _LATEST_SECONDS * per_second:
            return int(_EXACT.divide(_EXACT.multiply(count, _MICROSECONDS), per_second))
    return _OUT_OF_RANGE
