"""What of a raw event has no column: members without a field, words without a meaning, notes."""

from collections.abc import Callable, Collection, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from llm_analytics_hub.normalize.raw_columns import Column, as_values

Notes = dict[int, dict[str, object]]
"""What is to be said of some rows beside their attributes, by row."""

_FALLBACKS: Mapping[str, str] = {"severity": "unknown", "status": "unset"}


def others_of(
    rows: Sequence[Mapping[str, object]], known: Collection[str], notes: Sequence[Notes]
) -> list[dict[str, object]]:
    """The members of each row that are not `known`, and what the notes say of it."""
    others = [
        {name: value for name, value in row.items() if name not in known and value is not None}
        for row in rows
    ]
    for said in notes:
        for row, words in said.items():
            others[row] |= words
    return others


def unread_words(
    names: Collection[str], raw: Callable[[str], Column], columns: Mapping[str, pa.Array]
) -> Notes:
    """Severities and statuses that no vocabulary has, by row: kept beside the fallback."""
    found: Notes = {}
    for name, fallback in _FALLBACKS.items():
        if name in names:
            values = as_values(raw(name))
            for row in pc.indices_nonzero(pc.equal(columns[name], fallback)).to_pylist():
                if values[row] != fallback:
                    found.setdefault(row, {})[f"original_{name}"] = values[row]
    return found
