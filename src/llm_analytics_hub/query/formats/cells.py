"""Columns as text, exactly: what CSV, JSON lines and workbooks share."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_ISO = "%Y-%m-%dT%H:%M:%SZ"


def texts(column: pa.Array) -> pa.Array:
    """The values as text; unknown stays null.

    Decimals have all their digits and no trailing zeros or exponent, times are ISO 8601 in UTC
    with the digits of their unit, doubles the fewest digits that read back as the same number.
    """
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_decimal(kind):
        return _decimals(column)
    if pa.types.is_timestamp(kind):
        return pc.strftime(column.cast(pa.timestamp(kind.unit)), format=_ISO)
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return pa.array([None if v is None else _json(v) for v in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def plain_text(value: Decimal) -> str:
    """A decimal without trailing zeros and exponent."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def replaced(column: pa.Array, mask: pa.Array, change: Callable[[Any], str]) -> pa.Array:
    """`column` with `change` applied where `mask` is true."""
    if not pc.any(mask).as_py():
        return column
    chosen = pc.fill_null(mask, False)
    changed = [change(value) for value in column.filter(chosen).to_pylist()]
    return pc.replace_with_mask(column, chosen, pa.array(changed, column.type))


def lines_to_bytes(lines: pa.Array, rows: int) -> bytes:
    """The texts one after the other, as UTF-8; there must be one for each row."""
    assert len(lines) == rows and not lines.null_count  # noqa: S101, PT018 - no row may be lost
    _, offsets, data = lines.buffers()
    ends = np.frombuffer(offsets, np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return bytes(memoryview(data)[ends[0] : ends[-1]]) if data is not None else b""


def _decimals(column: pa.Array) -> pa.Array:
    text = column.cast(pa.string())
    if column.type.scale <= 0:
        return text
    # Arrow writes small numbers, and every zero, with an exponent.
    has_exponent = pc.match_substring(text, "E")
    short = pc.utf8_rtrim(pc.utf8_rtrim(text, "0"), ".")
    text = pc.if_else(has_exponent, text, short)
    zero = pa.scalar(Decimal(0), column.type)
    text = pc.if_else(pc.equal(column, zero), "0", text)
    return replaced(text, pc.match_substring(text, "E"), lambda found: plain_text(Decimal(found)))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
