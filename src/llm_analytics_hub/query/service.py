"""Questions answered: one meaning for every door."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.model.query import Query
from llm_analytics_hub.model.question import Question
from llm_analytics_hub.query.answered import Answered, columns_of, key_of, range_of
from llm_analytics_hub.query.cache.cache import AnswerCache
from llm_analytics_hub.query.compose import compose
from llm_analytics_hub.query.limits import QuestionSettings, Turnstile
from llm_analytics_hub.query.parse import parse_question
from llm_analytics_hub.storage.cancellation import Cancellation
from llm_analytics_hub.storage.interface import Answer, EventReader
from llm_analytics_hub.telemetry.metrics import Metrics


class QueryService:
    """Parses, checks and answers questions. Safe for many threads."""

    def __init__(
        self,
        reader: EventReader,
        clock: Clock,
        metrics: Metrics,
        shortest_retention: timedelta = timedelta(days=7),
        settings: QuestionSettings | None = None,
        cache: AnswerCache | None = None,
    ) -> None:
        self._reader = reader
        self._shortest_retention = shortest_retention
        self._clock = clock
        self._metrics = metrics
        self._cache = cache
        self._settings = settings or QuestionSettings()
        self._turnstile = Turnstile(self._settings)

    def ask(
        self, body: Mapping[str, Any], *, tenant: str, door: str = "rest", is_fresh: bool = True
    ) -> dict[str, Any]:
        """The answer as JSON: columns with type and unit, rows, and what it cost.

        It sees every event acknowledged before; where not `is_fresh`, it may be a second behind.
        Raises: InvalidQueryError, UnavailableError.
        """
        return self.answer(body, tenant=tenant, door=door, is_fresh=is_fresh).as_json()

    def answer(
        self,
        body: Mapping[str, Any],
        *,
        tenant: str,
        door: str = "rest",
        is_fresh: bool = True,
        cancellation: Cancellation | None = None,
    ) -> Answered:
        """The answer with its rows as columns of Arrow; else as `ask`.

        Raises: UnavailableError, code `cancelled`, once `cancellation` ended it.
        """
        began = self._clock.now()
        question = self._question(body, tenant, began, is_fresh=is_fresh)

        def compute() -> Answered:
            with self._turnstile.turn(tenant):
                return self._asked(question, cancellation)

        with self._metrics.query_seconds.labels(door).time():
            found = self._kept_or(compute, body, question)
        return replace(found, meta={"elapsed_ms": self._elapsed_ms(began), **found.meta})

    def _elapsed_ms(self, began: datetime) -> float:
        return round((self._clock.now() - began).total_seconds() * 1000, 2)

    def kept(
        self, body: Mapping[str, Any], form: str, *, tenant: str, door: str = "rest"
    ) -> Answered | None:
        """The answer if it is kept in memory in `form`; found at once, for an event loop.

        Raises: InvalidQueryError.
        """
        if self._cache is None:
            return None
        began = self._clock.now()
        question = self._question(body, tenant, began, is_fresh=True)
        found = self._cache.kept(key_of(question, body), form)
        if found is None:
            return None
        elapsed_ms = self._elapsed_ms(began)
        self._metrics.query_seconds.labels(door).observe(elapsed_ms / 1000)
        meta = {"elapsed_ms": elapsed_ms, **found.meta}
        return Answered(found.columns, found.rows, meta, found)

    def encoded(self, answered: Answered, form: str, make: Callable[[Answered], bytes]) -> bytes:
        """What `make` gives of an answer's columns and rows; kept beside it, where it is kept."""
        if self._cache is None or answered.found is None:
            return make(answered)
        return self._cache.encoded(answered.found, form, lambda _: make(answered))

    def _kept_or(
        self, compute: Callable[[], Answered], body: Mapping[str, Any], question: Question
    ) -> Answered:
        if self._cache is None:
            made = compute()
            return replace(made, meta={**made.meta, "cached": False})
        found = self._cache.answer(key_of(question, body), compute)
        return Answered(found.columns, found.rows, found.meta, found)

    def _asked(self, question: Question, cancellation: Cancellation | None) -> Answered:
        """The answer of the store."""
        parts: list[Answer] = []

        def ask(query: Query) -> Answer:
            parts.append(self._reader.answer(query, cancellation))
            return parts[-1]

        found = compose(question, ask)
        meta = {
            "engine_ms": round(sum(part.engine_ms for part in parts), 2),
            "rows_read": sum(part.rows_read for part in parts),
            "table": " and ".join(dict.fromkeys(part.table for part in parts)),
            "has_more": found.has_more,
            "time_range": range_of(question.query.time_range),
        }
        if question.compared_with is not None:
            meta["compared_with"] = range_of(question.compared_with)
        return Answered(columns_of(question), found.rows, meta)

    def explain(self, body: Mapping[str, Any], *, tenant: str) -> dict[str, Any]:
        """How the store would answer: its table, why not a shorter one, its SQL, rows to read.

        Raises: InvalidQueryError, UnavailableError.
        """
        query = self._question(body, tenant, self._clock.now(), is_fresh=True).query
        plan = self._reader.explain(query)
        return {
            "table": plan.table,
            "rows_to_read": plan.rows_to_read,
            "rollups": [
                {"table": name, "why_not": list(reasons)} for name, reasons in plan.why_not.items()
            ],
            "sql": plan.sql,
            "args": dict(plan.args),
            "limits": asdict(query.limits),
        }

    def _question(
        self, body: Mapping[str, Any], tenant: str, now: datetime, *, is_fresh: bool
    ) -> Question:
        question = parse_question(body, tenant=tenant, now=now)
        query = replace(
            question.query,
            complete_since=now - self._shortest_retention,
            is_fresh=is_fresh,
            limits=self._settings.of(tenant).limits,
        )
        return replace(question, query=query)
