"""What one instrumentation saw of one model call; other spans, too, where something is learnt of them."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from llm_analytics_hub.ingest.linking.span_keys import Keys
from llm_analytics_hub.model.event import REVISED_FIELDS, TOKEN_FIELDS

Facts = tuple[object, ...]
"""Values of REVISED_FIELDS, None where unknown."""

INHERITED = ("user_id", "session_id")
"""What a span has from its ancestors where it does not say so itself."""

_MODEL = REVISED_FIELDS.index("model")


class _Batch(Protocol):
    """Where an observation reads what it is asked for: the events that came with it, by place."""

    base: int
    is_stored: bool
    rows: Sequence[int]
    revisions: Sequence[int] | None
    scopes: Sequence[str]
    spans: Keys
    parents: Keys
    responses: Sequence[int]
    tokens: Keys

    def value(self, name: str, place: int) -> Any: ...
    def observed(self, place: int) -> Mapping[str, object]: ...
    def same_as(self, place: int) -> str: ...


class Observation:
    """An event that may be revised, and how the store has it.

    `span`, `parent`, `response` and `tokens` are hashes to be found by, 0 where there is none; all
    else is read from the batch when it is asked for, which is seldom. `scope` is empty where it is
    no model call that an instrumentation told of; `serial` orders observations by arrival.
    """

    __slots__ = ("__dict__", "_batch", "_place", "parent", "response", "revision", "scope",
                 "serial", "span", "tokens")  # fmt: skip

    def __init__(self, batch: _Batch, place: int) -> None:
        self._batch = batch
        self._place = place
        self.serial = batch.base + place
        self.revision = batch.revisions[place] if batch.revisions else 0
        self.scope = batch.scopes[place]
        self.span, self.parent = int(batch.spans[place]), int(batch.parents[place])
        self.response, self.tokens = batch.responses[place], int(batch.tokens[place])

    def __getitem__(self, name: str) -> Any:
        """A value of its event, as it was when the observation was made."""
        return self._batch.value(name, self._place)

    @property
    def row(self) -> int:
        """Its place in the batch being committed, -1 once it is stored."""
        return -1 if self._batch.is_stored else self._batch.rows[self._place]

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
        return self._batch.same_as(self._place)

    @cached_property
    def facts(self) -> Facts:
        """What it knew itself, before others filled its gaps or counted its call."""
        own = self._batch.observed(self._place)
        return tuple(
            own.get(name, held) for name, held in zip(REVISED_FIELDS, self.held, strict=True)
        )

    def inherit(self, values: tuple[str | None, ...]) -> None:
        """Learn what its ancestors say of INHERITED, where it does not say so itself."""
        news = dict(zip(INHERITED, values, strict=True))
        self.facts = tuple(
            news.get(name) if fact is None else fact
            for name, fact in zip(REVISED_FIELDS, self.facts, strict=True)
        )

    @property
    def model(self) -> str:
        """Its model, empty where unknown."""
        return str(self.facts[_MODEL] or "")

    @property
    def is_timed(self) -> bool:
        """Whether it knows how long the call took."""
        return self["latency_ms"] is not None

    @property
    def has_counts(self) -> bool:
        """Whether it knows any tokens."""
        return self.known_counts > 0

    @property
    def known_counts(self) -> int:
        """How many classes of tokens it knows."""
        return sum(count is not None for count in self.facts[: len(TOKEN_FIELDS)])
