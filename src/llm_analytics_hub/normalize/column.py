"""What every normalising step shares: faults, and the way from Python lists to Arrow columns."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import TypeVar

import pyarrow as pa

from llm_analytics_hub.errors import InvalidInputError

Raw = TypeVar("Raw")
Clean = TypeVar("Clean")

_EXCERPT_LENGTH = 40
_EXCERPT_BITS = 128  # printing a huge integer is slow, and past 4300 digits an error


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one row of a column was refused; the row itself is null in the column."""

    row: int
    code: str
    message: str


def each(
    rows: Iterable[Raw], step: Callable[[Raw], Clean | None]
) -> tuple[list[Clean | None], list[Fault]]:
    """Every row through `step`: its value, or None and a fault where the step refused it.

    The slow path of every column: one bad value never costs its neighbours.
    """
    if isinstance(rows, pa.Array):
        rows = rows.to_pylist()
    cleaned: list[Clean | None] = []
    faults: list[Fault] = []
    for index, row in enumerate(rows):
        try:
            cleaned.append(step(row))
        except InvalidInputError as error:
            cleaned.append(None)
            faults.append(Fault(index, error.code, error.message))
    return cleaned, faults


def text_column(values: Sequence[object]) -> pa.Array | None:
    """An Arrow string column, or None where a value is neither UTF-8 text nor null."""
    if isinstance(values, pa.Array):
        return values
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid, UnicodeEncodeError):
        return None  # JSON may carry half of a surrogate pair, and anything in place of text


def integer_column(values: Sequence[object]) -> pa.Array | None:
    """An int64 column, or None where a value is no integer of 64 bits and not null."""
    if isinstance(values, pa.Array):
        return values if pa.types.is_int64(values.type) else None
    if not set(map(type, values)) <= {int, NoneType}:
        return None
    try:
        return pa.array(values, pa.int64())
    except (OverflowError, pa.ArrowInvalid):
        return None


def float_column(values: Sequence[object]) -> pa.Array | None:
    """A float64 column, or None where a value is no number, not null, or would lose digits."""
    if isinstance(values, pa.Array):
        return values if pa.types.is_float64(values.type) else None
    if not set(map(type, values)) <= {int, float, NoneType}:
        return None
    try:
        return pa.array(values, pa.float64())
    except (OverflowError, pa.ArrowInvalid):
        return None


def excerpt(value: object) -> str:
    """A short description of a raw value for a message, whatever its size."""
    if isinstance(value, str):
        return ascii(value[:_EXCERPT_LENGTH])
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)  # as its sender wrote it, for JSON has no two kinds of numbers
    is_short = not isinstance(value, int) or value.bit_length() <= _EXCERPT_BITS
    if value is None or (isinstance(value, int | float) and is_short):
        return repr(value)
    return f"a value of type {type(value).__name__}"
