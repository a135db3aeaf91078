"""Which dead letters a request means: ids, filters, all; and the cursor of their list."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from llm_analytics_hub.errors import InvalidInputError, InvalidQueryError, NotFoundError
from llm_analytics_hub.model.letter import LetterFilter, LetterPlace
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.ranges import to_moment

MAX_IDS = 10_000
_EARLIEST, _LATEST = "1990-01-01", "2199-12-31"

_Id = Annotated[str, StringConstraints(max_length=64)]
_Text = Annotated[str | None, Field(min_length=1, max_length=200)]


@dataclass(frozen=True)
class LetterParameters:
    """What the list of letters is cut by, as query parameters."""

    source: Annotated[_Text, Query(description="who sent it, as the list says")] = None
    door: Annotated[_Text, Query(description="where it came in, such as events or otlp")] = None
    code: Annotated[_Text, Query(description="why it was refused")] = None
    contains: Annotated[_Text, Query(description="text in the message, case matters")] = None
    start: Annotated[_Text, Query(alias="from", description="received then or later")] = None
    end: Annotated[_Text, Query(alias="to", description="received before")] = None
    cursor: Annotated[_Text, Query(description="next_cursor of the page before")] = None


class LettersBody(BaseModel):
    """Which letters: these ids, those that meet every filter, or all."""

    model_config = ConfigDict(extra="forbid")
    ids: list[_Id] = Field(default=[], max_length=MAX_IDS)
    all: bool = Field(False, description="every letter of the tenant")
    source: _Text = None
    door: _Text = None
    code: _Text = None
    contains: _Text = Field(None, description="text in the message, case matters")
    start: _Text = Field(None, alias="from", description="received then or later")
    end: _Text = Field(None, alias="to", description="received before")


class ReplayBody(LettersBody):
    """Which letters are offered again, and whether in earnest."""

    dry_run: bool = Field(False, description="say what would become of them, change nothing")
    cursor: _Text = Field(None, description="next_cursor of the call before")


def letter_filter(asked: LetterParameters | LettersBody) -> LetterFilter:
    """What `asked` says of letters. Raises: InvalidInputError, InvalidQueryError."""
    cursor = getattr(asked, "cursor", None)
    return LetterFilter(
        asked.source,
        asked.door,
        asked.code,
        asked.contains,
        _received(asked.start, asked.end),
        from_cursor(cursor) if cursor else None,
    )


def chosen(body: LettersBody) -> tuple[Sequence[str], LetterFilter]:
    """The ids asked for, none for all, and the filter. Raises: NotFoundError if nothing is asked for."""
    filters = body.model_dump(exclude={"ids", "all", "dry_run", "cursor"}, exclude_none=True)
    if not (body.ids or body.all or filters):
        message = (
            'name the letters: {"ids": ["…"]}, filters such as {"code": "…"}, or {"all": true}'
        )
        raise NotFoundError(message)
    return body.ids, letter_filter(body)


def to_cursor(place: LetterPlace) -> str:
    """The place as a text that goes through a URL."""
    return base64.urlsafe_b64encode(f"{place[0].isoformat()}|{place[1]}".encode()).decode()


def from_cursor(cursor: str) -> LetterPlace:
    """The place in a cursor. Raises: InvalidQueryError for a text that is none."""
    try:
        moment, letter_id = base64.urlsafe_b64decode(cursor.encode()).decode().split("|", 1)
        return to_moment(moment), letter_id
    except (ValueError, InvalidQueryError) as error:  # binascii.Error is a ValueError
        message = (
            "the cursor is none of this list: take next_cursor of the answer before, unchanged"
        )
        raise InvalidQueryError(message, code="invalid_cursor") from error


def place_of(letter: dict[str, Any]) -> LetterPlace:
    """Where a letter of a page stands."""
    return datetime.fromisoformat(letter["received_at"]), letter["letter_id"]


def _received(start: str | None, end: str | None) -> TimeRange | None:
    if start is None and end is None:
        return None
    time = TimeRange(to_moment(start or _EARLIEST), to_moment(end or _LATEST))
    if time.start >= time.end:
        raise InvalidInputError("from is not before to", code="invalid_time_range")
    return time
