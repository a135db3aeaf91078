"""When two observations are of one call, which of them counts, and what becomes of the other."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.linking.linker import Linker
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.model.query import EventFilter
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

from .stores import FailingStore

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
RULES = rules_of(NormalizeSettings())
Row = dict[str, Any]


def seen(by: str, span: str, **members: Any) -> Row:
    """A call as the instrumentation `by` saw it: 10 s from noon, 100 and 5 tokens."""
    attributes = {"scope": by, **members.pop("attributes", {})}
    return {
        "source": "observatory",
        "event_type": "inference.completed",
        "event_id": f"t:{span}",
        "trace_id": "t",
        "span_id": span,
        "occurred_at": "2026-11-20T11:00:00Z",
        "latency_ms": 10_000,
        "service": "chat",
        "provider": "openai",
        "model": "gpt-4o",
        "input_tokens": 100,
        "output_tokens": 5,
        "attributes": attributes,
    } | members


class Hub:
    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.linker = Linker(RULES.prices, remembered=100)
        self.committer = Committer(self.store, DedupWindow(), RULES, Metrics(), self.linker)

    def send(self, *rows: Row, tenant: str = "t") -> None:
        self.committer.commit([Submission(tenant, "otlp", Decoded(rows))], NOW)

    def events(self, tenant: str = "t") -> dict[str, Row]:
        found = self.store.events(EventFilter(tenant, limit=100)).to_pylist()
        return {row["span_id"]: row for row in found}

    def counted(self, tenant: str = "t") -> list[str]:
        rows = self.events(tenant).values()
        return sorted(row["span_id"] for row in rows if row["event_type"] == "inference.completed")


def counted(*rows: Row) -> list[str]:
    """Which spans count, sent one by one; sent together it is the same."""
    apart, together = Hub(), Hub()
    for row in rows:
        apart.send(row)
    together.send(*rows)
    assert together.counted() == apart.counted()
    return apart.counted()


def test_a_child_of_another_instrumentation_is_the_same_call() -> None:
    assert counted(seen("outer", "a"), seen("inner", "b", parent_span_id="a")) == ["b"]


def test_one_instrumentation_sees_a_call_once() -> None:
    assert counted(seen("one", "a"), seen("one", "b", parent_span_id="a")) == ["a", "b"]
    assert counted(seen("one", "a"), seen("one", "b")) == ["a", "b"]


def test_equal_tokens_at_overlapping_times_are_the_same_call_in_any_trace() -> None:
    assert len(counted(seen("one", "a"), seen("two", "b", trace_id="u"))) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"occurred_at": "2026-11-20T11:00:11Z"},
        {"output_tokens": 6},
        {"service": "other"},
        {"model": "o4-mini"},
        {"input_tokens": None},
    ],
)
def test_what_differs_is_another_call(other: Row) -> None:
    assert counted(seen("one", "a"), seen("two", "b", trace_id="u", **other)) == ["a", "b"]


def test_a_model_may_be_named_as_asked_for_or_as_answered() -> None:
    answered = seen("two", "b", trace_id="u", model="gpt-4o-2024-08-06")
    assert len(counted(seen("one", "a"), answered)) == 1


def test_the_providers_id_joins_and_separates() -> None:
    def with_id(name: str) -> Row:
        return {"attributes": {"gen_ai.response.id": name}}

    first = seen("one", "a", **with_id("r1"))
    assert len(counted(first, seen("one", "b", **with_id("r1")))) == 1
    assert len(counted(first, seen("two", "b", output_tokens=6, **with_id("r1")))) == 1
    assert counted(first, seen("one", "b", output_tokens=6, **with_id("r1"))) == ["a", "b"]
    child = seen("two", "b", parent_span_id="a", **with_id("r2"))
    assert counted(seen("one", "a", **with_id("r1")), child) == ["a", "b"]


def test_two_children_are_two_calls_and_their_parent_none() -> None:
    children = [seen("inner", name, parent_span_id="a", output_tokens=7) for name in "bc"]
    assert counted(seen("outer", "a"), *children) == ["b", "c"]


def test_tenants_have_no_calls_in_common() -> None:
    hub = Hub()
    hub.send(seen("outer", "a"))
    hub.send(seen("inner", "b", parent_span_id="a"), tenant="u")
    assert (hub.counted(), hub.counted("u")) == (["a"], ["b"])


def test_events_without_a_scope_are_never_linked() -> None:
    plain = [{**seen("x", name), "attributes": {}} for name in "ab"]
    assert counted(*plain) == ["a", "b"]


THREE = (
    seen("outer", "a", cached_tokens=40, user_id="u"),
    seen("middle", "b", parent_span_id="a", reasoning_tokens=2, cached_tokens=40),
    seen("wire", "c", parent_span_id="b", attributes={"gen_ai.response.id": "r"}, ttft_ms=9.0),
)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_counted_one_knows_all_and_is_the_same_in_any_order(order: Sequence[int]) -> None:
    hub = Hub()
    for place in order:
        hub.send(THREE[place])
    events = hub.events()
    assert hub.counted() == ["b"]
    known = {"cached_tokens": 40, "reasoning_tokens": 2, "ttft_ms": 9.0, "user_id": "u"}
    assert {name: events["b"][name] for name in known} == known
    for name in "ac":
        assert (events[name]["event_type"], events[name]["input_tokens"]) == (
            "inference.observed",
            None,
        )
        notes = json.loads(events[name]["attributes"])
        assert (notes["same_call_as"], notes["observed"]["input_tokens"]) == ("t:b", 100)
    assert events["b"]["cost_usd"] > 0
    assert events["a"]["cost_usd"] is None


def test_what_was_not_stored_is_forgotten_and_may_be_sent_again() -> None:
    store = FailingStore()
    hub = Hub(store)
    hub.send(seen("outer", "a"))
    store.is_away = True
    inner = seen("inner", "b", parent_span_id="a", cached_tokens=3)
    with pytest.raises(UnavailableError):
        hub.send(inner)
    assert hub.counted() == ["a"]
    store.is_away = False
    hub.send(inner)
    assert hub.counted() == ["b"]
    assert hub.events()["a"]["event_type"] == "inference.observed"


def test_a_new_process_recalls_what_is_stored() -> None:
    earlier = Hub()
    earlier.send(*THREE[:2])
    later = Hub(earlier.store)
    later.linker.recall(*earlier.store.recent_spans(datetime(2026, 1, 1, tzinfo=UTC), 10))
    later.send(THREE[2])
    assert later.counted() == ["b"]
    assert later.events()["b"]["ttft_ms"] == 9.0


def test_memory_is_bounded() -> None:
    hub = Hub()
    for number in range(50):
        hub.send(*(seen("one", f"{number}-{place}", trace_id=str(number)) for place in range(10)))
    assert len(hub.linker) <= 200


FAILED = {"status": "error", "input_tokens": None, "output_tokens": None}


def test_two_siblings_that_failed_together_are_one_call() -> None:
    one = seen("one", "a", parent_span_id="p", **FAILED)
    two = seen("two", "b", parent_span_id="p", **FAILED)
    assert len(counted(one, two)) == 1
    assert counted(one, {**two, "parent_span_id": "q"}) == ["a", "b"]
    assert counted(one, {**two, "occurred_at": "2026-11-20T11:00:11Z"}) == ["a", "b"]
    assert counted(one, seen("two", "b", parent_span_id="p")) == ["a", "b"]


@pytest.mark.parametrize(("written", "calls"), [("11:00:14", 1), ("11:00:16", 2)])
def test_a_record_of_a_moment_is_written_soon_after_the_call(written: str, calls: int) -> None:
    record = seen("two#log", "b", trace_id="u", latency_ms=None)
    assert (
        len(counted(seen("one", "a"), {**record, "occurred_at": f"2026-11-20T{written}Z"})) == calls
    )


def test_of_equals_the_one_that_knows_how_long_it_took_counts() -> None:
    answered = {"attributes": {"gen_ai.response.id": "r"}}
    record = seen("two#log", "b", parent_span_id="a", latency_ms=None, **answered)
    assert counted(seen("one", "a"), record) == ["a"]
