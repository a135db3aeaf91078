from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.model.event import EVENT_SCHEMA
from llm_analytics_hub.model.letter import ANY_LETTER, LetterFilter
from llm_analytics_hub.model.query import EventFilter, Query
from llm_analytics_hub.storage.cancellation import Cancellation
from llm_analytics_hub.storage.interface import Answer
from llm_analytics_hub.ui.health import Health
from llm_analytics_hub.ui.period import period_of
from llm_analytics_hub.ui.questions import Scope
from llm_analytics_hub.ui.snapshot import Snapshot
from llm_analytics_hub.ui.state import State

NOW = datetime(2025, 11, 19, 12, 0, tzinfo=UTC)
NAMES = (
    "events", "events_before", "sources", "calls", "calls_now", "calls_before", "unpriced",
    "models", "spenders", "source_options", "model_options", "environment_options", "last_minute",
    "events_by_source", "cost_by_name",
)  # fmt: skip

MakeSnapshot = Callable[..., Snapshot]


@pytest.fixture
def make_snapshot() -> MakeSnapshot:
    """A snapshot of the hour before `NOW` by a clock in UTC; answers that are not given are empty."""

    def make(state: State = State(last="1h"), **answers: list[dict[str, Any]]) -> Snapshot:  # noqa: B008
        scope = Scope(state, period_of(state, NOW, ZoneInfo("UTC")))
        health = Health(0, 0, {}, {}, 0)
        incidents = answers.pop("incidents", [])
        return Snapshot(
            scope, {name: [] for name in NAMES} | answers, incidents, health, ("default",)
        )

    return make


class EmptyStore:
    """A store without events that notes what it was asked; away if told so."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.asked: list[Query] = []
        self._is_away = is_away
        self._lock = Lock()

    def answer(self, query: Query, _: Cancellation | None = None, /) -> Answer:
        if self._is_away:
            raise UnavailableError("the store is away")
        with self._lock:
            self.asked.append(query)
        return Answer(
            pa.table({name: pa.array([], pa.string()) for name in query.columns}), "events", 0, 0.0
        )

    def events(self, wanted: EventFilter, /) -> pa.Table:
        return EVENT_SCHEMA.empty_table()

    def stored_keys(self, tenant: str, keys: NDArray[np.uint64], /) -> NDArray[np.uint64]:
        raise NotImplementedError

    def dead_letters(
        self, tenant: str, ids: Sequence[str], limit: int, where: LetterFilter = ANY_LETTER, /
    ) -> pa.Table:
        raise NotImplementedError

    def count_dead_letters(self) -> Mapping[str, int]:
        raise NotImplementedError

    def purge_dead_letters(
        self, tenant: str, ids: Sequence[str], where: LetterFilter = ANY_LETTER, /
    ) -> int:
        raise NotImplementedError

    def health(self) -> Mapping[str, Any]:
        raise NotImplementedError
