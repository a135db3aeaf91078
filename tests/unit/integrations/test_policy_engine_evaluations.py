"""What no sample shows of evaluations: over gRPC, in the history, counted, and by agents."""

import json
from typing import Any

import pytest

from llm_analytics_hub.integrations.native import decode_native
from llm_analytics_hub.integrations.policy_engine import POLICY_ENGINE

from .wire import NOW, TYPES, Row, events_of

JSON = TYPES[".json"]
DECISION: Row = {
    "event_id": "d1",
    "decision_type": "policy_enforcement_decision",
    "outputs": {"decision": "policy_allow", "allowed": True},
    "timestamp": "2025-11-19T10:00:12.349Z",
}


def sent(document: Any) -> list[Row]:
    return events_of("policy-engine", json.dumps(document).encode(), JSON)


def one(document: Any) -> Row:
    (row,) = sent(document)
    return row


def types(document: Any) -> list[str]:
    return [row["event_type"] for row in sent(document)]


GRPC = {
    "request_id": "r2",
    "decision": {"decision": "deny", "allowed": False, "matched_policies": ["p1"],
                 "matched_rules": ["rule"], "evaluation_time_ms": "4"},
    "timestamp": "1763546413001",
    "cached": False,
}  # fmt: skip


def test_a_reply_of_grpc_has_its_numbers_as_text() -> None:
    decided, violation = sent(GRPC)
    assert decided["latency_ms"] == 4
    assert decided["occurred_at"].isoformat() == "2025-11-19T10:00:13.001000+00:00"
    assert (decided["event_id"], violation["event_id"]) == ("r2", "r2:violation")
    assert violation["attributes"]["rule_id"] == "rule"


def test_an_empty_request_id_of_grpc_names_no_event() -> None:
    first, second = (
        {**GRPC, "request_id": "", "timestamp": when} for when in (1763546413001, 1763546413002)
    )
    ids = {row["event_id"] for row in sent([first, second])}
    assert len(ids) == 4
    assert ":violation" not in ids


HISTORY = {
    "id": 17, "requestId": "r3", "policyIds": ["p1"], "decision": "deny", "allowed": False,
    "matchedPolicies": ["p1"], "matchedRules": [], "reason": None,
    "context": {"llm": {"provider": "openai", "model": "gpt-4o", "prompt": "my secret"},
                "user": {"id": "u1"}, "project": {"environment": "staging"}},
    "evaluationTimeMs": "3.84", "cached": False, "createdAt": "2025-11-19 10:00:12.5",
    "metadata": {},
}  # fmt: skip


@pytest.mark.parametrize(
    "reply",
    [
        {"evaluations": [HISTORY], "count": 1, "limit": 100, "offset": 0},
        {"evaluation": HISTORY},
        HISTORY,
    ],
)
def test_history_comes_as_page_as_reply_and_as_row(reply: Row) -> None:
    decided, violation = sent(reply)
    assert (decided["event_id"], violation["event_id"]) == ("17", "17:violation")
    assert decided["occurred_at"].isoformat() == "2025-11-19T10:00:12.500000+00:00"
    assert (decided["latency_ms"], decided["model"], decided["user_id"]) == (3.84, "gpt-4o", "u1")
    assert (decided["correlation_id"], violation["environment"]) == ("r3", "staging")


def test_the_prompt_of_a_kept_evaluation_is_content() -> None:
    rows = decode_native(POLICY_ENGINE, json.dumps(HISTORY).encode(), JSON, NOW).rows
    assert rows[0]["content"] == {"llm": {"prompt": "my secret"}}
    assert "secret" not in json.dumps([{**row, "content": None} for row in rows])


def test_a_batch_of_evaluations_is_taken_apart() -> None:
    assert types({"results": [GRPC, {**GRPC, "request_id": "r9"}], "count": 2}) == [
        "policy.evaluated", "violation.detected",
    ] * 2  # fmt: skip


def test_an_empty_page_is_no_event() -> None:
    assert sent({"evaluations": [], "count": 0, "limit": 100, "offset": 0}) == []


@pytest.mark.parametrize(
    ("total", "allowed", "rate"),
    [(4, 3, 0.75), ("40", "30", 0.75), (0, 0, None), (None, 3, None), (4, None, None)],
)
def test_statistics_are_a_rate_of_compliance(total: object, allowed: object, rate: object) -> None:
    row = one({"stats": {"total": total, "allowed": allowed}, "period": {"days": 7}})
    assert (row["event_type"], row["value"], row["status"]) == ("compliance.reported", rate, None)
    assert row["attributes"]["period_ms"] == 7 * 86_400_000


SPAN = {"type": "agent", "span_id": "s2", "parent_span_id": "s1", "repo_name": "policy-engine",
        "start_time": "2025-11-19T10:00:00Z", "end_time": "2025-11-19T10:00:00.250Z",
        "status": "completed", "artifacts": []}  # fmt: skip


def agent_reply(*spans: Row) -> Row:
    repo = {"type": "repo", "span_id": "s1", "status": "running", "start_time": SPAN["start_time"]}
    return {"success": True, "data": DECISION,
            "execution": {"repo_span": repo, "agent_spans": list(spans)}}  # fmt: skip


def test_an_agent_answers_its_decision_and_spans() -> None:
    decided, repo, agent = sent(agent_reply(SPAN))
    assert decided["event_id"] == "d1"
    assert (repo["event_type"], repo["latency_ms"]) == ("execution.started", None)
    assert (agent["event_type"], agent["latency_ms"]) == ("execution.completed", 250)
    assert (agent["parent_span_id"], agent["service"], agent["status"]) == (
        "s1", "policy-engine", "ok",
    )  # fmt: skip
    assert {repo["stream"], agent["stream"]} == {"observatory"}


@pytest.mark.parametrize(
    ("change", "event_type", "latency_ms"),
    [
        ({"status": "failed"}, "execution.failed", 250),
        ({"status": "paused"}, "execution.observed", 250),
        ({"status": None}, "execution.observed", 250),
        ({"end_time": "soon"}, "execution.completed", None),
        ({"end_time": None}, "execution.completed", None),
    ],
)
def test_spans_of_every_state(change: Row, event_type: str, latency_ms: float | None) -> None:
    agent = sent(agent_reply({**SPAN, **change}))[-1]
    assert (agent["event_type"], agent["latency_ms"]) == (event_type, latency_ms)


def test_an_answer_of_an_agent_without_spans_is_its_decision() -> None:
    assert types({"success": True, "data": {**DECISION, "outputs": {"allowed": False}}, "execution": None}) == [
        "policy.evaluated", "violation.detected",
    ]  # fmt: skip
