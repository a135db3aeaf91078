"""Raw events turned on their side: rows to columns of Python values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

Row = Mapping[str, object]
Column = Sequence[object]


@dataclass(frozen=True)
class RawColumns:
    """Columns by name, and whether a row has members that none of them holds."""

    columns: dict[str, Column]
    has_others: bool


def raw_columns(rows: Sequence[Row], wanted: frozenset[str]) -> RawColumns:
    """The values of every member of `wanted` that occurs, row by row; None where a row has it not.

    Made in one pass over the rows, so that each is read while it is in the processor's cache.
    Members nobody asked for get no column: senders may make up new ones for every row.
    """
    if not rows:
        return RawColumns({}, False)
    names = tuple(rows[0])
    if len(names) > 1 and set(map(len, rows)) == {len(names)}:
        try:
            columns = _transposed(names, list(map(itemgetter(*names), rows)))
        except KeyError:
            return _gathered(rows, wanted)  # as many members, but others
        asked = {name: column for name, column in columns.items() if name in wanted}
        return RawColumns(asked, len(asked) < len(names))
    return _gathered(rows, wanted)


def _gathered(rows: Sequence[Row], wanted: frozenset[str]) -> RawColumns:
    found = frozenset[str]().union(*rows)
    names = tuple(found & wanted)
    columns = _transposed(names, [tuple(map(row.get, names)) for row in rows])
    return RawColumns(columns, not found <= wanted)


def _transposed(names: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, Column]:
    return dict(zip(names, zip(*rows, strict=True), strict=True))
