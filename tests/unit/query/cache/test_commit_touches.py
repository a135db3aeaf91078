"""What the committer tells the cache: days of events, of events it revised, and facts of assets."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.model.query import EventFilter
from llm_analytics_hub.query.cache.places import ASSETS, EVENTS, touched_by
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.interface import WriteSet
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

RULES = rules_of(NormalizeSettings())
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
DAY = (MIDNIGHT - datetime(1970, 1, 1, tzinfo=UTC)).days


class Hub:
    """A committer that notes what it told, and how many events could be read then."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.told: list[tuple[Mapping[str, set[str]], int]] = []
        self.committer = Committer(
            self.store, DedupWindow(), RULES, Metrics(), touched=self._touched
        )

    def send(self, *rows: dict[str, Any]) -> None:
        self.committer.commit([Submission("t", "otlp", Decoded(rows))], MIDNIGHT)

    def _touched(self, rows: WriteSet) -> None:
        stored = self.store.events(EventFilter("t", limit=100)).num_rows
        self.told.append((touched_by(rows), stored))


def span(by: str, number: str, seconds: int, **members: Any) -> dict[str, Any]:
    return {
        "source": "observatory",
        "event_type": "inference.completed",
        "event_id": f"t:{number}",
        "trace_id": "t",
        "span_id": number,
        "occurred_at": (MIDNIGHT + timedelta(seconds=seconds)).isoformat(),
        "latency_ms": 30_000,
        "provider": "openai",
        "model": "gpt-4o",
        "input_tokens": 100,
        "output_tokens": 5,
        "attributes": {"scope": by},
    } | members


def test_a_write_is_told_when_it_can_be_read() -> None:
    hub = Hub()
    hub.send(span("outer", "a", 5))
    assert hub.told == [({"t": {EVENTS, f"e{DAY}"}}, 1)]


def test_a_revision_touches_the_day_of_the_event_it_changes() -> None:
    hub = Hub()
    hub.send(span("outer", "a", -5))
    hub.send(span("inner", "b", 5, parent_span_id="a"))
    assert hub.told[1][0] == {"t": {EVENTS, f"e{DAY - 1}", f"e{DAY}"}}


def test_what_the_registry_tells_touches_assets() -> None:
    hub = Hub()
    hub.send(
        {
            "source": "registry",
            "event_type": "asset.registered",
            "event_id": "1",
            "asset_id": "a-1",
            "occurred_at": MIDNIGHT.isoformat(),
        }
    )
    assert hub.told == [({"t": {EVENTS, f"e{DAY}", ASSETS}}, 1)]


def test_a_write_that_failed_touches_nothing() -> None:
    class Away(MemoryStore):
        def write(self, rows: WriteSet, /) -> None:
            raise UnavailableError("away")

    hub = Hub(Away())
    with pytest.raises(UnavailableError):
        hub.send(span("outer", "a", 5))
    assert hub.told == []
