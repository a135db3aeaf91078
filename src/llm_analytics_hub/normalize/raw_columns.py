"""Raw events turned on their side: rows to columns of Python values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import TypeAlias

import msgspec
import pyarrow as pa

from llm_analytics_hub.model.event import MEASURE_FIELDS, TEXT_FIELDS, TOKEN_FIELDS
from llm_analytics_hub.normalize.attributes import plain_attributes
from llm_analytics_hub.normalize.column import float_column, integer_column, text_column

Row = Mapping[str, object]
Column: TypeAlias = Sequence[object] | pa.Array
"""Values as they came; an Arrow array where all are text or fit numbers, attributes as JSON text."""


@dataclass(frozen=True)
class RawColumns:
    """Columns by name, how long they are, and whether a row has members that none of them holds."""

    columns: Mapping[str, Column]
    size: int
    has_others: bool

    def packed(self) -> "RawColumns":
        """The same with texts and attributes as Arrow arrays, where they are nothing else.

        To be done while the values are fresh in the processor's cache: later it costs twice.
        """
        columns = {name: _packed(name, column) for name, column in self.columns.items()}
        return RawColumns(columns, self.size, self.has_others)


def _packed(name: str, column: Column) -> Column:
    if isinstance(column, pa.Array):
        return column
    pack = _PACKERS.get(name)
    packed = None if pack is None else pack(column)
    return column if packed is None else packed


_PACKERS: Mapping[str, Callable[[Sequence[object]], pa.Array | None]] = {
    **dict.fromkeys(TEXT_FIELDS, text_column),
    **dict.fromkeys(MEASURE_FIELDS, float_column),
    **dict.fromkeys(TOKEN_FIELDS, integer_column),
    "occurred_at": lambda values: (
        text_column(values) if isinstance(values[0], str) else integer_column(values)
    ),
    "attributes": plain_attributes,
}


def joined(parts: Sequence[RawColumns]) -> RawColumns:
    """The rows of all parts, one after the other."""
    if len(parts) == 1:
        return parts[0]
    names = dict.fromkeys(chain.from_iterable(part.columns for part in parts))
    return RawColumns(
        {name: _joined([(part.columns.get(name), part.size) for part in parts]) for name in names},
        sum(part.size for part in parts),
        any(part.has_others for part in parts),
    )


def _joined(parts: Sequence[tuple[Column | None, int]]) -> Column:
    known = [column for column, _ in parts if column is not None]
    kinds = {column.type if isinstance(column, pa.Array) else None for column in known}
    kind = kinds.pop()
    if kind is not None and not kinds:
        return pa.concat_arrays(
            [pa.nulls(size, kind) if column is None else column for column, size in parts]
        )
    return list(chain.from_iterable(_values(column, size) for column, size in parts))


def _values(column: Column | None, size: int) -> Sequence[object]:
    return [None] * size if column is None else as_values(column)


def as_values(column: Column) -> Sequence[object]:
    """A column as Python values."""
    values: Sequence[object] = column.to_pylist() if isinstance(column, pa.Array) else column
    return values


def as_rows(columns: RawColumns) -> list[dict[str, object]]:
    """The rows that `columns` hold, without what is unknown; attributes as objects."""
    names = tuple(columns.columns)
    values = [_objects(name, columns.columns[name]) for name in names]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in zip(*values, strict=True)
    ]


def _objects(name: str, column: Column) -> Sequence[object]:
    values = as_values(column)
    if name != "attributes":
        return values
    return [msgspec.json.decode(text) if isinstance(text, str | bytes) else text for text in values]


def raw_columns(rows: Sequence[Row], wanted: frozenset[str]) -> RawColumns:
    """The values of every member of `wanted` that occurs, row by row; None where a row has it not.

    Made in one pass over the rows, so that each is read while it is in the processor's cache.
    Members nobody asked for get no column: senders may make up new ones for every row.
    """
    if not rows:
        return RawColumns({}, 0, False)
    names = tuple(rows[0])
    if len(names) > 1 and set(map(len, rows)) == {len(names)}:
        try:
            columns = _transposed(names, list(map(itemgetter(*names), rows)))
        except KeyError:
            return _gathered(rows, wanted)  # as many members, but others
        asked = {name: column for name, column in columns.items() if name in wanted}
        return RawColumns(asked, len(rows), len(asked) < len(names))
    return _gathered(rows, wanted)


def _gathered(rows: Sequence[Row], wanted: frozenset[str]) -> RawColumns:
    found = frozenset[str]().union(*rows)
    names = tuple(found & wanted)
    columns = _transposed(names, [tuple(map(row.get, names)) for row in rows])
    return RawColumns(columns, len(rows), not found <= wanted)


def _transposed(
    names: Sequence[str], rows: Sequence[Sequence[object]]
) -> dict[str, Sequence[object]]:
    return dict(zip(names, zip(*rows, strict=True), strict=True))
