import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.errors import NotFoundError
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.normalize.capture import Capture
from llm_analytics_hub.query.contents import EventContents
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.interface import Table
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
LONG = "a message of some length " * 9
HISTORY = [{"role": "user", "content": f"{number} {LONG}"} for number in range(3)]


class Hub:
    """A committer, its store and the contents in it."""

    def __init__(self, capture: Capture = Capture.FULL) -> None:
        rules = rules_of(NormalizeSettings(contents={"*": capture}))
        self.store = MemoryStore()
        self._committer = Committer(self.store, DedupWindow(), rules, Metrics())
        self._contents = EventContents(self.store, rules.capture)

    def send(self, tenant: str = "t", **members: Any) -> None:
        known = {"source": "app", "event_type": "a.b", "event_id": "1", "occurred_at": NOW}
        rows = [known | members]
        self._committer.commit([Submission(tenant, "events", Decoded(rows))], NOW)

    def read(self, event_id: str = "1", *, tenant: str = "t", **where: str) -> Any:
        found = self._contents.of_event(tenant, {"event_id": event_id, **where})
        return json.loads(msgspec.json.encode(found))


def test_a_content_is_read_whole() -> None:
    hub = Hub()
    content = {"input_messages": HISTORY, "output": "short", "tools": json.dumps([{"name": LONG}])}
    hub.send(content=content)
    found = hub.read()
    assert found["content"] == content | {"tools": [{"name": LONG}]}
    assert (found["event_id"], found["source"], found["stream"]) == ("1", "app", "observatory")


def test_of_events_with_one_id_the_one_that_was_asked_for_or_has_a_content() -> None:
    hub = Hub()
    hub.send(source="a", content={"output": "of a"})
    hub.send(source="b", content={"output": "of b"})
    hub.send(source="c")
    assert hub.read(source="a")["content"] == {"output": "of a"}
    assert hub.read()["source"] in {"a", "b"}


@pytest.mark.parametrize(
    ("capture", "said"),
    [(Capture.OFF, "contents: off"), (Capture.METADATA, "content_facts"), (Capture.FULL, "none")],
)
def test_why_there_is_no_content_is_said(capture: Capture, said: str) -> None:
    hub = Hub(capture)
    hub.send(content=None if capture is Capture.FULL else {"output": "x"})
    with pytest.raises(NotFoundError, match=said) as raised:
        hub.read()
    assert raised.value.code == "no_content"


def test_tenants_do_not_see_each_others_contents() -> None:
    hub = Hub()
    hub.send(content={"input_messages": HISTORY})
    with pytest.raises(NotFoundError, match="no event '1'"):
        hub.read(tenant="u")
    hub.send(tenant="u", content={"input_messages": HISTORY})
    hub.store._rows[Table.CONTENTS] = [
        row for row in hub.store._rows[Table.CONTENTS] if row["tenant"] == "t"
    ]
    with pytest.raises(NotFoundError) as raised:
        hub.read(tenant="u")
    assert raised.value.code == "content_lost"


def test_a_content_with_a_piece_missing_is_lost() -> None:
    hub = Hub()
    hub.send(content={"input_messages": HISTORY})
    del hub.store._rows[Table.CONTENTS][0]
    with pytest.raises(NotFoundError, match="not in the store") as raised:
        hub.read()
    assert raised.value.code == "content_lost"
