"""The codec against what real SDKs sent, and against what the model server knows of it."""

import json
from collections import Counter
from typing import Any

import pytest

from .recorded import (
    CASES,
    ESTIMATED,
    LOGS,
    LOST,
    OPEN,
    Row,
    carried,
    golden,
    golden_file,
    model_calls,
    rows_of,
    truth_of,
)

pytestmark = pytest.mark.skipif(
    not CASES, reason="the recordings (../shared/otlp beside the repository) are not here"
)


def told(log: dict[str, Any]) -> tuple[object, ...]:
    name = log["attributes"].get("event.name") or log["event_name"]
    time = int(log["time_ns"] or log["observed_time_ns"])
    return name, log["trace_id"] or None, log["span_id"] or None, time


def ended(row: Row) -> int:
    """The time of a record: a call's is that of its end."""
    return int(row["occurred_at"]) + int(row.get("latency_ms", 0) * 1e6)


PROMPTS = ("[[tool=", "Stadt-", "terse assistant", "stream it", "thinking hard")


@pytest.mark.parametrize("case", CASES)
def test_every_span_becomes_one_row_of_its_trace(case: str) -> None:
    spans = {span["span_id"]: span for span in truth_of(case)["spans"]}
    rows = rows_of(case)
    assert len(rows) == len(spans)
    for row in rows:
        span = spans[row["span_id"]]
        assert row["trace_id"] == span["trace_id"]
        assert row.get("parent_span_id") == span["parent_span_id"]
        length = span["end_ns"] - span["start_ns"]
        earlier = 0 if length else int(span["attributes"].get("duration", 0) * 1e9)
        assert row["occurred_at"] == pytest.approx(span["start_ns"] - earlier, abs=1000, rel=0)
        assert row["original_type"] == span["name"]
        seconds = span["attributes"].get("duration", 0) or (span["end_ns"] - span["start_ns"]) / 1e9
        is_untimed = case == "codex/exec-tool" and row["event_type"] == "inference.completed"
        assert row.get("latency_ms") == (None if is_untimed else pytest.approx(seconds * 1000))


@pytest.mark.parametrize("case", CASES)
def test_every_log_record_becomes_one_row_of_its_span(case: str) -> None:
    rows = [
        (row["original_type"], row.get("trace_id"), row.get("parent_span_id"), ended(row))
        for row in rows_of(case, LOGS)
    ]
    assert Counter(rows) == Counter(map(told, truth_of(case)["logs"]))


@pytest.mark.parametrize("case", CASES)
def test_prompts_and_answers_are_never_among_the_attributes(case: str) -> None:
    rows = [*rows_of(case), *rows_of(case, LOGS)]
    attributes = json.dumps([row["attributes"] for row in rows], ensure_ascii=False)
    answers = [call.get("output_text") for call in truth_of(case)["llm_calls"]]
    contents = [*answers, *PROMPTS]
    assert not [content for content in contents if content and content in attributes]


@pytest.mark.parametrize("case", CASES)
def test_the_counts_of_a_call_are_of_one_call_of_the_server(case: str) -> None:
    calls = [usage for call in truth_of(case)["llm_calls"] if (usage := call["usage"])]
    by_input = {usage.get("input_all") or usage["input"]: usage for usage in calls}
    inexact = {OPEN.get((case, "input")), OPEN.get((case, "output"))} & {LOST, ESTIMATED}
    for row in model_calls(case):
        if row.get("input_tokens") and (row["input_tokens"] in by_input or not inexact):
            usage = by_input[row["input_tokens"]]
            output = usage.get("output_all") or usage["output"] or 0
            assert inexact or (row.get("output_tokens") or 0) == output
            assert (row.get("cached_tokens") or 0) in {0, usage["cached_input"]}
            assert (row.get("cache_write_tokens") or 0) in {0, usage["cache_creation_input"]}
            assert (row.get("reasoning_tokens") or 0) in {0, usage["reasoning"]}


@pytest.mark.parametrize("case", CASES)
def test_users_and_sessions_that_a_script_had_set_are_read(case: str) -> None:
    given = truth_of(case).get("set_by_script") or {}
    names = {"user_id": "user_id", "user": "user_id"}
    sessions = {"session_id": "session_id", "conversation_id": "session_id"}
    text, _ = carried(case)
    for name, field in {**names, **sessions}.items():
        if given.get(name) and given[name] in text:
            rows = [*rows_of(case), *rows_of(case, LOGS)]
            assert given[name] in {row.get(field) for row in rows}


@pytest.mark.parametrize("case", CASES)
def test_a_model_call_names_its_provider_and_its_operation(case: str) -> None:
    if case == "codex/exec-tool":
        pytest.skip("only log records name the model")
    for row in model_calls(case):
        assert row["provider"] in {"openai", "anthropic", "google"}
        assert row["operation"] in {"chat", "embeddings", "generate_content", "text_completion"}


@pytest.mark.parametrize("case", CASES)
def test_rows_are_those_of_the_golden_file(case: str) -> None:
    assert golden(case) == json.loads(golden_file(case).read_text())
