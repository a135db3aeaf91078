"""Numbers as senders write them, read exactly: 0.1 is one tenth, not its nearest double."""

import re
from decimal import Decimal

# Bounded, so that no text is expensive to read; Python's own grammar would also take "1_000".
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_NOT_FINITE = re.compile(r"nan|[+-]?inf(?:inity)?", re.IGNORECASE | re.ASCII)
_LONGEST_TEXT = 64


def read_number(value: object) -> Decimal | None:
    """The number that `value` is or spells; None where it is none.

    Accepts: int, float (the decimal it prints as), Decimal, numeric text of up to 64 characters.
    A boolean is no number. NaN and infinities come back as such: ask `is_finite()`.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(float(value)))
    return _read_text(value) if isinstance(value, str) else None


def _read_text(text: str) -> Decimal | None:
    stripped = text.strip()
    if len(stripped) > _LONGEST_TEXT:
        return None
    spells_number = _NUMBER.fullmatch(stripped) or _NOT_FINITE.fullmatch(stripped)
    return Decimal(stripped) if spells_number else None
