"""Which row of a batch descends from which, a column at a time."""

import numpy as np
from numpy.typing import NDArray

from llm_analytics_hub.ingest.linking.span_keys import Keys

Rows = NDArray[np.intp]

NO_ROW = -1
_DOUBLINGS = 32  # enough for 4 billion generations; a cycle of parents ends here, too


def rows_of(wanted: Keys, keys: Keys) -> Rows:
    """The row where `keys` has each of `wanted`; NO_ROW where none has, and for the key 0."""
    if not len(keys):
        return np.full(len(wanted), NO_ROW)
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    places = np.searchsorted(ranked, wanted).clip(max=len(keys) - 1)
    return np.where((ranked[places] == wanted) & (wanted != 0), order[places], NO_ROW)


def tops_of(parents: Rows) -> Rows:
    """The ancestor of each row that has no parent; a row without parent is its own."""
    tops = np.where(parents == NO_ROW, np.arange(len(parents)), parents)
    for _ in range(_DOUBLINGS):
        further = tops[tops]
        if np.array_equal(further, tops):
            break
        tops = further
    return tops


def inherited(givers: Rows, parents: Rows) -> Rows:
    """The nearest of each row and its ancestors that is a giver.

    `givers` names each row that gives by itself, NO_ROW for the others.
    """
    ancestors = parents
    for _ in range(_DOUBLINGS):
        asking = np.flatnonzero((givers == NO_ROW) & (ancestors != NO_ROW))
        if not len(asking):
            break
        givers = givers.copy()
        givers[asking] = givers[ancestors[asking]]
        ancestors = np.where(ancestors == NO_ROW, NO_ROW, ancestors[ancestors])
    return givers
