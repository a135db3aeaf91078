"""What of prompts and answers is left of every recording, by what its tenant allows to be kept."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
import pytest

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.model.query import EventFilter
from llm_analytics_hub.normalize.capture import Capture
from llm_analytics_hub.query.contents import EventContents
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.interface import Table
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

from .recorded import CASES, Row, bodies_of, requests_of, truth_of
from .recorded import LOGS as LOGS_PATHS
from .recorded import TRACES as TRACE_PATHS

pytestmark = pytest.mark.skipif(
    not CASES, reason="the recordings (../shared/otlp beside the repository) are not here"
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PROMPTS = (
    "[[tool=",
    "[[429]]",
    "[[500]]",
    "[[think]]",
    "Stadt-",
    "be terse",
    "terse assistant",
    "stream it",
    "thinking hard",
)
BARE = {
    "openinference-openai/hidden-content-grpc",
    "otel-genai-anthropic/default",
    "otel-genai-openai/content-true-grpc",
    "otel-genai-openai/default",
    "otel-google-genai/default-content",
    "otel-openai-v2/default",
    "pydantic-ai/agent-nested-nocontent-grpc",
    "traceloop/openai-nocontent",
    "vercel-ai-v6/nocontent",
}
"""Recordings whose senders were told to leave prompts and answers out."""


class Hub:
    """A committer and its store, of a tenant that allows so much."""

    def __init__(self, capture: Capture) -> None:
        settings = NormalizeSettings(contents={"*": capture}, contents_secret="s" * 16)
        self.rules = rules_of(settings)
        self.store = MemoryStore()
        self.metrics = Metrics()
        self.committer = Committer(self.store, DedupWindow(), self.rules, self.metrics)

    def take(self, request: Decoded) -> None:
        self.committer.commit([Submission("t", "otlp", request)], NOW)

    def everything(self) -> str:
        """All columns of all tables as text."""
        return json.dumps(self.store._rows, default=str, ensure_ascii=False)

    def events(self) -> list[Row]:
        found: list[Row] = self.store.events(EventFilter("t", limit=10_000)).to_pylist()
        return found

    def contents(self) -> Iterator[str]:
        """Every content as it is read back."""
        reader = EventContents(self.store, self.rules.capture)
        for event in self.events():
            if event["content_id"]:
                where = {name: event[name] for name in ("event_id", "source", "stream")}
                whole: Any = reader.of_event("t", where)["content"]
                yield msgspec.json.encode(whole).decode()


@cache
def hub_of(case: str, capture: Capture) -> Hub:
    hub = Hub(capture)
    for request in requests_of(case):
        hub.take(request)
    return hub


@cache
def answers_of(case: str) -> tuple[str, ...]:
    """The beginnings of the answers: what follows is spelt in many ways."""
    texts = [call.get("output_text") for call in truth_of(case)["llm_calls"]]
    return tuple(
        dict.fromkeys(text.partition(" the")[0] for text in texts if text and '"' not in text)
    )


def sent(case: str) -> list[str]:
    """The prompts and answers that a recording carries."""
    bodies = b"".join(body for body, _ in bodies_of(case, (*TRACE_PATHS, *LOGS_PATHS)))
    return [text for text in (*answers_of(case), *PROMPTS) if text.encode() in bodies]


@pytest.mark.parametrize("case", CASES)
def test_only_senders_who_left_texts_out_sent_none(case: str) -> None:
    assert bool(sent(case)) == (case not in BARE)


@pytest.mark.parametrize("capture", [Capture.OFF, Capture.METADATA])
@pytest.mark.parametrize("case", CASES)
def test_no_text_is_left_where_none_may_be_kept(case: str, capture: Capture) -> None:
    stored = hub_of(case, capture).everything()
    assert [text for text in (*answers_of(case), *PROMPTS) if text in stored] == []


@pytest.mark.parametrize("capture", [Capture.OFF, Capture.METADATA])
@pytest.mark.parametrize("case", CASES)
def test_no_text_is_left_in_letters_of_refused_events(case: str, capture: Capture) -> None:
    hub = Hub(capture)
    for request in requests_of(case):
        hub.take(Decoded([{**row, "occurred_at": "never"} for row in request.rows]))
    letters = hub.store.dead_letters("t", (), 10_000).to_pylist()
    assert len(letters) == len(hub_of(case, capture).events()) > 0
    stored = hub.everything()
    assert [text for text in (*answers_of(case), *PROMPTS) if text in stored] == []


@pytest.mark.parametrize("case", CASES)
def test_every_text_that_was_sent_is_read_back_where_all_is_kept(case: str) -> None:
    hub = hub_of(case, Capture.FULL)
    contents = "\n".join(hub.contents())
    assert [text for text in sent(case) if text not in contents] == []
    without = hub.store._rows.copy()
    del without[Table.CONTENTS]
    events = json.dumps(without, default=str, ensure_ascii=False)
    assert [text for text in (*answers_of(case), *PROMPTS) if text in events] == []


@pytest.mark.parametrize("case", sorted(set(CASES) - BARE))
def test_of_texts_that_are_not_kept_there_are_facts(case: str) -> None:
    hub = hub_of(case, Capture.METADATA)
    attributes = [json.loads(event["attributes"]) for event in hub.events()]
    facts = [one["content_facts"] for one in attributes if "content_facts" in one]
    assert sum(one.get("characters", 0) for one in facts) > 0
    assert all("hash" in one for one in facts)
    dropped = hub.metrics.registry.get_sample_value("hub_contents_dropped_total", {"tenant": "t"})
    assert dropped == len(facts)


def test_the_facts_of_an_agents_last_call_are_those_of_its_whole_history() -> None:
    case = "pydantic-ai/agent-nested-default"
    if case not in CASES:
        pytest.skip("this recording is not here")
    attributes = [
        json.loads(event["attributes"]) for event in hub_of(case, Capture.METADATA).events()
    ]
    facts = [one["content_facts"] for one in attributes if "content_facts" in one]
    longest = max(facts, key=lambda one: sum(one.get("messages", {}).values()))
    assert longest["messages"] == {"system": 1, "user": 7, "assistant": 7}
    assert longest["tool_calls"] == ["ask_expert", "lookup"]


def test_a_history_that_is_sent_again_is_stored_once() -> None:
    case = "pydantic-ai/agent-nested-default"
    if case not in CASES:
        pytest.skip("this recording is not here")
    hub = hub_of(case, Capture.FULL)
    rows = hub.store._rows[Table.CONTENTS]
    assert len({row["content_id"] for row in rows}) == len(rows)
    assert sum(len(row["body"]) for row in rows) < 0.6 * sum(map(len, hub.contents()))
