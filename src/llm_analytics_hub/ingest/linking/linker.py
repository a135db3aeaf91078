"""Keeps each model call counted once, in the batch being stored and among what is stored."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from llm_analytics_hub.ingest.linking.ancestry import Ancestry, Inheritance
from llm_analytics_hub.ingest.linking.call import Call
from llm_analytics_hub.ingest.linking.observation import Facts, Observation
from llm_analytics_hub.ingest.linking.observations import NOTES, Observations, call_rows
from llm_analytics_hub.ingest.linking.register import CallRegister
from llm_analytics_hub.ingest.linking.span_keys import span_keys
from llm_analytics_hub.model.event import (
    INFERENCE,
    OBSERVED,
    REVISED_FIELDS,
    REVISION_SCHEMA,
    TOKEN_FIELDS,
)
from llm_analytics_hub.normalize.cost import priced
from llm_analytics_hub.normalize.pricing import PriceBook

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBERS = frozenset({*TOKEN_FIELDS, "ttft_ms"})
_encode = msgspec.json.Encoder().encode


@dataclass
class Linked:
    """A batch whose calls are counted once, changes to stored events, and what was found in it."""

    events: pa.RecordBatch
    revisions: pa.RecordBatch | None
    found: Observations
    inheritance: Inheritance
    changes: Sequence["Change"] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """What becomes of one observation: whether it counts, its values, notes for its attributes."""

    one: Observation
    event_type: str
    held: Facts
    notes: dict[str, object]

    @property
    def is_due(self) -> bool:
        """Whether it is not so already."""
        one = self.one
        said = (one.event_type, one.held, one.same_as)
        return said != (self.event_type, self.held, self.same_as)

    @property
    def same_as(self) -> str:
        """The event that counts this call, empty where it is this one."""
        return str(self.notes.get("same_call_as", ""))


class Linker:
    """Links observations of one call, and spans to the user and session of their ancestors.

    Owned by one thread. A batch is linked, stored, and then `stored` or, if that failed,
    `withdrawn`.
    """

    def __init__(self, prices: PriceBook, *, remembered: int = 20_000) -> None:
        self._prices = prices
        self.remembered = remembered
        self._register = CallRegister(remembered)
        self._ancestry = Ancestry(remembered)

    def __len__(self) -> int:
        return len(self._register)

    def recall(self, events: pa.RecordBatch, revisions: Sequence[int]) -> None:
        """Learn what an earlier process stored, oldest first, with the revision of each event."""
        keys = span_keys(events)
        inheritance = self._ancestry.trace(events, keys)
        all_rows = np.arange(events.num_rows)
        found = Observations(events, all_rows, keys, call_rows(events), revisions)
        self._register.add(found)
        self._ancestry.keep(inheritance, found)

    def link(self, events: pa.RecordBatch) -> Linked:
        """`events` with repeated observations marked, and changes to events stored before."""
        keys = span_keys(events)
        inheritance = self._ancestry.trace(events, keys)
        events = inheritance.events
        are_calls = call_rows(events)
        rows = np.flatnonzero(are_calls | inheritance.are_heirs)
        found = Observations(events, rows, keys, are_calls)
        changes = [change for change in self._changes(found, inheritance) if change.is_due]
        if not changes:
            return Linked(events, None, found, inheritance)
        values = _values(changes, self._prices)
        here = [number for number, change in enumerate(changes) if change.one.row >= 0]
        there = [number for number, change in enumerate(changes) if change.one.row < 0]
        changed = _revised(events, changes, values, here) if here else events
        revisions = values.take(pa.array(there)) if there else None
        return Linked(changed, revisions, found, inheritance, changes)

    def stored(self, linked: Linked) -> None:
        """Note that a batch and its revisions are stored."""
        for change in linked.changes:
            one = change.one
            one.revision += one.row < 0
            one.event_type, one.held, one.same_as = change.event_type, change.held, change.same_as
        linked.found.is_stored = True
        self._ancestry.keep(linked.inheritance, linked.found)

    def withdrawn(self, linked: Linked) -> None:
        """Forget a batch that was not stored."""
        self._register.remove(linked.found)

    def _changes(self, found: Observations, inheritance: Inheritance) -> Iterator[Change]:
        calls = {id(call): call for call in self._register.add(found)}
        for one in inheritance.learners():
            if one.scope:
                call = self._register.call_of(one)
                calls[id(call)] = call
            else:
                yield Change(one, one.event_type, one.facts, {})
        for call in calls.values():
            yield from _changes(call)


def _changes(call: Call) -> Iterable[Change]:
    counted = call.counted()
    yield Change(counted, INFERENCE, call.facts(), {})
    for other in call.members:
        if other is not counted:
            yield _repeat(other, counted, call.reasons[other.event_id])


def _repeat(one: Observation, counted: Observation, reason: str) -> Change:
    own = {
        name: value
        for name, value in zip(REVISED_FIELDS, one.facts, strict=True)
        if name in _NUMBERS and value is not None
    }
    held = tuple(
        None if name in _NUMBERS else value
        for name, value in zip(REVISED_FIELDS, one.facts, strict=True)
    )
    notes: dict[str, object] = dict(zip(NOTES, (counted.event_id, reason, own), strict=True))
    return Change(one, OBSERVED, held, notes)


def _values(changes: Sequence[Change], prices: PriceBook) -> pa.RecordBatch:
    """The new values of each change, priced again: tokens may have come to a call."""
    facts = list(zip(*(change.held for change in changes), strict=True))
    columns: dict[str, pa.Array] = {
        name: pa.array(values, REVISION_SCHEMA.field(name).type)
        for name, values in zip(REVISED_FIELDS, facts, strict=True)
    }
    moments = [_EPOCH + timedelta(microseconds=change.one.times[0]) for change in changes]
    columns |= {
        "tenant": pa.array([change.one["tenant"] for change in changes]),
        "event_key": pa.array([change.one["event_key"] for change in changes], pa.uint64()),
        "revision": pa.array([change.one.revision for change in changes], pa.uint8()),
        "occurred_at": pa.array(moments, REVISION_SCHEMA.field("occurred_at").type),
        "event_type": pa.array([change.event_type for change in changes]),
        "notes": pa.array([_encode(change.notes).decode() for change in changes]),
    }
    columns |= _costs(columns, changes, prices)
    return pa.RecordBatch.from_arrays(
        [columns[name] for name in REVISION_SCHEMA.names], schema=REVISION_SCHEMA
    )


def _costs(
    columns: dict[str, pa.Array], changes: Sequence[Change], prices: PriceBook
) -> dict[str, pa.Array]:
    """The price of what counts now; what nobody links keeps the cost it came with."""
    linked = pa.array([bool(change.one.scope) for change in changes])
    computed = priced(columns, pc.equal(columns["event_type"], INFERENCE), prices)
    kept = {
        name: pa.array([change.one[name] for change in changes], column.type)
        for name, column in computed.items()
    }
    return {name: pc.if_else(linked, computed[name], kept[name]) for name in computed}


def _revised(
    events: pa.RecordBatch, changes: Sequence[Change], values: pa.RecordBatch, chosen: Sequence[int]
) -> pa.RecordBatch:
    """`events` with the chosen changes made to the rows they are about."""
    ordered = sorted(chosen, key=lambda number: changes[number].one.row)
    rows = [changes[number].one.row for number in ordered]
    taken = values.take(pa.array(ordered))
    concerned = [False] * events.num_rows
    for row in rows:
        concerned[row] = True
    mask = pa.array(concerned)
    columns = dict(zip(events.schema.names, events.columns, strict=True))
    for name in ("event_type", *REVISED_FIELDS, "cost_usd", "price_id"):
        columns[name] = pc.replace_with_mask(columns[name], mask, taken[name])
    texts = columns["attributes"].take(pa.array(rows)).to_pylist()
    noted = [
        _noted(text, changes[number].notes) for text, number in zip(texts, ordered, strict=True)
    ]
    columns["attributes"] = pc.replace_with_mask(columns["attributes"], mask, pa.array(noted))
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=events.schema)


def _noted(text: str, notes: dict[str, object]) -> str:
    if not notes:
        return text
    attributes: dict[str, Any] = msgspec.json.decode(text)
    return _encode(attributes | notes).decode()
