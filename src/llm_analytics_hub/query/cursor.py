"""Cursors: the place where a page ended, as text that only the same list reads."""

import base64
from datetime import UTC, datetime, timedelta

from llm_analytics_hub.errors import InvalidQueryError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_cursor(moment: datetime, name: str) -> str:
    """The cursor of a place: a moment, and a name that orders what has the same one."""
    text = f"{(moment - _EPOCH) // _MICROSECOND}|{name}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def from_cursor(cursor: str) -> tuple[datetime, str]:
    """The place of a cursor. Raises: InvalidQueryError, code `invalid_cursor`."""
    try:
        text = base64.b64decode(cursor.encode(), b"-_", validate=True).decode()
        microseconds, _, name = text.partition("|")
        return _EPOCH + int(microseconds) * _MICROSECOND, name
    except (ValueError, OverflowError) as error:  # binascii.Error is a ValueError
        raise InvalidQueryError("the cursor is none of this list", code="invalid_cursor") from error
