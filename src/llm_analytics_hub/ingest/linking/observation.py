"""What one instrumentation saw of one model call."""

from collections.abc import Iterator, Sequence
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
_INPUT, _OUTPUT = TOKEN_FIELDS.index("input_tokens"), TOKEN_FIELDS.index("output_tokens")
_COLUMNS = ("tenant", "event_key", "event_id", "event_type", "service", "trace_id", "span_id",
            "parent_span_id", "latency_ms", *REVISED_FIELDS)  # fmt: skip


class Observation(msgspec.Struct, eq=False):
    """A model call as one instrumentation saw it, and how the store has it.

    `span`, `parent`, `response` and `tokens` are hashes to be found by, 0 where there is none.
    Times in µs since 1970 UTC. `row` is its place in the batch being committed, -1 once stored.
    `event_type`, `held` and `same_as` (the event that counts it) are what its own event says.
    """

    tenant: str
    event_key: int
    event_id: str
    scope: str
    service: str | None
    span: int
    parent: int
    response: int
    tokens: int
    start: int
    end: int
    facts: Facts
    row: int
    revision: int = 0
    event_type: str = INFERENCE
    held: Facts = ()
    same_as: str = ""

    @property
    def model(self) -> str:
        """Its model, empty where unknown."""
        return str(self.facts[_MODEL] or "")

    @property
    def known_counts(self) -> int:
        """How many classes of tokens it knows."""
        return sum(count is not None for count in self.facts[: len(TOKEN_FIELDS)])


class _Marks(msgspec.Struct):
    """The attributes that say who observed what."""

    scope: str = ""
    response_id: str | None = msgspec.field(name="gen_ai.response.id", default=None)
    observed: dict[str, object] | None = None
    same_call_as: str = ""


_marks = msgspec.json.Decoder(_Marks)


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
    if not len(rows):
        return []
    return [found for found in _made(events, rows, revisions) if found.scope]


def _made(
    events: pa.RecordBatch, rows: NDArray[np.intp], revisions: Sequence[int] | None
) -> Iterator[Observation]:
    chosen = events if len(rows) == events.num_rows else events.take(pa.array(rows))
    columns: list[list[Any]] = [chosen[name].to_pylist() for name in _COLUMNS]
    starts = chosen["occurred_at"].cast(pa.int64()).to_pylist()
    texts = chosen["attributes"].to_pylist()
    for row, start, text, values in zip(
        rows.tolist(), starts, texts, zip(*columns, strict=True), strict=True
    ):
        found = _observation(row, start, text, values)
        if revisions is not None:
            found.row, found.revision = -1, revisions[row]
        yield found


def _observation(row: int, start: int, text: str, values: Sequence[Any]) -> Observation:
    tenant, key, event_id, event_type, service, trace, span, parent, latency, *known = values
    try:
        marks = _marks.decode(text)
    except msgspec.MsgspecError:  # a sender's own attribute of that name, of another type
        marks = _Marks()
    held = tuple(known)
    facts = _own(held, marks.observed) if event_type == OBSERVED else held
    return Observation(
        tenant=tenant, event_key=key, event_id=event_id, scope=marks.scope, service=service,
        span=hash((tenant, trace, span)) if trace and span else 0,
        parent=hash((tenant, trace, parent)) if trace and parent else 0,
        response=hash((tenant, marks.response_id)) if marks.response_id else 0,
        tokens=_tokens(tenant, facts), start=start, end=start + int((latency or 0) * 1000),
        facts=facts, row=row, event_type=event_type, held=held, same_as=marks.same_call_as,
    )  # fmt: skip


def _own(held: Facts, observed: dict[str, object] | None) -> Facts:
    """The numbers that an observation had before another event counted its call."""
    own = observed or {}
    return tuple(own.get(name, value) for name, value in zip(REVISED_FIELDS, held, strict=True))


def _tokens(tenant: object, facts: Facts) -> int:
    given, made = facts[_INPUT], facts[_OUTPUT]
    return hash((tenant, given, made)) if given and made else 0
