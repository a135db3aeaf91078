"""Answers from the cache where they still hold, else asked once and kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.query.cache.answer import Columns, KeptAnswer, Reply
from llm_analytics_hub.query.cache.flights import Flights
from llm_analytics_hub.query.cache.layers import AnswerLayer, Encode, MemoryLayer
from llm_analytics_hub.query.cache.question_key import QuestionKey
from llm_analytics_hub.query.cache.turns import NoTurns, Turns
from llm_analytics_hub.query.cache.versions import RangeVersions, Version
from llm_analytics_hub.storage.interface import WriteSet
from llm_analytics_hub.telemetry.metrics import Metrics

Compute = Callable[[], Reply]
"""Asks the store. Raises: the hub's errors."""


@dataclass(frozen=True)
class FoundAnswer:
    """An answer with where it came from: `meta` says `cached`, and `age_s` where it is.

    `kept` is shared by all who got this answer; `key` names it in the cache.
    """

    kept: KeptAnswer
    meta: dict[str, Any]
    key: str

    @property
    def columns(self) -> Columns:
        """Name, type and unit of each column."""
        return self.kept.columns

    @property
    def rows(self) -> pa.Table:
        """The rows; never to be changed."""
        return self.kept.rows

    @property
    def etag(self) -> str:
        """Of columns and rows, without `meta`."""
        return self.kept.etag


class AnswerCache:
    """Answers questions from its layers, nearest first. Safe for many threads.

    An answer given sees every write acknowledged before it was asked for, and is the store's own as
    of `age_s` ago; see `docs/caching.md` for what relative ranges and a lost Redis mean.
    """

    def __init__(
        self,
        memory: MemoryLayer,
        versions: RangeVersions,
        clock: Clock,
        metrics: Metrics,
        *,
        shared: Sequence[AnswerLayer] = (),
        turns: Turns | None = None,
        most_bytes: int = 2**20,
    ) -> None:
        self._memory = memory
        self._layers: Sequence[AnswerLayer] = (memory, *shared)
        self._versions = versions
        self._clock = clock
        self._metrics = metrics
        self._turns = turns or NoTurns()
        self._most_bytes = most_bytes
        self._flights: Flights[KeptAnswer] = Flights()

    def touched(self, rows: WriteSet) -> None:
        """Note what was written, after the write and before its acknowledgement. Never fails."""
        self._versions.touched(rows)

    def touched_all(self) -> None:
        """Note that something of any tenant was forgotten or restored: no answer of before holds."""
        self._versions.touched_all()

    def answer(self, question: QuestionKey, compute: Compute) -> FoundAnswer:
        """The answer kept, if it holds; else what `compute` gives, asked once for all who wait.

        Raises: as `compute`; an error is never kept.
        """
        began = self._clock.now()
        seen = self._versions.of(question.tenant, question.places)
        if seen is None:
            self._count("versions", "error")
            return _fresh(_kept(question, compute(), began, Version("", 0)), question)
        found = self._look(question, seen)
        if found is not None:
            return self._cached(found, question)
        if not question.is_fresh:
            return _fresh(_kept(question, compute(), began, seen), question)
        return self._asked(question, seen, began, compute)

    def kept(self, question: QuestionKey, form: str) -> FoundAnswer | None:
        """The answer if it is in memory in `form` and holds; found at once, for an event loop."""
        if not self._versions.is_near:
            return None
        seen = self._versions.of(question.tenant, question.places)
        if seen is None:
            return None
        found = self._look_in(self._memory, question, seen, is_counted=False)
        if found is None or form not in found.forms:
            return None
        self._count(self._memory.name, "hit")
        return self._cached(found, question)

    def encoded(self, found: FoundAnswer, form: str, make: Encode) -> bytes:
        """The bytes `make` gives of an answer, kept beside it: columns and rows, not `meta`."""
        return self._memory.encoded(found.key, found.kept, form, make)

    def _asked(
        self, question: QuestionKey, seen: Version, began: datetime, compute: Compute
    ) -> FoundAnswer:
        own: list[KeptAnswer] = []

        def make() -> KeptAnswer:
            # Read again: while it waited for its turn, writes may have come that it will see.
            now = self._versions.of(question.tenant, question.places)
            kept = _kept(question, compute(), began, now or Version("", 0))
            own.append(kept)
            if now is not None:
                self._put(question, kept)
            return kept

        kept, is_shared = self._flights.share(
            question.text, seen, lambda: self._in_turn(question, seen, make)
        )
        if is_shared:
            self._count("flight", "hit")
        return _fresh(kept, question) if own else self._cached(kept, question)

    def _in_turn(
        self, question: QuestionKey, seen: Version, make: Callable[[], KeptAnswer]
    ) -> KeptAnswer:
        # Another thread may have answered since this one looked; then, another hub.
        found = self._look_in(self._memory, question, seen, is_counted=False)
        if found is not None:
            return found
        with self._turns.taken(question.text, lambda: self._look_again(question, seen)) as others:
            return make() if others is None else others

    def _look(self, question: QuestionKey, seen: Version) -> KeptAnswer | None:
        for number, layer in enumerate(self._layers):
            found = self._look_in(layer, question, seen)
            if found is not None:
                if number:
                    self._memory.put(question.text, found, found.made_at + question.ttl)
                return found
        return None

    def _look_again(self, question: QuestionKey, seen: Version) -> KeptAnswer | None:
        return self._look_in(self._layers[-1], question, seen, is_counted=False)

    def _look_in(
        self, layer: AnswerLayer, question: QuestionKey, seen: Version, *, is_counted: bool = True
    ) -> KeptAnswer | None:
        try:
            found = layer.get(question.text)
        except UnavailableError:
            found, outcome = None, "error"
        else:
            holds = found is not None and self._holds(found, question, seen)
            outcome = "hit" if holds else "miss" if found is None else "stale"
        if is_counted:
            self._count(layer.name, outcome)
        return found if outcome == "hit" else None

    def _holds(self, found: KeptAnswer, question: QuestionKey, seen: Version) -> bool:
        if found.made_at + question.ttl <= self._clock.now():
            return False
        if found.places != question.places:  # a relative range that slid into another day
            places = found.places | question.places
            present = self._versions.of(question.tenant, places)
            return present is not None and found.version.covers(present)
        return found.version.covers(seen)

    def _put(self, question: QuestionKey, kept: KeptAnswer) -> None:
        if kept.size > self._most_bytes:
            return
        until = kept.made_at + question.ttl
        for layer in self._layers:
            try:
                layer.put(question.text, kept, until)
            except UnavailableError:
                self._count(layer.name, "error")

    def _cached(self, kept: KeptAnswer, question: QuestionKey) -> FoundAnswer:
        age = max((self._clock.now() - kept.made_at).total_seconds(), 0.0)
        meta = {**kept.meta, "cached": True, "age_s": round(age, 3)}
        return FoundAnswer(kept, meta, question.text)

    def _count(self, layer: str, outcome: str) -> None:
        self._metrics.cache_requests.labels(layer, outcome).inc()


def _kept(question: QuestionKey, reply: Reply, made_at: datetime, version: Version) -> KeptAnswer:
    return KeptAnswer(reply.columns, reply.rows, reply.meta, made_at, version, question.places)


def _fresh(kept: KeptAnswer, question: QuestionKey) -> FoundAnswer:
    return FoundAnswer(kept, {**kept.meta, "cached": False}, question.text)
