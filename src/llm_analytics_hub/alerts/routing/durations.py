"""Lengths of time as Alertmanager writes them: 30s, 5m, 1h30m, 2d."""

import re
from datetime import timedelta

from llm_analytics_hub.errors import InvalidInputError

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_PART = re.compile(r"(\d{1,9})(ms|s|m|h|d|w)")


def to_duration(text: str, least: timedelta, most: timedelta) -> timedelta:
    """The length of time in `text`. Raises: InvalidInputError for other words, too short, too long."""
    parts = _PART.findall(text)
    if text != "0" and (not parts or "".join(map("".join, parts)) != text):
        raise InvalidInputError(f"{text[:40]!r} is no duration: write 30s, 5m, 1h30m or 2d")
    seconds = sum(int(count) * _UNITS[unit] for count, unit in parts)
    if not least.total_seconds() <= seconds <= most.total_seconds():
        raise InvalidInputError(f"{text[:40]!r} is not between {shown(least)} and {shown(most)}")
    return timedelta(seconds=seconds)


def shown(span: timedelta) -> str:
    """A length of time in the words of `to_duration`."""
    left, text = round(span.total_seconds() * 1000), ""
    for unit, seconds in reversed(_UNITS.items()):
        count, left = divmod(left, round(seconds * 1000))
        text += f"{count}{unit}" if count else ""
    return text or "0s"
