"""Model calls that Sentinel reads, beyond what the samples show."""

import json
from decimal import Decimal

from llm_analytics_hub.integrations.catalog import INTEGRATIONS
from llm_analytics_hub.integrations.native import decode_native

from .wire import NOW, Row, events_of

CALL = {
    "event_id": "a7c2", "timestamp": "2025-11-19T10:00:01.432Z", "service_name": "support-bot",
    "trace_id": "83f1", "span_id": "8ddf", "model": "gpt-4o",
    "prompt": {"text": "Where is my parcel?", "tokens": 812, "embedding": None},
    "response": {"text": "Tomorrow.", "tokens": 96, "finish_reason": "stop", "embedding": None},
    "latency_ms": 1432.118, "cost_usd": 0.00299, "metadata": {}, "errors": [],
}  # fmt: skip


def one(document: Row) -> Row:
    (row,) = events_of("sentinel", json.dumps(document).encode(), "application/json")
    return row


def raw(document: Row) -> Row:
    """The event before it is normalised: contents are in it."""
    body = json.dumps(document).encode()
    (row,) = decode_native(INTEGRATIONS["sentinel"], body, "application/json", NOW).rows
    return dict(row)


def test_telemetry_is_model_calls_that_are_kept_as_telemetry() -> None:
    row = one({"data": [CALL]})
    assert (row["source"], row["stream"], row["event_type"]) == (
        "sentinel",
        "observatory",
        "inference.completed",
    )
    assert (row["input_tokens"], row["output_tokens"], row["total_tokens"]) == (812, 96, 908)
    assert (row["cost_usd"], row["latency_ms"]) == (Decimal("0.00299"), 1432.118)
    assert (row["trace_id"], row["span_id"], row["status"]) == ("83f1", "8ddf", "ok")
    assert row["attributes"] == {"finish_reasons": ["stop"]}


def test_texts_of_a_call_are_content_and_never_attributes() -> None:
    embedded = {**CALL["prompt"], "embedding": [0.5]}
    assert raw({**CALL, "prompt": embedded})["content"] == {
        "input_text": "Where is my parcel?",
        "output": "Tomorrow.",
        "embeddings": {"prompt": [0.5]},
    }
    flat = {"model_name": "m", "latency_ms": 1, "prompt_text": "a", "response_text": "b"}
    assert raw(flat)["content"] == {"input_text": "a", "output": "b"}
    bare = raw({"model": "m", "prompt": "a", "response": "b"})
    assert bare["content"] == {"input_text": "a", "output": "b"}
    assert "attributes" not in bare
    assert "content" not in raw({**CALL, "prompt": {"text": ""}, "response": None})


def test_a_call_with_errors_is_an_error_and_without_a_word_of_them_unknown() -> None:
    row = one({**CALL, "errors": ["rate limit"]})
    assert (row["status"], row["attributes"]["errors"]) == ("error", ["rate limit"])
    assert one({**CALL, "errors": None})["status"] is None


def test_metadata_of_a_call_fills_fields_but_no_credential_is_kept() -> None:
    told = {"user_id": "u-1", "region": "eu", "session_id": "s", "environment": "prod"}
    row = one({**CALL, "metadata": {**told, "api_key": "sk-1", "version": "1.2"}})
    assert {name: row[name] for name in told} == told
    assert row["attributes"] == {"finish_reasons": ["stop"], "version": "1.2"}


def test_a_flat_call_is_named_by_its_request() -> None:
    flat: Row = {"model_name": "m", "latency_ms": 1.5, "timestamp": CALL["timestamp"]}
    assert one({**flat, "request_id": "r-1"})["event_id"] == "r-1"
    both = one({**flat, "request_id": "r-1", "event_id": "e-1"})
    assert (both["event_id"], both["attributes"]["request_id"]) == ("e-1", "r-1")
    assert one(flat)["event_id"].startswith("x-")
