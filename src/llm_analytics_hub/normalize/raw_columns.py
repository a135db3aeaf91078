"""Raw events turned on their side: rows to columns of Python values."""

from collections.abc import Mapping, Sequence
from operator import itemgetter

Row = Mapping[str, object]
Column = Sequence[object]


def raw_columns(rows: Sequence[Row]) -> dict[str, Column]:
    """The values of every member that occurs, row by row; None where a row has it not.

    Made in one pass over the rows, so that each is read while it is in the processor's cache.
    """
    if not rows:
        return {}
    names = tuple(rows[0])
    if len(names) > 1 and set(map(len, rows)) == {len(names)}:
        try:
            return _transposed(names, list(map(itemgetter(*names), rows)))
        except KeyError:
            pass  # as many members, but others
    return _gathered(rows)


def _gathered(rows: Sequence[Row]) -> dict[str, Column]:
    names = tuple(frozenset().union(*rows))
    return _transposed(names, [tuple(map(row.get, names)) for row in rows])


def _transposed(names: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, Column]:
    return dict(zip(names, zip(*rows, strict=True), strict=True))
