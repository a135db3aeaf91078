"""Moments and names of reports as the modules' parsers want them.

All raise InvalidInputError, code `missing_zone`, for a moment that does not know its zone.
"""

from datetime import UTC, datetime

from llm_analytics_hub.errors import InvalidInputError


def in_utc(moment: datetime) -> str:
    """RFC 3339 with `Z`; a fraction only where there is one."""
    return _utc(moment).isoformat().replace("+00:00", "Z")


def in_milliseconds(moment: datetime) -> str:
    """The documents' form, three digits always: `2025-11-19T10:00:00.000Z`."""
    return _utc(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def time_range(start: datetime, end: datetime) -> dict[str, str]:
    """The documents' `timeRange`; `end` is the first moment that is not in it."""
    return {"start": in_milliseconds(start), "end": in_milliseconds(end)}


def report_id(prefix: str, end: datetime) -> str:
    """`rep-2025-11-19T10`: one id for each end of a period, so that a report sent again is the same."""
    name = _utc(end).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{prefix}-{name.removesuffix(':00').removesuffix(':00')}"


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise InvalidInputError(f"{moment} has no zone", code="missing_zone")
    return moment.astimezone(UTC)
