"""Number columns: measures and token counts, unknown as null, nonsense as fault."""

import math
from collections.abc import Sequence
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.event import MEASURE, TOKENS
from llm_analytics_hub.normalize.column import (
    Fault,
    each,
    excerpt,
    float_column,
    integer_column,
)
from llm_analytics_hub.normalize.number import read_number

MAX_TOKENS = 10**10
"""Most tokens of one event: its cost in picodollars still fits 64 bits at any price."""


def to_measures(values: Sequence[object], *, may_be_negative: bool) -> tuple[pa.Array, list[Fault]]:
    """Finite numbers. Faults: `not_a_number`, `not_finite`, `negative_value`."""
    column = float_column(values)
    if column is not None and _is_sound(column, may_be_negative):
        return column, []
    cleaned, faults = each(values, lambda value: _to_measure(value, may_be_negative))
    return pa.array(cleaned, MEASURE), faults


def _is_sound(column: pa.Array, may_be_negative: bool) -> bool:
    finite = pc.all(pc.is_finite(column)).as_py()
    return finite is not False and (may_be_negative or not (pc.min(column).as_py() or 0) < 0)


def _to_measure(value: object, may_be_negative: bool) -> float | None:
    number = _finite(value)
    if number is not None and number < 0 and not may_be_negative:
        raise InvalidInputError(f"{excerpt(value)} is negative", code="negative_value")
    measure = None if number is None else float(number)
    if measure is not None and not math.isfinite(measure):  # past the largest double
        raise InvalidInputError(f"{excerpt(value)} is not finite", code="not_finite")
    return measure


def to_token_counts(values: Sequence[object]) -> tuple[pa.Array, list[Fault]]:
    """Whole numbers from 0.

    Faults: as for measures, `negative_tokens`, and `invalid_tokens` for a part of a token or more
    than MAX_TOKENS.
    """
    column = integer_column(values)
    if column is not None and _in_bounds(column):
        return column.cast(TOKENS), []
    cleaned, faults = each(values, _to_tokens)
    return pa.array(cleaned, TOKENS), faults


def _in_bounds(column: pa.Array) -> bool:
    bounds = pc.min_max(column).as_py()
    return (bounds["min"] or 0) >= 0 and (bounds["max"] or 0) <= MAX_TOKENS


def _to_tokens(value: object) -> int | None:
    number = _finite(value)
    if number is None:
        return None
    if number < 0:
        raise InvalidInputError(f"{excerpt(value)} tokens", code="negative_tokens")
    if number != number.to_integral_value() or number > MAX_TOKENS:
        message = f"{excerpt(value)} is no whole number of at most {MAX_TOKENS} tokens"
        raise InvalidInputError(message, code="invalid_tokens")
    return int(number)


def _finite(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    number = read_number(value)
    if number is None:
        raise InvalidInputError(f"{excerpt(value)} is no number", code="not_a_number")
    if not number.is_finite():
        raise InvalidInputError(f"{excerpt(value)} is not finite", code="not_finite")
    return number
