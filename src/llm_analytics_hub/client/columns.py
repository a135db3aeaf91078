"""Columns of an answer, and the Python types of their values."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

_PYTHON: Mapping[str, Any] = {
    "timestamp": datetime | None,
    "string": str | None,
    "integer": int | None,
    "number": float | None,
    "decimal": Decimal | None,
}


class Column(msgspec.Struct, frozen=True):
    """A column of an answer: timestamp, string, integer, number or decimal, and its unit."""

    name: str
    type: str
    unit: str | None = None


def python_type(column: Column) -> Any:
    """What its values are in Python; anything for a type that a newer hub has."""
    return _PYTHON.get(column.type, Any)
