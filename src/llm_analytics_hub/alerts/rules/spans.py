"""Spans of time in rules: 30s, 5m, 1h, 7d."""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

from llm_analytics_hub.alerts.rules.faults import told
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.query.ranges import to_span

MINUTE = timedelta(minutes=1)
ZERO = timedelta(0)
LONGEST = timedelta(days=90)
_NOTHING = frozenset({"0", "0s", "0m", "0min", "0h", "0d"})
_WORDS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
BUCKETS = {"1m": "minute", "5m": "5m", "15m": "15m", "1h": "hour", "1d": "day"}
"""Spans that are buckets of questions, by how they are written."""


def span_text(span: timedelta) -> str:
    """A span of whole seconds in its longest unit."""
    seconds = round(span.total_seconds())
    word, size = next((word, size) for word, size in _WORDS if seconds % size == 0)
    return f"{seconds // size}{word}" if seconds else "0s"


def duration(given: object) -> timedelta:
    """A span, nothing included, of at most 90 days. Raises: InvalidInputError."""
    if isinstance(given, timedelta):
        return given  # a form's own default: JSON has none
    if given == 0 and not isinstance(given, bool):
        return ZERO
    if not isinstance(given, str):
        raise InvalidInputError(f"{given!r:.40} is no span: write 30s, 5m, 1h or 7d")
    if given in _NOTHING:
        return ZERO
    span = to_span(given)
    if span > LONGEST:
        raise InvalidInputError(f"{given} is too long: {LONGEST.days} days is the most")
    return span


def minutes(given: object) -> timedelta:
    """A span of whole minutes, at least one. Raises: InvalidInputError."""
    span = duration(given)
    if span < MINUTE or span % MINUTE:
        raise InvalidInputError(f"{given!r:.40} is not whole minutes: write 1m, 5m, 1h or 7d")
    return span


def bucket(given: object) -> timedelta:
    """A span that is a bucket of questions. Raises: InvalidInputError."""
    span = minutes(given)
    if span_text(span) not in BUCKETS:
        raise InvalidInputError(f"{given!r:.40} is no bucket; there are {', '.join(BUCKETS)}")
    return span


Duration = Annotated[timedelta, BeforeValidator(told(duration))]
Minutes = Annotated[timedelta, BeforeValidator(told(minutes))]
Bucket = Annotated[timedelta, BeforeValidator(told(bucket))]
