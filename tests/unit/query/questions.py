"""A hub's questions over a store in memory: who asks sees names and values."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.model.event import EVENT_SCHEMA, INFERENCE
from llm_analytics_hub.query.limits import QuestionSettings
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.interface import Table
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
"""A Wednesday."""


def call(moment: str, cost: str | None = None, **known: Any) -> dict[str, Any]:
    """A model call at a moment of UTC."""
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    row: dict[str, Any] = dict.fromkeys(EVENT_SCHEMA.names)
    return row | {
        "tenant": "t", "source": "observatory", "stream": "observatory", "event_type": INFERENCE,
        "event_id": moment, "occurred_at": at, "received_at": at, "event_key": hash(moment) % 2**64,
        "key_until": at, "expires_on": at.date(), "cost_usd": cost and Decimal(cost), **known,
    }  # fmt: skip


class Asked:
    """Questions about some events, as tenant `t`."""

    def __init__(self, *rows: dict[str, Any], settings: QuestionSettings | None = None) -> None:
        self.store = MemoryStore()
        if rows:
            batch = pa.RecordBatch.from_pylist(list(rows), EVENT_SCHEMA)
            self.store.write({Table.EVENTS: batch})
        self.service = QueryService(
            self.store, ManualClock(NOW), Metrics(), settings=settings or QuestionSettings()
        )

    def whole(self, **body: Any) -> dict[str, Any]:
        """The answer as it is sent."""
        return self.service.ask(body, tenant="t")

    def rows(self, **body: Any) -> list[dict[str, Any]]:
        """Its rows by the names of their columns."""
        found = self.whole(**body)
        names = [column["name"] for column in found["columns"]]
        return [dict(zip(names, row, strict=True)) for row in found["rows"]]
