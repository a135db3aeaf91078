"""Events and letters by hand, as a store takes them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pyarrow as pa

from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.event import DEAD_LETTER_SCHEMA, EVENT_SCHEMA
from llm_analytics_hub.model.query import All, Query, TimeRange
from llm_analytics_hub.storage.interface import EventReader

NOON = datetime(2025, 11, 19, 12, tzinfo=UTC)
RANGE = TimeRange(datetime(1990, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))

_KEYS: Iterator[int] = count(1)


def events(size: int, tenant: str = "t", **known: object) -> pa.RecordBatch:
    """`size` events with keys of their own, ten tokens each; the rest unknown."""
    rows = [_event(tenant, next(_KEYS)) | known for _ in range(size)]
    return pa.RecordBatch.from_pylist(rows, EVENT_SCHEMA)


def _event(tenant: str, key: int) -> dict[str, object]:
    return dict.fromkeys(EVENT_SCHEMA.names) | {
        "tenant": tenant, "source": "observatory", "stream": "observatory", "event_id": str(key),
        "event_type": "inference.completed", "occurred_at": NOON, "received_at": NOON,
        "input_tokens": 10, "event_key": key, "key_until": NOON + timedelta(hours=1),
        "expires_on": date(2025, 12, 1),
    }  # fmt: skip


def letter(tenant: str = "t", expires_on: date = date(2025, 12, 1)) -> pa.RecordBatch:
    """One refused event."""
    texts = dict.fromkeys(DEAD_LETTER_SCHEMA.names, "x")
    row = texts | {"tenant": tenant, "received_at": NOON, "expires_on": expires_on}
    return pa.RecordBatch.from_pylist([row], DEAD_LETTER_SCHEMA)


def count_of(store: EventReader, tenant: str = "t") -> int:
    """How many events of `tenant` a question counts."""
    measures = (MEASURES["events"],)
    query = Query(tenant, measures, (), All(), RANGE, None, "UTC", (), 1)
    number: int = store.answer(query).rows["events"][0].as_py()
    return number
