"""Who a call was made for comes down its trace, whatever arrives first."""

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
TRACE = "0123456789abcdef0123456789abcdef"
Row = dict[str, Any]


def span(name: str, parent: str | None = None, **members: Any) -> Row:
    """An agent's span; its id is `name` as 16 digits."""
    return {
        "source": "observatory",
        "event_type": "agent.completed",
        "event_id": f"t:{name}",
        "trace_id": TRACE,
        "span_id": _id(name),
        "parent_span_id": parent and _id(parent),
        "occurred_at": "2026-11-20T11:00:00Z",
        "attributes": {"scope": "agents"},
    } | members


def call(name: str, parent: str | None = None, **members: Any) -> Row:
    """A model call of 100 and 5 tokens."""
    counts = {"model": "gpt-4o", "provider": "openai", "input_tokens": 100, "output_tokens": 5}
    return span(name, parent, event_type="inference.completed", **counts, **members)


def _id(name: str) -> str:
    return name.encode().hex().rjust(16, "0")


class Hub:
    def __init__(self, store: MemoryStore | None = None, remembered: int = 100) -> None:
        self.store = store or MemoryStore()
        self.linker = Linker(RULES.prices, remembered=remembered)
        self.committer = Committer(self.store, DedupWindow(), RULES, Metrics(), self.linker)

    def send(self, *rows: Row, tenant: str = "t") -> None:
        self.committer.commit([Submission(tenant, "otlp", Decoded(rows))], NOW)

    def events(self, tenant: str = "t") -> dict[str, Row]:
        found = self.store.events(EventFilter(tenant, limit=10_000)).to_pylist()
        return {row["event_id"].removeprefix("t:"): row for row in found}

    def people(self) -> dict[str, tuple[str | None, str | None]]:
        return {name: (row["user_id"], row["session_id"]) for name, row in self.events().items()}


def people(*requests: Sequence[Row]) -> dict[str, tuple[str | None, str | None]]:
    """User and session of each event, the same whether sent so or all at once."""
    apart, together = Hub(), Hub()
    for rows in requests:
        apart.send(*rows)
    together.send(*(row for rows in requests for row in rows))
    assert together.people() == apart.people()
    return apart.people()


FAMILY = (
    span("root", user_id="ann", session_id="s1"),
    span("agent", "root"),
    call("call", "agent"),
    span("tool", "agent", event_type="tool.completed"),
)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_all_descendants_inherit_in_any_order(order: Sequence[int]) -> None:
    assert people(*([FAMILY[place]] for place in order)) == dict.fromkeys(
        ("root", "agent", "call", "tool"), ("ann", "s1")
    )


def test_the_nearest_ancestor_that_says_it_is_believed() -> None:
    chain = [
        span("a", user_id="ann", session_id="s1"),
        span("b", "a", user_id="bob"),
        span("c", "b", session_id="s2"),
        call("d", "c"),
    ]
    expected = {"a": ("ann", "s1"), "b": ("bob", "s1"), "c": ("bob", "s2"), "d": ("bob", "s2")}
    for order in permutations(chain):
        assert people(*([row] for row in order)) == expected


def test_nothing_goes_up_or_sideways() -> None:
    rows = [span("root"), call("one", "root", user_id="ann"), call("two", "root")]
    assert people(rows) == {"root": (None, None), "one": ("ann", None), "two": (None, None)}


def test_a_span_that_never_arrives_cuts_the_line() -> None:
    rows = [span("root", user_id="ann"), call("call", "lost")]
    assert people(rows[:1], rows[1:])["call"] == (None, None)


def test_traces_and_tenants_have_no_ancestors_in_common() -> None:
    hub = Hub()
    hub.send(FAMILY[0])
    hub.send(call("other", "root", trace_id="f" * 32), call("short", "root", trace_id="t"))
    hub.send(call("call", "root"), tenant="u")
    assert hub.people() == {"root": ("ann", "s1"), "other": (None, None), "short": (None, None)}
    assert hub.events("u")["call"]["user_id"] is None


def test_a_log_record_inherits_from_the_span_it_was_written_in() -> None:
    log = span("log", "agent", event_type="log.recorded", span_id=None)
    for order in permutations([log, *FAMILY[:2]]):
        assert people(*([row] for row in order))["log"] == ("ann", "s1")


def test_ids_of_any_spelling_are_followed() -> None:
    rows = [
        span("a", span_id="root", trace_id="run-7", user_id="ann"),
        call("b", span_id="call", trace_id="run-7", parent_span_id="root"),
    ]
    assert people(rows[1:], rows[:1])["b"] == ("ann", None)


def test_cycles_of_parents_end() -> None:
    rows = [span("a", "b"), span("b", "c"), call("c", "a", user_id="ann"), span("self", "self")]
    assert people(rows)["b"] == ("ann", None)
    apart = Hub()
    for row in rows:
        apart.send(row)
    assert apart.people()["self"] == (None, None)


def test_what_an_event_costs_and_all_else_of_it_stays() -> None:
    hub = Hub()
    rows = [call("linked", "root"), call("plain", "root", attributes={}, cost_usd=7, region="eu")]
    hub.send(*rows)
    before = hub.events()
    hub.send(FAMILY[0])
    after = hub.events()
    for name in ("linked", "plain"):
        changed = {key for key, value in after[name].items() if before[name].get(key) != value}
        assert changed == {"user_id", "session_id"}
    assert before["plain"]["cost_usd"] == 7
    assert before["linked"]["cost_usd"] > 0


def test_a_call_that_two_saw_inherits_whichever_counts() -> None:
    outer = call("outer", "root", attributes={"scope": "outer"})
    inner = call("inner", "outer", attributes={"scope": "inner"}, cached_tokens=4)
    for order in permutations([FAMILY[0], outer, inner]):
        hub = Hub()
        for row in order:
            hub.send(row)
        assert set(hub.people().values()) == {("ann", "s1")}
        counted = [row for row in hub.events().values() if row["cost_usd"]]
        assert [row["event_id"] for row in counted] == ["t:inner"]
        assert json.loads(hub.events()["outer"]["attributes"])["same_call_as"] == "t:inner"


def test_a_giver_that_was_not_stored_gives_when_it_is_sent_again() -> None:
    store = FailingStore()
    hub = Hub(store)
    hub.send(*FAMILY[1:])
    store.is_away = True
    with pytest.raises(UnavailableError):
        hub.send(FAMILY[0])
    store.is_away = False
    assert hub.people()["call"] == (None, None)
    hub.send(FAMILY[0])
    assert set(hub.people().values()) == {("ann", "s1")}


def test_a_new_process_goes_on_with_the_traces_that_are_stored() -> None:
    earlier = Hub()
    earlier.send(*FAMILY[1:3])
    later = Hub(earlier.store)
    later.linker.recall(*earlier.store.recent_spans(datetime(2026, 1, 1, tzinfo=UTC), 10))
    later.send(FAMILY[0])
    later.send(FAMILY[3])
    assert set(later.people().values()) == {("ann", "s1")}


def test_what_is_long_ago_is_forgotten() -> None:
    hub = Hub(remembered=10)
    hub.send(call("early", "root"))
    for number in range(30):
        hub.send(span(f"other-{number}", trace_id=f"{number:032x}"))
    hub.send(FAMILY[0])
    assert hub.people()["early"] == (None, None)
