"""Traces as the analytics API shows them: a row of `llm_traces` is one model call."""

from collections.abc import Iterable
from dataclasses import replace

from llm_analytics_hub.integrations.integration import Shape, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.observatory.ids import IDS, identified
from llm_analytics_hub.integrations.observatory.labels import contents
from llm_analytics_hub.integrations.observatory.money import total
from llm_analytics_hub.integrations.providers import provider
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    constant,
    lowered,
    read,
    renamed,
)
from llm_analytics_hub.model.event import INFERENCE

COLUMNS: Columns = {
    **IDS,
    "event_type": constant(INFERENCE),
    "original_type": "span_name",
    "occurred_at": "ts",
    "service": "service_name",
    "provider": provider("provider"),
    "model": "model",
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "total_tokens": "total_tokens",
    "cost_usd": total,
    "latency_ms": "duration_ms",
    "ttft_ms": "ttft_ms",
    "status": lowered("status_code"),
    "error_type": "error_type",
    "user_id": "user_id",
    "session_id": "session_id",
    "environment": "environment",
    "account_id": "org_id",
}
CONTENT: Columns = {"input": "input_text", "output": "output_text"}


def trace(message: Message) -> Iterable[Row]:
    """One model call; members that are unknown are left out by the API, and stay unknown."""
    reading = Reading(message.document)
    row = identified(read(reading, COLUMNS))
    renamed(reading, {"status_message": "error_message"})
    told = read(reading, CONTENT)
    reading.open("attributes")
    row["content"] = {**contents(reading), **told} or None
    return [with_rest(row, reading.rest)]


def replied(message: Message) -> Iterable[Row]:
    """The trace in a reply; what the reply says of itself is nothing about it."""
    return trace(_inner(message))


def _inner(message: Message) -> Message:
    data = message.document.get("data")
    return replace(message, document=data if isinstance(data, dict) else {})


TRACE = Shape("trace of the analytics API", has("ts", "trace_id", "span_id"), trace)
TRACE_REPLY = Shape("reply with one trace", lambda message: TRACE.matches(_inner(message)), replied)
