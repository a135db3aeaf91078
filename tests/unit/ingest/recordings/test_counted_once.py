"""Every recording by fact by order of arrival: each call counts once, with the server's numbers."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import product

import pytest

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.model.query import EventFilter
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

from .recorded import CASES, FACTS, OPEN, Row, expected_facts, facts_of, requests_of

pytestmark = pytest.mark.skipif(
    not CASES, reason="the recordings (../shared/otlp beside the repository) are not here"
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
RULES = rules_of(NormalizeSettings())

Requests = Sequence[Decoded]


def one_by_one(requests: Requests) -> Requests:
    return [Decoded([row]) for request in requests for row in request.rows]


ORDERS: dict[str, Callable[[Requests], Requests]] = {
    "as recorded": lambda requests: requests,
    "in reverse": lambda requests: requests[::-1],
    "twice": lambda requests: [*requests, *requests],
    "one by one": one_by_one,
    "one by one, in reverse": lambda requests: one_by_one(requests)[::-1],
}


@cache
def stored(case: str, order: str) -> list[Row]:
    """The model calls that the hub counts after taking a recording in."""
    store = MemoryStore()
    committer = Committer(store, DedupWindow(), RULES, Metrics())
    for request in ORDERS[order](list(requests_of(case))):
        committer.commit([Submission("t", "otlp", request)], NOW)
    events = store.events(EventFilter("t", limit=10_000)).to_pylist()
    return [event for event in events if event["event_type"] == "inference.completed"]


def judged() -> list[object]:
    """Every fact of every recording; what is open must still be wrong."""
    return [
        pytest.param(
            case,
            fact,
            marks=[pytest.mark.xfail(reason=OPEN[case, fact], strict=True)]
            if (case, fact) in OPEN
            else [],
        )
        for case, fact in product(CASES, FACTS)
    ]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("case", "fact"), judged())
def test_a_fact_of_a_recording_is_the_model_servers(case: str, fact: str, order: str) -> None:
    assert facts_of(stored(case, order))[fact] == expected_facts(case)[fact]
