"""Batches of stored events for tests of the live path."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import xxhash

from llm_analytics_hub.model.event import EVENT_SCHEMA

NOON = datetime(2025, 11, 19, 12, tzinfo=UTC)


def batch(
    ids: Sequence[str], received_at: datetime, tenant: str = "default", **members: Any
) -> pa.RecordBatch:
    """Events of one commit with these ids."""
    rows = [
        {
            "tenant": tenant, "source": "app", "stream": "observatory", "event_id": name,
            "event_type": "a.b", "occurred_at": NOON, "received_at": received_at,
            "event_key": xxhash.xxh64_intdigest(f"{tenant}|{name}".encode()),
            "key_until": NOON, "expires_on": NOON.date(), **members,
        }
        for name in ids
    ]  # fmt: skip
    return pa.RecordBatch.from_pylist(rows, schema=EVENT_SCHEMA)
