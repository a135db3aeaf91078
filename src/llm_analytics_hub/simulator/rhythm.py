"""How busy the platform is: office hours in UTC, quieter at night and at weekends."""

from datetime import datetime, timedelta
from math import exp

HOUR = timedelta(hours=1)
NIGHT_LEVEL = 0.18
WEEKEND_LEVEL = 0.35
PEAKS = ((10.0, 2.2), (15.0, 2.6))  # (hour of the day, width in hours)


def activity(hour: datetime) -> float:
    """How busy the hour that begins at `hour` is, relative to others; never zero."""
    middle = hour.hour + 0.5
    office = sum(exp(-(((middle - peak) / width) ** 2)) for peak, width in PEAKS)
    is_weekend = hour.weekday() >= 5
    return (NIGHT_LEVEL + office) * (WEEKEND_LEVEL if is_weekend else 1.0)


def whole_hours(start: datetime, end: datetime) -> list[datetime]:
    """The beginnings of all hours that [start, end) touches, in order."""
    first = start.replace(minute=0, second=0, microsecond=0)
    count = -((first - end) // HOUR)
    return [first + index * HOUR for index in range(count)]


def shared_out(total: float, hours: list[datetime]) -> list[float]:
    """How much of `total` falls to each hour by its activity; the parts sum to `total`."""
    levels = [activity(hour) for hour in hours]
    scale = total / sum(levels) if levels else 0.0
    return [level * scale for level in levels]
