"""A way to ask a question, and what it tells: the same value, whatever the door writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

Body = Mapping[str, Any]
Cell = None | str | int | float | Decimal | datetime


@dataclass(frozen=True)
class Told:
    """Rows as exact values; `columns` are (name, type, unit), or None where a door names no types."""

    rows: Sequence[tuple[Cell, ...]]
    columns: Sequence[tuple[str, str, str | None]] | None = None


class Door(Protocol):
    """One way to ask."""

    name: str

    def takes(self, body: Body) -> bool:
        """Whether the question can be said there."""
        ...

    def ask(self, tenant: str, body: Body) -> Told:
        """The answer. Raises: whatever the door raises for a question it refuses."""
        ...


def told_of_json(columns: Sequence[Body], rows: Sequence[Sequence[Any]]) -> Told:
    """What columns and rows of JSON tell; every value has the type of its column."""
    kinds = [column["type"] for column in columns]
    exact = [tuple(map(exactly, kinds, row)) for row in rows]
    return Told(exact, [(one["name"], one["type"], one.get("unit") or None) for one in columns])


def exactly(kind: str, value: Any) -> Cell:
    """A value of JSON, read with Decimal for its numbers, as its column's type says."""
    if value is None:
        return None
    match kind:
        case "timestamp":
            return datetime.fromisoformat(value).astimezone(UTC)
        case "decimal":
            assert isinstance(value, int | Decimal), value
            return Decimal(value)
        case "integer":
            assert isinstance(value, int), value
            return value
        case "number":
            assert isinstance(value, int | float | Decimal), value
            return float(value)
    assert isinstance(value, str), value
    return value


def from_text(kind: str, text: str) -> Cell:
    """A value of CSV; empty is unknown."""
    if not text:
        return None
    read = {"decimal": Decimal, "integer": int, "number": float}.get(kind)
    return read(text) if read else exactly(kind, text)
