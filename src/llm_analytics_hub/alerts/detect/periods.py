"""Calendar periods of budgets: when they began and end in a time zone, and what they are called."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.buckets import bucket_start, next_bucket

BUCKET_OF = {"day": "hour", "week": "day", "month": "day", "quarter": "week", "year": "month"}
"""The periods there are, and the buckets whose pace tells how they go on."""

_MONTHS = {"quarter": 3, "year": 12}


@dataclass(frozen=True)
class Period:
    """From `start` to `end`, in UTC; its name is as short as it is clear: `2026-11`, `2026-W47`."""

    name: str
    start: datetime
    end: datetime

    def share(self, at: datetime) -> float:
        """How much of it went by."""
        return (at - self.start) / (self.end - self.start)


def period_of(at: datetime, unit: str, time_zone: str) -> Period:
    """The period of that moment. Raises: InvalidInputError for a unit that is none."""
    if unit not in BUCKET_OF:
        raise InvalidInputError(f"no period {unit[:40]!r}; there are {', '.join(BUCKET_OF)}")
    start, end = _span(at, unit, time_zone)
    return Period(_name(start.astimezone(ZoneInfo(time_zone)), unit), start, end)


def _span(at: datetime, unit: str, time_zone: str) -> tuple[datetime, datetime]:
    if unit not in _MONTHS:
        start = bucket_start(at, unit, time_zone)
        return start, next_bucket(start, unit, time_zone)
    months = _MONTHS[unit]
    local = bucket_start(at, "month", time_zone).astimezone(ZoneInfo(time_zone))
    first = local.replace(month=local.month - (local.month - 1) % months)
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    after = first.replace(year=year, month=month + 1)
    return first.astimezone(UTC), after.astimezone(UTC)


def _name(start: datetime, unit: str) -> str:
    match unit:
        case "day":
            return start.strftime("%Y-%m-%d")
        case "week":
            return start.strftime("%G-W%V")
        case "month":
            return start.strftime("%Y-%m")
        case "quarter":
            return f"{start.year}-Q{(start.month + 2) // 3}"
        case _:
            return f"{start.year}"
