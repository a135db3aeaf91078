"""What one instrumentation saw of one model call."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from llm_analytics_hub.model.event import INFERENCE, OBSERVED, REVISED_FIELDS, TOKEN_FIELDS

Facts = tuple[object, ...]
"""Values of REVISED_FIELDS, None where unknown."""

NOTES = ("same_call_as", "same_call_by", "observed")
"""Attributes of an observation that another event counts: that event, the rule, its own numbers."""

_MODEL = REVISED_FIELDS.index("model")
_PRIMES = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)  # spread two counts over 64 bits


_SMALL = 64
_KEPT = ("tenant", "event_key", "event_id", "event_type", "service", "occurred_at", "latency_ms",
         "attributes", *REVISED_FIELDS)  # fmt: skip

Columns = Mapping[str, Any]
"""Arrow arrays, or lists where the batch was small: an array costs as much as a hundred values."""


class _Marks(msgspec.Struct):
    """The attributes that say who observed what."""

    scope: str = ""
    response_id: str | None = msgspec.field(name="gen_ai.response.id", default=None)
    observed: dict[str, object] | None = None
    same_call_as: str = ""


class Observation:
    """A model call as one instrumentation saw it, and how the store has it.

    `span`, `parent`, `response` and `tokens` are hashes to be found by, 0 where there is none; all
    else is read from the batch when it is asked for, which is seldom. `row` is its place in the
    batch being committed, -1 once stored; `revision` is that of the stored event.
    """

    __slots__ = ("__dict__", "_columns", "_place", "parent", "response", "revision", "row", "scope",
                 "span", "tokens")  # fmt: skip

    def __init__(
        self, columns: Columns, place: int, row: int, scope: str,
        span: int, parent: int, response: int, tokens: int,
    ) -> None:  # fmt: skip
        self._columns = columns
        self._place = place
        self.row = row
        self.revision = 0
        self.scope = scope
        self.span, self.parent = span, parent
        self.response, self.tokens = response, tokens

    def __getitem__(self, name: str) -> Any:
        """A value of its event, as it was when the observation was made."""
        value = self._columns[name][self._place]
        return value.as_py() if isinstance(value, pa.Scalar) else value

    @cached_property
    def event_id(self) -> str:
        """The id of its event."""
        return str(self["event_id"])

    @cached_property
    def times(self) -> tuple[int, int]:
        """Begin and end in µs since 1970 UTC."""
        start: int = self["occurred_at"]
        return start, start + int((self["latency_ms"] or 0) * 1000)

    @cached_property
    def event_type(self) -> str:
        """The type of its event, as stored."""
        return str(self["event_type"])

    @cached_property
    def held(self) -> Facts:
        """What its event has in its columns, as stored."""
        return tuple(self[name] for name in REVISED_FIELDS)

    @cached_property
    def same_as(self) -> str:
        """The event that counts its call, as stored; empty where it counts itself."""
        return _marks(self["attributes"]).same_call_as

    @cached_property
    def facts(self) -> Facts:
        """What it knew itself, before others filled its gaps or counted its call."""
        own = _marks(self["attributes"]).observed or {}
        return tuple(
            own.get(name, held) for name, held in zip(REVISED_FIELDS, self.held, strict=True)
        )

    @property
    def model(self) -> str:
        """Its model, empty where unknown."""
        return str(self.facts[_MODEL] or "")

    @property
    def known_counts(self) -> int:
        """How many classes of tokens it knows."""
        return sum(count is not None for count in self.facts[: len(TOKEN_FIELDS)])


def observations(
    events: pa.RecordBatch, revisions: Sequence[int] | None = None
) -> list[Observation]:
    """The observations among `events`: model calls that came with an instrumentation's scope.

    `revisions` of stored events, row by row; without them the events are about to be stored.
    """
    is_call = pc.is_in(events["event_type"], pa.array([INFERENCE, OBSERVED]))
    if not pc.any(is_call).as_py():
        return []
    has_scope = pc.match_substring(events["attributes"], '"scope":').fill_null(fill_value=False)
    rows = np.flatnonzero(pc.and_(is_call, has_scope).to_numpy(zero_copy_only=False))
    found = [one for one in _made(events, rows) if one.scope]
    if revisions is not None:
        for one in found:
            one.row, one.revision = -1, revisions[one.row]
    return found


def _made(events: pa.RecordBatch, rows: NDArray[np.intp]) -> Iterator[Observation]:
    calls = events if len(rows) == events.num_rows else events.take(pa.array(rows))
    kept = _kept(calls)
    names = ("trace_id", "span_id", "parent_span_id", "attributes")
    columns = [calls[name].to_pylist() for name in names]
    for place, (row, counts, trace, span, parent, text) in enumerate(
        zip(rows.tolist(), _tokens(calls).tolist(), *columns, strict=True)
    ):
        marks = _marks(text)
        yield Observation(
            kept, place, row, marks.scope,
            hash((trace, span)) if trace and span else 0,
            hash((trace, parent)) if trace and parent else 0,
            hash(marks.response_id) if marks.response_id else 0,
            _own_tokens(marks.observed) if marks.observed else counts,
        )  # fmt: skip


def _kept(calls: pa.RecordBatch) -> Columns:
    columns = {name: calls[name] for name in _KEPT}
    columns["occurred_at"] = columns["occurred_at"].cast(pa.int64())
    if calls.num_rows < _SMALL:
        return {name: column.to_pylist() for name, column in columns.items()}
    return columns


def _marks(text: str) -> _Marks:
    try:
        return _decoder.decode(text)
    except msgspec.MsgspecError:  # a sender's own attribute of that name, of another type
        return _Marks()


_decoder = msgspec.json.Decoder(_Marks)


def _tokens(events: pa.RecordBatch) -> NDArray[np.uint64]:
    """Hashes of input and output tokens, row by row; 0 where one is unknown or 0."""
    given, made = (
        events[name].fill_null(0).to_numpy(zero_copy_only=False).astype(np.uint64)
        for name in ("input_tokens", "output_tokens")
    )
    hashes: NDArray[np.uint64] = given * np.uint64(_PRIMES[0]) + made * np.uint64(_PRIMES[1])
    hashes[(given == 0) | (made == 0)] = 0
    return hashes


def _own_tokens(observed: dict[str, object]) -> int:
    given, made = observed.get("input_tokens"), observed.get("output_tokens")
    if not isinstance(given, int) or not isinstance(made, int) or not given or not made:
        return 0
    return (given * _PRIMES[0] + made * _PRIMES[1]) % 2**64
