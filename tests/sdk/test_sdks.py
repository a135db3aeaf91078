"""What the hub knows of calls that real SDKs made, connected as their pages say: `make test-sdks`."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from tests.system.conftest import HubProcess, free_port

from .fake_openai import Answer, FakeOpenAI
from .gaps import GAPS, with_gaps
from .pages import lines_of_pages
from .run_page import ENVIRONMENTS, run_page

pytestmark = [pytest.mark.sdk, pytest.mark.system, pytest.mark.slow]

COUNTS = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")
CALLS = [{"field": "event_type", "op": "eq", "value": "inference.completed"}]


@dataclass(frozen=True)
class Told:
    """What an SDK told a hub, and what the model server knows of it."""

    sdk: str
    answers: list[Answer]
    hub: HubProcess

    def events(self) -> list[dict[str, Any]]:
        """Every event, earliest first."""
        answer = self.hub.client.get("/api/v1/events", params={"limit": 1000}).raise_for_status()
        return sorted(answer.json()["events"], key=lambda event: str(event["occurred_at"]))

    def expected(self) -> list[dict[str, object]]:
        """What the hub can know of each call, in the order of the calls."""
        rows = [with_gaps(self.sdk, answer.kind, truth(answer)) for answer in self.answers]
        return [row for row in rows if row]


@pytest.fixture(scope="module", params=GAPS)
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Told]:
    sdk = str(request.param)
    if not (ENVIRONMENTS / sdk / ".installed").exists():
        pytest.skip(f"the environment .sdks/{sdk} is not installed: make test-sdks")
    folder, grpc = tmp_path_factory.mktemp(sdk), free_port()
    keep = {"HUB_NORMALIZE__CONTENTS": '{"*": "full"}'}
    with (
        closing(FakeOpenAI()) as models,
        closing(HubProcess(folder / "data", grpc, **keep)) as hub,
    ):
        ports = {"4317": str(grpc), "4318": hub.url.rpartition(":")[2]}
        app = folder / "app"
        app.mkdir()
        run_page(sdk, lines_of_pages()[sdk], app, models.url, ports)
        yield Told(sdk, models.answers, hub)


def truth(answer: Answer) -> dict[str, object]:
    is_embedding = answer.kind == "embeddings"
    return {
        "operation": "embeddings" if is_embedding else "chat",
        "provider": "openai",
        "model": answer.model,
        **{name: getattr(answer, name) for name in COUNTS},
        "failed": answer.kind == "refused",
        "ttft": answer.kind.startswith("stream"),
        "user_id": "ann",
        "session_id": "s-1",
        "service": "my-app",
        "contents": True,
    }


def known(call: dict[str, Any], events: list[dict[str, Any]]) -> dict[str, object]:
    """What the hub knows of a call, in the words of `truth`."""
    names = ("operation", "provider", "model", "user_id", "session_id", "service", *COUNTS)
    row = {name: call.get(name) for name in names}
    for part in ("cached_tokens", "reasoning_tokens"):
        row[part] = row[part] or None  # a cache that gave nothing is no cache
    if row["operation"] == "embeddings":
        row["output_tokens"] = row["output_tokens"] or None
    return {
        **row,
        "failed": call["status"] == "error",
        "ttft": "ttft_ms" in call,
        "contents": "content_id" in call or any(_is_message_of(event, call) for event in events),
    }


def _is_message_of(event: dict[str, Any], call: dict[str, Any]) -> bool:
    """Whether it is a log record with a prompt or an answer of this call."""
    is_log = event["event_type"] == "log.recorded" and "content_id" in event
    return is_log and event.get("parent_span_id") == call["span_id"]


def test_every_call_is_known_as_the_provider_answered_it(told: Told) -> None:
    events = told.events()
    calls = [event for event in events if event["event_type"] == "inference.completed"]
    assert [known(call, events) for call in calls] == told.expected()


def test_the_totals_of_each_model_are_those_of_the_provider(told: Told) -> None:
    question = {
        "measures": ["requests", "errors", *COUNTS],
        "dimensions": ["model"],
        "filters": CALLS,
        "time_range": {"last": "1h"},
    }
    answer = told.hub.client.post("/api/v1/query", json=question).raise_for_status().json()
    found = {row[0]: tuple(number or 0 for number in row[1:]) for row in answer["rows"]}
    assert found == totals(told.expected())


def totals(rows: list[dict[str, Any]]) -> dict[str, tuple[int, ...]]:
    """Calls, errors and tokens by model."""
    sums: dict[str, Counter[int]] = {}
    for row in rows:
        numbers = (1, int(row["failed"]), *(row[name] or 0 for name in COUNTS))
        sums.setdefault(row["model"], Counter()).update(dict(enumerate(numbers)))
    return {model: tuple(counts[place] for place in range(6)) for model, counts in sums.items()}


def test_nothing_was_refused(told: Told) -> None:
    assert (
        told.hub.client.get("/api/v1/dead-letters").raise_for_status().json()["dead_letters"] == []
    )
