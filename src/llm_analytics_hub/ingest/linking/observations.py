"""The events of a batch that may be linked or learn something later, as columns."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from llm_analytics_hub.ingest.linking.observation import Observation
from llm_analytics_hub.ingest.linking.span_keys import Keys, SpanKeys
from llm_analytics_hub.model.event import INFERENCE, OBSERVED, REVISED_FIELDS

NOTES = ("same_call_as", "same_call_by", "observed")
"""Attributes of an observation that another event counts: that event, the rule, its own numbers."""

_PRIMES = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)  # spread two counts over 64 bits
_SMALL = 64
_KEPT = ("tenant", "event_key", "event_id", "event_type", "service", "occurred_at", "latency_ms",
         "cost_usd", "price_id", *REVISED_FIELDS)  # fmt: skip

Columns = Mapping[str, Any]
"""Arrow arrays, or lists where the batch was small: an array costs as much as a hundred values."""

_serials = count(step=2**32)  # a batch has fewer rows than that


class _Marks(msgspec.Struct):
    """The attributes that say who observed what."""

    scope: str = ""
    response_id: str | None = msgspec.field(name="gen_ai.response.id", default=None)
    observed: dict[str, object] | None = None
    same_call_as: str = ""


_NONE = _Marks()
_decode = msgspec.json.Decoder(_Marks).decode


class Observations:
    """Some events of a batch by place; each an `Observation`, made when it is asked for.

    `rows` are their rows in the batch, of which `are_calls` says which may be linked; `spans`, `parents`, `responses` and `tokens` the hashes they
    are found by. Those with a scope are model calls that an instrumentation told of.
    """

    def __init__(
        self,
        events: pa.RecordBatch,
        rows: NDArray[np.intp],
        keys: SpanKeys,
        are_calls: NDArray[np.bool_],
        revisions: Sequence[int] | None = None,
    ) -> None:
        self.base = next(_serials)
        self.rows: Sequence[int] = rows.tolist()
        self.is_stored = revisions is not None
        self.revisions: Sequence[int] | None = (
            None if revisions is None else [revisions[row] for row in self.rows]
        )
        chosen = events if len(rows) == events.num_rows else events.take(pa.array(rows))
        self._columns = _kept(chosen)
        self._notes: dict[int, _Marks] = {}
        self._made: dict[int, Observation] = {}
        self.spans, self.parents = keys.own[rows], keys.parent[rows]
        self.tokens = _tokens(chosen) + _failures(chosen, self.parents)
        self.scopes: Sequence[str]
        self.responses: Sequence[int]
        self.scopes, self.responses = self._read_marks(chosen, are_calls[rows])

    def __len__(self) -> int:
        return len(self.rows)

    def one(self, place: int) -> Observation:
        """The observation at `place`, the same object each time."""
        if place not in self._made:
            self._made[place] = Observation(self, place)
        return self._made[place]

    def value(self, name: str, place: int) -> Any:
        """A value of an event, as it was when the batch came."""
        value = self._columns[name][place]
        return value.as_py() if isinstance(value, pa.Scalar) else value

    def observed(self, place: int) -> Mapping[str, object]:
        """The numbers an event had before another one counted its call."""
        return self._notes.get(place, _NONE).observed or {}

    def same_as(self, place: int) -> str:
        """The event that counted the call of this one when the batch came, else empty."""
        return self._notes.get(place, _NONE).same_call_as

    def _read_marks(
        self, events: pa.RecordBatch, are_calls: NDArray[np.bool_]
    ) -> tuple[list[str], list[int]]:
        scopes, responses = [""] * len(self), [0] * len(self)
        texts = events["attributes"].cast(pa.binary()).to_pylist()
        for place in np.flatnonzero(are_calls).tolist():
            marks = _marks(texts[place])
            scopes[place] = marks.scope
            if marks.scope and marks.response_id:
                responses[place] = hash(marks.response_id)
            if marks.observed or marks.same_call_as:
                self._notes[place] = marks
                self.tokens[place] = _own_tokens(marks.observed or {})
        return scopes, responses


def call_rows(events: pa.RecordBatch) -> NDArray[np.bool_]:
    """Which events are model calls that came with an instrumentation's scope."""
    is_call = pc.is_in(events["event_type"], pa.array([INFERENCE, OBSERVED]))
    has_scope = pc.match_substring(events["attributes"], '"scope":').fill_null(fill_value=False)
    chosen: NDArray[np.bool_] = pc.and_(is_call, has_scope).to_numpy(zero_copy_only=False)
    return chosen


def _kept(events: pa.RecordBatch) -> Columns:
    columns = {name: events[name] for name in _KEPT}
    columns["occurred_at"] = columns["occurred_at"].cast(pa.int64())
    if events.num_rows < _SMALL:
        return {name: column.to_pylist() for name, column in columns.items()}
    return columns


def _marks(text: bytes) -> _Marks:
    try:
        return _decode(text)
    except msgspec.MsgspecError:  # a sender's own attribute of that name, of another type
        return _NONE


def _tokens(events: pa.RecordBatch) -> Keys:
    """Hashes of input and output tokens, row by row; 0 where one is unknown or 0."""
    given, made = (
        events[name].fill_null(0).to_numpy(zero_copy_only=False).astype(np.uint64)
        for name in ("input_tokens", "output_tokens")
    )
    hashes: Keys = given * np.uint64(_PRIMES[0]) + made * np.uint64(_PRIMES[1])
    hashes[(given == 0) | (made == 0)] = 0
    return hashes


def _failures(events: pa.RecordBatch, parents: Keys) -> Keys:
    """Keys of the calls that failed without tokens, by their parents; 0 for all others."""
    failed = pc.equal(events["status"], "error").fill_null(fill_value=False)
    if not pc.any(failed).as_py():
        return np.zeros(events.num_rows, np.uint64)
    unknown = pc.and_(events["input_tokens"].is_null(), events["output_tokens"].is_null())
    chosen = pc.and_(failed, unknown).to_numpy(zero_copy_only=False)
    keys: Keys = np.where(chosen, parents * np.uint64(_PRIMES[0]), np.uint64(0))
    return keys


def _own_tokens(observed: Mapping[str, object]) -> int:
    given, made = observed.get("input_tokens"), observed.get("output_tokens")
    if not isinstance(given, int) or not isinstance(made, int) or not given or not made:
        return 0
    return (given * _PRIMES[0] + made * _PRIMES[1]) % 2**64
