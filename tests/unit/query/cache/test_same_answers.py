"""Any order of writes, questions and passing time: with the cache the same as without."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.model.query import EventFilter, TimeRange
from llm_analytics_hub.query.cache.opening import CacheSettings, open_cache
from llm_analytics_hub.query.cache.question_key import QuestionKey
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

from .parts import DAY, NOW, Said

pytestmark = pytest.mark.slow
RULES = rules_of(NormalizeSettings())
TENANTS = st.sampled_from(["a", "b"])
RANGES = st.sampled_from(["last 1", "last 24", "last 72", "fixed 24", "fixed 48", "fixed 80"])
CALL = {"source": "observatory", "event_type": "inference.completed", "operation": "chat"}


class Hub(RuleBasedStateMachine):
    """A committer, a store and a cache, as a hub has them."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(NOW)
        self.metrics, self.store = Metrics(), MemoryStore()
        small = CacheSettings(memory_bytes=8_000)
        self.cache = open_cache(small, self.clock, self.metrics)
        self.committer = Committer(
            self.store, DedupWindow(), RULES, self.metrics, touched=self.cache.touched
        )
        self.asked: dict[tuple[str, str], TimeRange] = {}
        self.number = 0

    @rule(tenants=st.lists(TENANTS, min_size=1, max_size=3), hours=st.integers(0, 80))
    def write(self, tenants: list[str], hours: int) -> None:
        self.number += 1
        row = CALL | {
            "event_id": str(self.number),
            "occurred_at": (NOW - timedelta(hours=hours)).isoformat(),
        }
        self.committer.commit([Submission(t, "events", Decoded([row])) for t in tenants], NOW)

    @rule(seconds=st.sampled_from([1, 11, 12, 200, 400, 40_000]))
    def wait(self, seconds: int) -> None:
        self.clock.set(self.clock.now() + timedelta(seconds=seconds))

    @rule(tenant=TENANTS, wanted=RANGES)
    def ask(self, tenant: str, wanted: str) -> None:
        span, is_relative = self.span(wanted), wanted.startswith("last")
        question = QuestionKey(tenant, {"asked": wanted}, (span,), is_relative)
        found = self.cache.answer(question, lambda: Said(self.count(tenant, span)))
        if not found.meta["cached"]:
            self.asked[tenant, wanted] = span
        # From the cache it is the answer to the range as it stood when last asked.
        stood = self.asked[tenant, wanted]
        assert stood == span or is_relative
        assert found.rows["events"].to_pylist() == [self.count(tenant, stood)]
        assert span.end - stood.end < max((span.end - span.start) / 300, timedelta(microseconds=1))

    @invariant()
    def no_answer_holds_too_long(self) -> None:
        assert self.metrics.registry.get_sample_value("hub_cache_bytes") <= 8_000

    def span(self, wanted: str) -> TimeRange:
        word, hours = wanted.split()
        if word == "last":
            return TimeRange(self.clock.now() - timedelta(hours=int(hours)), self.clock.now())
        start = NOW - timedelta(hours=int(hours))
        return TimeRange(start, start + DAY)

    def count(self, tenant: str, span: TimeRange) -> int:
        return self.store.events(EventFilter(tenant, time_range=span, limit=1_000)).num_rows


TestHub = pytest.mark.slow(Hub.TestCase)
TestHub.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
