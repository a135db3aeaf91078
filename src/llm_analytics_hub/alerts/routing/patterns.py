"""Patterns of matchers: only those that no value makes slow.

Python's engine goes back and tries again, so a pattern such as `(a+)+` may take years. The ways it can
try are bounded here, in the pattern, and in the length of what is compared.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined]  # the one parser that reads as the engine does
from typing import Any

from llm_analytics_hub.errors import InvalidInputError

LONGEST_PATTERN = 200
COMPARED = 256
"""Patterns see so many characters of a value."""

_MOST_OPEN, _MOST_CHOICES = 3, 6
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")
_KNOWN = {
    "LITERAL", "NOT_LITERAL", "ANY", "IN", "AT", "BRANCH", "SUBPATTERN", *_REPEATS,
}  # fmt: skip

Ways = tuple[int, int]
"""How many open repeats (`*`, `{2,}`) follow each other, and how many small choices (`?`, `|`)."""


@lru_cache(maxsize=1000)
def to_pattern(text: str) -> re.Pattern[str]:
    """The pattern in `text`. Raises: InvalidInputError if it is none, or may be slow."""
    if len(text) > LONGEST_PATTERN:
        raise InvalidInputError(f"the pattern is longer than {LONGEST_PATTERN} characters")
    try:
        open_repeats, choices = _ways(_parser.parse(text))
        pattern = re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise InvalidInputError(f"{text[:60]!r} is no pattern: {error}") from error
    if open_repeats > _MOST_OPEN or choices > _MOST_CHOICES:
        raise InvalidInputError(
            f"{text[:60]!r} may be slow: at most {_MOST_OPEN} repeats and {_MOST_CHOICES} choices "
            "may follow each other; use several matchers"
        )
    return pattern


def _ways(items: Iterable[tuple[Any, Any]]) -> Ways:
    """The ways of items one after the other."""
    each = [_ways_of(str(op), value) for op, value in items]
    return sum(way[0] for way in each), sum(way[1] for way in each)


def _ways_of(op: str, value: Any) -> Ways:
    if op not in _KNOWN:
        raise InvalidInputError("patterns may not look ahead, look behind or refer to groups")
    if op in _REPEATS:
        return _ways_of_repeat(*value)
    if op == "BRANCH":
        each = [_ways(branch) for branch in value[1]]
        return max(way[0] for way in each), max(way[1] for way in each) + 1
    return _ways(value[-1]) if op == "SUBPATTERN" else (0, 0)


def _ways_of_repeat(least: int, most: int, body: Iterable[tuple[Any, Any]]) -> Ways:
    open_repeats, choices = _ways(body)
    if most <= 1:
        return open_repeats, choices + (least != most)
    if open_repeats or choices:
        raise InvalidInputError("a pattern may not repeat what has repeats or choices itself")
    return (1, 0) if least != most else (0, 0)
