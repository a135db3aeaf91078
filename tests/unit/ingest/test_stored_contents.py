from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.stored_contents import StoredContents
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.model.event import CONTENT_SCHEMA
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.interface import Table, WriteSet
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
MONDAY, SUNDAY, NEXT = date(2025, 11, 17), date(2025, 11, 23), date(2025, 11, 24)
LONG = "a message that is sent again and again " * 5


def contents(*rows: tuple[str, str, date]) -> pa.RecordBatch:
    names = ("tenant", "content_id", "expires_on")
    return pa.RecordBatch.from_pylist(
        [dict(zip(names, row, strict=True)) | {"body": "{}"} for row in rows], CONTENT_SCHEMA
    )


def names(batch: pa.RecordBatch) -> list[str]:
    found: list[str] = batch["content_id"].to_pylist()
    return found


def test_what_is_stored_until_the_same_week_is_not_missing() -> None:
    window = StoredContents()
    first = contents(("t", "a", SUNDAY), ("t", "b", MONDAY))
    assert window.missing(first) == first
    window.stored(first)
    later = contents(("t", "a", MONDAY), ("t", "b", NEXT), ("t", "c", MONDAY), ("u", "a", MONDAY))
    assert names(window.missing(later)) == ["b", "c", "a"]


def test_no_more_than_a_limit_is_remembered() -> None:
    window = StoredContents(most=2)
    window.stored(contents(*(("t", name, MONDAY) for name in "abc")))
    assert names(window.missing(contents(*(("t", name, MONDAY) for name in "abc")))) == ["a"]


class Store(MemoryStore):
    """A store that may be away."""

    is_away = False

    def write(self, rows: WriteSet, /) -> None:
        if self.is_away:
            raise UnavailableError("away")
        super().write(rows)


def call(number: int, size: int) -> dict[str, Any]:
    history = [{"role": "user", "content": f"{place} {LONG}"} for place in range(size)]
    return {
        "source": "app", "event_type": "inference.completed", "event_id": str(number),
        "occurred_at": "2025-11-19T09:00:00Z", "content": {"input_messages": history},
    }  # fmt: skip


def test_a_history_is_written_once_and_again_only_after_a_failed_write() -> None:
    rules = rules_of(NormalizeSettings(contents={"*": "full"}))  # type: ignore[dict-item]
    store = Store()
    committer = Committer(store, DedupWindow(), rules, Metrics())

    def send(number: int, size: int) -> int:
        before = len(store._rows[Table.CONTENTS])
        committer.commit([Submission("t", "events", Decoded([call(number, size)]))], NOW)
        return len(store._rows[Table.CONTENTS]) - before

    assert send(1, 3) == 4  # three messages and the manifest
    assert send(2, 4) == 2
    store.is_away = True
    with pytest.raises(UnavailableError):
        send(3, 5)
    store.is_away = False
    assert send(3, 5) == 2
    assert send(4, 5) == 0
