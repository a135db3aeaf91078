"""Dead letters of a tenant that keeps no contents hold none."""

from datetime import UTC, datetime
from typing import Any

import pytest

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.ingest.codecs.hub_json import decode_events
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.submission import Submission
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
BAD_EVENT = b'{"source":"app","event_type":"a.b","latency_ms":-1,"content":{"prompt":"my secret"}}'
LINES = b'\n{"content": "my secret", \n"my secret"\n[{"content":"my secret"}]\n'


def letters(capture: str) -> list[dict[str, Any]]:
    rules = rules_of(NormalizeSettings(contents={"*": capture}))  # type: ignore[dict-item]
    store = MemoryStore()
    committer = Committer(store, DedupWindow(), rules, Metrics())
    decoded = decode_events(BAD_EVENT + LINES, "application/x-ndjson", NOW)
    committer.commit([Submission("t", "events", decoded)], NOW)
    found: list[dict[str, Any]] = store.dead_letters("t", (), 10).to_pylist()
    return sorted(found, key=lambda letter: str(letter["message"]))


@pytest.mark.parametrize("capture", ["off", "metadata"])
def test_letters_hold_no_content_where_none_is_kept(capture: str) -> None:
    found = letters(capture)
    assert len(found) == 4
    assert "secret" not in str(found)
    assert [letter["code"] for letter in found if '"latency_ms": -1' in letter["payload"]] == [
        "negative_value"
    ]


def test_letters_hold_all_where_contents_are_kept() -> None:
    assert ["secret" in letter["payload"] for letter in letters("full")] == [True] * 4
