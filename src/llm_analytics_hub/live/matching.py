"""Which events of a batch pass: many filters on one batch, with the meaning of `model/passing.py`.

A batch is small and a filter leaves little of it, so events are looked at by their places: what one
condition lets through is all that the next one sees. Texts are compared by their distinct values.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any as Anything
from typing import assert_never

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.catalogue import (
    ASSET_PREFIX,
    ATTRIBUTE_PREFIX,
    INGEST_LAG,
    NUMBER_FIELDS,
)
from llm_analytics_hub.model.passing import all_numbers, as_number, inside, of_number, of_text
from llm_analytics_hub.model.query import All, Any, Condition, Filter, Not, Op, fields_of

Rows = Sequence[int]
"""Places of events in a batch, ascending."""

Test = Callable[["LiveBatch", Rows], Rows]
"""A filter made ready: those of some events of a batch that pass."""

_MANY_TEXTS = 4
"""Where there are so many times more texts than events to look at, only those events' are compared."""


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
        self.every: Rows = range(events.num_rows)
        self._texts: dict[str, tuple[list[str], list[int]]] = {}
        self._rows: dict[str, Mapping[str, Rows]] = {}
        self._numbers: dict[str, tuple[list[float | None], float, float]] = {}

    def rows_with(self, name: str, text: str) -> Rows:
        """The events whose field `name` is `text`."""
        if name not in self._rows:
            texts, places = self.texts(name)
            order = np.argsort(places, kind="stable")
            ends = np.cumsum(np.bincount(places, minlength=len(texts)))[:-1]
            parts = np.split(order, ends) if texts else []
            self._rows[name] = dict(zip(texts, (part.tolist() for part in parts), strict=True))
        return self._rows[name].get(text, ())

    def text(self, name: str, row: int) -> str:
        """A field of one event as text, '' for unknown."""
        texts, places = self.texts(name)
        return texts[places[row]]

    def texts(self, name: str) -> tuple[list[str], list[int]]:
        """The distinct texts of a field, '' for unknown, and for each event the place of its own."""
        if name not in self._texts:
            if name.startswith(ATTRIBUTE_PREFIX):
                found = self._of_attributes(name.removeprefix(ATTRIBUTE_PREFIX))
            else:
                found = self.events[name].fill_null("")
            coded = pc.dictionary_encode(found)
            self._texts[name] = coded.dictionary.to_pylist(), coded.indices.to_pylist()
        return self._texts[name]

    def numbers(self, name: str) -> tuple[list[float | None], float, float]:
        """A field of numbers, None for unknown; and the least and greatest of them."""
        if name not in self._numbers:
            found = self._number_column(name)
            ends = pc.min_max(found).as_py()
            least, greatest = ends["min"], ends["max"]
            if least is None:
                least, greatest = math.inf, -math.inf
            self._numbers[name] = found.to_pylist(), least, greatest
        return self._numbers[name]

    def _number_column(self, name: str) -> pa.Array:
        if name == INGEST_LAG:
            received, occurred = (
                self.events[column].cast(pa.int64()) for column in ("received_at", "occurred_at")
            )
            return pc.divide(pc.subtract(received, occurred).cast(pa.float64()), 1000.0)
        return self.events[name].cast(pa.float64())

    @cached_property
    def _attributes(self) -> list[Anything]:
        return [_decoded(text) for text in self.events["attributes"].to_pylist()]

    def _of_attributes(self, path: str) -> pa.Array:
        return pa.array([inside(one, path) for one in self._attributes], pa.string())


def compiled(wanted: Filter) -> Test:
    """A filter made ready for many batches."""
    match wanted:
        case Condition(field) if field in NUMBER_FIELDS:
            return _number_test(wanted)
        case Condition():
            return _text_test(wanted)
        case All(parts):
            return _all(tuple(map(compiled, parts)))
        case Any(parts):
            return _any(tuple(map(compiled, parts)))
        case Not(part):
            return _not(compiled(part))
        case _:
            assert_never(wanted)


def _all(tests: tuple[Test, ...]) -> Test:
    def passing(batch: LiveBatch, rows: Rows) -> Rows:
        for test in tests:
            rows = test(batch, rows)
            if not rows:
                break
        return rows

    return passing


def _any(tests: tuple[Test, ...]) -> Test:
    def passing(batch: LiveBatch, rows: Rows) -> Rows:
        found = {row for test in tests for row in test(batch, rows)}
        return [row for row in rows if row in found]

    return passing


def _not(test: Test) -> Test:
    def passing(batch: LiveBatch, rows: Rows) -> Rows:
        gone = set(test(batch, rows))
        return [row for row in rows if row not in gone]

    return passing


def _text_test(wanted: Condition) -> Test:
    name = wanted.field

    def passing(batch: LiveBatch, rows: Rows) -> Rows:
        texts, places = batch.texts(name)
        if len(texts) > _MANY_TEXTS * len(rows):
            return [row for row in rows if _passes(texts[places[row]], wanted)]
        passed = [_passes(text, wanted) for text in texts]
        return [row for row in rows if passed[places[row]]]

    return passing


def _passes(text: str, wanted: Condition) -> bool:
    if wanted.field.startswith(ATTRIBUTE_PREFIX) and all_numbers(wanted.values):
        return of_number(as_number(text), wanted)
    return of_text(text, wanted)


_MAY_PASS: Mapping[Op, Callable[[float, float, float], bool]] = {
    Op.EQ: lambda limit, least, greatest: least <= limit <= greatest,
    Op.LT: lambda limit, least, _: least < limit,
    Op.LE: lambda limit, least, _: least <= limit,
    Op.GT: lambda limit, _, greatest: greatest > limit,
    Op.GE: lambda limit, _, greatest: greatest >= limit,
}
"""Whether a number between the least and the greatest may pass."""


def _number_test(wanted: Condition) -> Test:
    name, may_pass = wanted.field, _MAY_PASS.get(wanted.op)
    limit = float(wanted.values[0]) if may_pass else 0.0

    def passing(batch: LiveBatch, rows: Rows) -> Rows:
        numbers, least, greatest = batch.numbers(name)
        if may_pass is not None and not may_pass(limit, least, greatest):
            return ()
        return [row for row in rows if of_number(numbers[row], wanted)]

    return passing


def _decoded(text: str | None) -> Anything:
    try:
        return msgspec.json.decode(text) if text else None
    except msgspec.DecodeError:
        return text  # numbers that no double holds: read by who is more patient
