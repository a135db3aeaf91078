"""User and session come down the trace: from the nearest ancestor that says them.

SDKs put them on the root or on one span, whose export often comes after those of its descendants.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from llm_analytics_hub.ingest.linking.descent import NO_ROW, Rows, inherited, rows_of, tops_of
from llm_analytics_hub.ingest.linking.observation import INHERITED, Observation
from llm_analytics_hub.ingest.linking.observations import Observations
from llm_analytics_hub.ingest.linking.span_keys import Keys, SpanKeys

Given = tuple[str | None, ...]
"""Values of INHERITED, None where no ancestor that is known says one."""

_NOTHING: Given = (None,) * len(INHERITED)


@dataclass(eq=False, slots=True)
class Line:
    """What comes down to some spans: what is given, and the ancestor not seen yet that may give more.

    `awaits` is that ancestor's key; `heirs` are stored events that would take what it gives.
    """

    given: Given
    awaits: int
    heirs: list[tuple[Observations, Sequence[int]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What a batch learns from ancestors, and what ancestors in it mean to those who waited.

    `spans` has what comes down to each span of the batch: all there is, or a line that waits for
    more; `heirs` the rows of each line that lack something; `news` the lines that some row goes
    on with, and what they become.
    """

    events: pa.RecordBatch
    spans: Mapping[int, Line | Given]
    heirs: Mapping[Line, Sequence[int]]
    news: Sequence[tuple[Line, Given, int]]

    @property
    def are_heirs(self) -> NDArray[np.bool_]:
        """Which rows may learn something yet."""
        chosen = np.zeros(self.events.num_rows, np.bool_)
        for rows in self.heirs.values():
            chosen[rows] = True
        return chosen

    def learners(self) -> Iterator[Observation]:
        """The stored events that may learn something, with what they know now."""
        for line, given, _ in self.news:
            for one in (batch.one(place) for batch, places in line.heirs for place in places):
                one.inherit(given)
                yield one


class Ancestry:
    """Remembers the latest spans, at least `remembered`, and who waits for which. Of one thread."""

    def __init__(self, remembered: int) -> None:
        self._remembered = remembered
        self._young, self._old = _Generation(), _Generation()

    def trace(self, events: pa.RecordBatch, keys: SpanKeys) -> Inheritance:
        """`events` with what their ancestors say; nothing is remembered yet."""
        if not (keys.own.any() or keys.parent.any()):
            return Inheritance(events, {}, {}, ())
        parents = rows_of(keys.parent, keys.own)
        awaited = np.where(parents == NO_ROW, keys.parent, 0)
        elders = self._elders(awaited)
        for row, (_, missing) in elders.items():
            awaited[row] = missing
        if elders:  # the ancestor that a known span waits for may be in this very batch
            parents = np.where(awaited != 0, rows_of(awaited, keys.own), parents)
            awaited[parents != NO_ROW] = 0
        filled = {name: _filled(events[name], parents, _gifts(elders, place))
                  for place, name in enumerate(INHERITED)}  # fmt: skip
        awaits = awaited[tops_of(parents)]
        return self._found(_with(events, filled), keys.own, awaits, filled)

    def keep(self, found: Inheritance, batch: Observations) -> None:
        """Remember what `trace` found, once it is stored; `batch` has the heirs among its rows."""
        if len(self._young.spans) >= self._remembered:
            self._young, self._old = _Generation(), self._young
        self._young.spans.update(found.spans)
        for line, given, awaits in found.news:
            self._forget(line)
            line.given, line.awaits = given, awaits
            self._wait(line)
        for line, rows in found.heirs.items():
            line.heirs.append((batch, np.searchsorted(batch.rows, rows).tolist()))
            self._wait(line)

    def _wait(self, line: Line) -> None:
        if line.awaits and None in line.given:
            self._young.waiting.setdefault(line.awaits, []).append(line)
        else:
            line.heirs.clear()

    def _forget(self, line: Line) -> None:
        for generation in (self._young, self._old):
            generation.waiting.pop(line.awaits, None)

    def _elders(self, awaited: Keys) -> dict[int, tuple[Given, int]]:
        """For the rows whose parent came before: what comes down to it, and what it waits for."""
        wanted = awaited.tolist()
        found: dict[int, tuple[Given, int]] = {}
        for spans in (self._old.spans, self._young.spans):
            if known := spans.keys() & wanted:
                rows = ((row, spans[key]) for row, key in enumerate(wanted) if key in known)
                found |= {row: _heritage(elder) for row, elder in rows}
        return found

    def _found(
        self, events: pa.RecordBatch, own: Keys, awaits: Keys, filled: Mapping[str, pa.Array]
    ) -> Inheritance:
        given = _rows(filled, len(own))
        lacking = np.flatnonzero((awaits != 0) & _with_gaps(filled))
        lines = _lines(given, awaits, lacking)
        down: list[Line | Given] = list(given)
        for line, rows in lines.items():
            for row in rows:
                down[row] = line
        names = own.tolist()
        spans = dict(zip(names, down, strict=True))
        spans.pop(0, None)
        return Inheritance(events, spans, lines, list(self._news(names, given, awaits)))

    def _news(
        self, names: list[int], given: Sequence[Given], awaits: Keys
    ) -> Iterator[tuple[Line, Given, int]]:
        for generation in (self._young, self._old):
            if found := generation.waiting.keys() & names:
                for row, name in enumerate(names):
                    for line in generation.waiting[name] if name in found else ():
                        yield line, _first(line.given, given[row]), int(awaits[row])


class _Generation:
    """Spans and who waits for which, by key."""

    def __init__(self) -> None:
        self.spans: dict[int, Line | Given] = {}
        self.waiting: dict[int, list[Line]] = {}


def _heritage(elder: Line | Given) -> tuple[Given, int]:
    return (elder.given, elder.awaits) if isinstance(elder, Line) else (elder, 0)


def _lines(given: Sequence[Given], awaits: Keys, rows: Rows) -> dict[Line, list[int]]:
    """The lines of the rows that lack something; rows to which the same comes down share one."""
    groups: dict[tuple[int, Given], list[int]] = {}
    for row, key in zip(rows.tolist(), awaits[rows].tolist(), strict=True):
        groups.setdefault((key, given[row]), []).append(row)
    return {Line(values, key): found for (key, values), found in groups.items()}


def _with_gaps(filled: Mapping[str, pa.Array]) -> NDArray[np.bool_]:
    nulls = [column.is_null().to_numpy(zero_copy_only=False) for column in filled.values()]
    gaps: NDArray[np.bool_] = np.any(nulls, axis=0)
    return gaps


def _rows(filled: Mapping[str, pa.Array], size: int) -> Sequence[Given]:
    if all(column.null_count == size for column in filled.values()):
        return [_NOTHING] * size
    return list(zip(*(column.to_pylist() for column in filled.values()), strict=True))


def _gifts(elders: Mapping[int, tuple[Given, int]], place: int) -> dict[int, str]:
    gifts = ((row, given[place]) for row, (given, _) in elders.items())
    return {row: value for row, value in gifts if value is not None}


def _filled(column: pa.Array, parents: Rows, gifts: Mapping[int, str]) -> pa.Array:
    """A column with its gaps filled from ancestors: those in the batch, or `gifts` to its rows."""
    size = len(column)
    known: NDArray[np.bool_] = column.is_valid().to_numpy(zero_copy_only=False)
    givers = np.where(known, np.arange(size), NO_ROW)
    lacking = {row: value for row, value in gifts.items() if not known[row]}
    givers[list(lacking)] = np.arange(size, size + len(lacking))
    if not len(lacking) and (column.null_count in (0, size)):
        return column
    chosen = _chosen(givers, parents, size + len(lacking))
    values = pa.concat_arrays([column, pa.array(lacking.values(), column.type)])
    return values.take(pa.array(chosen, mask=chosen == NO_ROW))


def _chosen(givers: Rows, parents: Rows, size: int) -> Rows:
    """The giver of each row, where some givers stand behind the rows."""
    found = inherited(np.where(givers == NO_ROW, NO_ROW, np.arange(len(givers))), parents)
    chosen: Rows = np.where(found == NO_ROW, NO_ROW, givers[found])
    return chosen


def _with(events: pa.RecordBatch, filled: Mapping[str, pa.Array]) -> pa.RecordBatch:
    for name, column in filled.items():
        if column is not events[name]:
            events = events.set_column(
                events.schema.get_field_index(name), events.schema.field(name), column
            )
    return events


def _first(one: Given, other: Given) -> Given:
    return tuple(
        mine if mine is not None else theirs for mine, theirs in zip(one, other, strict=True)
    )
