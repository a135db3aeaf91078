"""One refresh of the page: every question asked once, side by side, and the answers together."""

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.model.query import EventFilter, TimeRange
from llm_analytics_hub.query.filters import to_filter
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.interface import EventReader
from llm_analytics_hub.telemetry.metrics import Metrics
from llm_analytics_hub.ui.health import Health, read_health, tenants_seen
from llm_analytics_hub.ui.period import Period, period_of
from llm_analytics_hub.ui.questions import (
    INCIDENT,
    INCIDENTS,
    Answers,
    Body,
    Row,
    Rows,
    Scope,
    drawn,
    first_questions,
    second_questions,
)
from llm_analytics_hub.ui.state import State
from llm_analytics_hub.ui.theme import colours_of

CONCURRENT_QUESTIONS = 4


@dataclass(frozen=True)
class Snapshot:
    """What one refresh found out; rows are dictionaries by column name."""

    scope: Scope
    answers: Answers
    incidents: Rows
    health: Health
    tenants: tuple[str, ...]

    @property
    def period(self) -> Period:
        """The time it is about."""
        return self.scope.period

    @cached_property
    def source_colours(self) -> Mapping[str, str]:
        """The colour of every source on the page."""
        return colours_of(drawn(self.answers["sources"], "source"))

    @cached_property
    def spender_colours(self) -> Mapping[str, str]:
        """The colour of every model and provider on the page."""
        models = [row["model"] for row in self.answers["models"]]
        field = self.scope.state.cost_by
        return colours_of(models) | colours_of(row[field] for row in self.answers["spenders"])

    def only(self, name: str) -> Row:
        """The one row of an answer that is not cut; empty where there was none."""
        rows = self.answers[name]
        return rows[0] if rows else {}


class Overview:
    """Asks what the page shows. Blocking questions run in threads of its own, never in others'."""

    def __init__(
        self, queries: QueryService, reader: EventReader, metrics: Metrics, clock: Clock
    ) -> None:
        self._queries = queries
        self._reader = reader
        self._metrics = metrics
        self._clock = clock
        self._threads = ThreadPoolExecutor(CONCURRENT_QUESTIONS, thread_name_prefix="overview")

    async def snapshot(self, state: State, zone: ZoneInfo) -> Snapshot:
        """Everything the page shows for `state`, as of now.

        Raises: InvalidQueryError, UnavailableError.
        """
        scope = Scope(state, period_of(state, self._clock.now(), zone))
        first, incidents = await asyncio.gather(
            self._ask_all(first_questions(scope), state.tenant), self._incidents(scope)
        )
        second = await self._ask_all(second_questions(scope, first), state.tenant)
        tenants = {state.tenant, *tenants_seen(self._metrics)}
        return Snapshot(
            scope,
            {"events_by_source": [], "cost_by_name": [], **first, **second},
            incidents,
            read_health(self._metrics, state.tenant),
            tuple(sorted(tenants)),
        )

    async def _ask_all(self, bodies: Mapping[str, Body], tenant: str) -> Answers:
        """The answers by name; equal questions are asked once."""
        keys = {name: json.dumps(body, sort_keys=True) for name, body in bodies.items()}
        different = dict(zip(keys.values(), bodies.values(), strict=True))
        loop = asyncio.get_running_loop()
        found = await asyncio.gather(
            *(loop.run_in_executor(self._threads, self._ask, body, tenant)
              for body in different.values())
        )  # fmt: skip
        rows = dict(zip(different, found, strict=True))
        return {name: rows[key] for name, key in keys.items()}

    def _ask(self, body: Body, tenant: str) -> Rows:
        return rows_of(self._queries.ask(body, tenant=tenant, door="ui", is_fresh=False))

    async def _incidents(self, scope: Scope) -> Rows:
        wanted = EventFilter(
            scope.state.tenant,
            to_filter([*scope.filters, INCIDENT]),
            TimeRange(scope.period.start, scope.period.end),
            INCIDENTS,
            is_fresh=False,
        )
        loop = asyncio.get_running_loop()
        table = await loop.run_in_executor(self._threads, self._reader.events, wanted)
        rows: Rows = table.to_pylist()
        return rows


def rows_of(answer: Mapping[str, Any]) -> Rows:
    """The rows of an answer as dictionaries by column name; an unknown name is ""."""
    names = [column["name"] for column in answer["columns"]]
    texts = [column["name"] for column in answer["columns"] if column["type"] == "string"]
    rows = [dict(zip(names, row, strict=True)) for row in answer["rows"]]
    return [row | {name: row[name] or "" for name in texts} for row in rows]
