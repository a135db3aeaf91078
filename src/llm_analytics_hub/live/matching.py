"""Which events of a batch pass: many filters on one batch, each comparison made once.

The meaning is that of `model/passing.py`, which stores follow, too. Texts are compared by their
distinct values, of which a batch has few; attributes are read once.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any as Anything
from typing import assert_never

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.catalogue import (
    ASSET_PREFIX,
    ATTRIBUTE_PREFIX,
    INGEST_LAG,
    NUMBER_FIELDS,
)
from llm_analytics_hub.model.passing import all_numbers, as_number, inside, of_number, of_text
from llm_analytics_hub.model.query import All, Any, Condition, Filter, Not, Op, fields_of

Mask = NDArray[np.bool_]

_COMPARE: Mapping[Op, Callable[[Anything, Anything], Mask]] = {
    Op.EQ: np.equal,
    Op.LT: np.less,
    Op.LE: np.less_equal,
    Op.GT: np.greater,
    Op.GE: np.greater_equal,
}


def check_live(wanted: Filter) -> Filter:
    """Pass a filter that can be told from an event alone. Raises: InvalidQueryError."""
    for name in sorted(fields_of(wanted)):
        if name.startswith(ASSET_PREFIX):
            raise InvalidQueryError(
                f"{name}: what the registry knows of an asset is joined when a question is asked; "
                "the live stream has the event alone: compare asset_id or asset_version"
            )
    return wanted


class LiveBatch:
    """A batch of stored events, looked at by many. For one thread."""

    def __init__(self, events: pa.RecordBatch) -> None:
        self.events = events
        self._made: dict[Condition, Mask] = {}
        self._texts: dict[str, tuple[list[str], NDArray[np.int32]]] = {}
        self._none = np.zeros(events.num_rows, dtype=np.bool_)
        self._every = np.ones(events.num_rows, dtype=np.bool_)

    def passing(self, wanted: Filter) -> Mask:
        """For each event whether it passes; not to be written to."""
        match wanted:
            case Condition():
                return self._condition(wanted)
            case All(parts):
                return self._all(parts)
            case Any(parts):
                found = self._none
                for part in parts:
                    found = found | self.passing(part)
                return found
            case Not(part):
                return ~self.passing(part)
            case _:
                assert_never(wanted)

    def rows_passing(self, wanted: Filter) -> list[int]:
        """The places of the events that pass, in order."""
        found = self.passing(wanted)
        return [] if found is self._none else np.flatnonzero(found).tolist()

    def text(self, name: str, row: int) -> str:
        """A field of one event as text, '' for unknown."""
        texts, places = self.texts(name)
        return texts[int(places[row])]

    def texts(self, name: str) -> tuple[list[str], NDArray[np.int32]]:
        """The distinct texts of a field, '' for unknown, and for each event the place of its own."""
        if name not in self._texts:
            if name.startswith(ATTRIBUTE_PREFIX):
                found = self._of_attributes(name.removeprefix(ATTRIBUTE_PREFIX))
            else:
                found = self.events[name].fill_null("")
            coded = pc.dictionary_encode(found)
            self._texts[name] = coded.dictionary.to_pylist(), coded.indices.to_numpy()
        return self._texts[name]

    def _all(self, parts: tuple[Filter, ...]) -> Mask:
        found = self._every
        for part in parts:
            one = self.passing(part)
            if one is self._none:
                return self._none
            found = one if found is self._every else found & one
        return found

    def _condition(self, wanted: Condition) -> Mask:
        if wanted not in self._made:
            self._made[wanted] = self._compared(wanted)
        return self._made[wanted]

    def _compared(self, wanted: Condition) -> Mask:
        if wanted.field in NUMBER_FIELDS:
            found = _numbers_pass(self._number(wanted.field), wanted)
        else:
            texts, places = self.texts(wanted.field)
            found = np.array([_passes(text, wanted) for text in texts], dtype=np.bool_)[places]
        return found if found.any() else self._none

    def _number(self, name: str) -> NDArray[np.float64]:
        """A field of numbers; NaN for unknown."""
        if name == INGEST_LAG:
            received, occurred = (
                self.events[column].cast(pa.int64()).to_numpy()
                for column in ("received_at", "occurred_at")
            )
            return np.asarray((received - occurred) / 1000)
        column = self.events[name].cast(pa.float64())
        return np.asarray(column.fill_null(np.nan).to_numpy(zero_copy_only=False))

    @cached_property
    def _attributes(self) -> list[Anything]:
        return [_decoded(text) for text in self.events["attributes"].to_pylist()]

    def _of_attributes(self, path: str) -> pa.Array:
        return pa.array([inside(one, path) for one in self._attributes], pa.string())


def _decoded(text: str | None) -> Anything:
    try:
        return msgspec.json.decode(text) if text else None
    except msgspec.DecodeError:
        return text  # numbers that no double holds: read by who is more patient


def _passes(text: str, wanted: Condition) -> bool:
    if wanted.field.startswith(ATTRIBUTE_PREFIX) and all_numbers(wanted.values):
        return of_number(as_number(text), wanted)
    return of_text(text, wanted)


def _numbers_pass(numbers: NDArray[np.float64], wanted: Condition) -> Mask:
    values = [float(value) for value in wanted.values]
    match wanted.op:
        case Op.EXISTS:
            found = ~np.isnan(numbers)
        case Op.IN:
            found = np.isin(numbers, values)
        case Op.NOT_IN:
            found = ~np.isin(numbers, values)
        case Op.NE:
            found = numbers != values[0]
        case _:
            found = _COMPARE[wanted.op](numbers, values[0])
    return np.asarray(found)
