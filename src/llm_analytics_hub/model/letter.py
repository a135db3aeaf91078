"""Which dead letters: what they have in common, as a value."""

from dataclasses import dataclass
from datetime import datetime

from llm_analytics_hub.model.query import TimeRange

LetterPlace = tuple[datetime, str]
"""Where a letter stands in the list, newest first: when it was received, and its id."""


@dataclass(frozen=True)
class LetterFilter:
    """Dead letters that meet every condition; None is no condition.

    `contains` is a text in the message, upper and lower case told apart; `received` when the letter
    was received; `before` the place of the last letter seen: only those listed after it are meant.
    """

    source: str | None = None
    door: str | None = None
    code: str | None = None
    contains: str | None = None
    received: TimeRange | None = None
    before: LetterPlace | None = None


ANY_LETTER = LetterFilter()
