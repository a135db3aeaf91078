"""Model calls on the Kafka topic that Sentinel reads: the hub taps it.

The module's own example producers write another, flat form of the same, which it does not read
itself; the hub reads both. They are telemetry and kept as long: 7 days, not a security event's 365.
"""

from collections.abc import Iterable

from llm_analytics_hub.integrations.integration import Shape, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    Rule,
    constant,
    read,
    renamed,
)
from llm_analytics_hub.model.event import INFERENCE


def _id(reading: Reading) -> object:
    """`request_id` is the id where there is no other; else it stays."""
    return reading.take("event_id") or reading.take("request_id")


def _status(reading: Reading) -> str | None:
    errors = reading.see("errors")
    if not isinstance(errors, list):
        return None
    return "error" if errors else "ok"


def _finish_reasons(reading: Reading) -> list[object] | None:
    reason = reading.take("response.finish_reason", "finish_reason")
    return None if reason is None else [reason]


COLUMNS: Columns = {
    "event_type": constant(INFERENCE),
    "stream": constant("observatory"),
    "event_id": _id,
    "occurred_at": "timestamp",
    "service": "service_name",
    "model": ("model", "model_name"),
    "provider": ("provider", "metadata.provider"),
    "trace_id": "trace_id",
    "span_id": "span_id",
    "latency_ms": "latency_ms",
    "input_tokens": ("prompt.tokens", "prompt_tokens"),
    "output_tokens": ("response.tokens", "completion_tokens"),
    "total_tokens": "total_tokens",
    "cost_usd": "cost_usd",
    "status": _status,
    "user_id": ("user_id", "metadata.user_id"),
    "session_id": ("session_id", "metadata.session_id"),
    "region": ("region", "metadata.region"),
    "environment": ("environment", "metadata.environment"),
}


def _text(member: str) -> Rule:
    """A text in its object, flat beside it, or in the object's place."""

    def text(reading: Reading) -> object:
        found = reading.take(f"{member}.text", f"{member}_text")
        return reading.take(member) if isinstance(reading.see(member), str) else found

    return text


CONTENT: Columns = {"input_text": _text("prompt"), "output": _text("response")}
EMBEDDINGS: Columns = {"prompt": "prompt.embedding", "response": "response.embedding"}


def call(message: Message) -> Iterable[Row]:
    """One model call; its texts are content, never attributes."""
    reading = Reading(message.document)
    reading.take("metadata.api_key")  # a credential that Sentinel's own reader of spans passes on
    row = read(reading, COLUMNS)
    if content := _content(reading):
        row["content"] = content
    renamed(reading, {"finish_reasons": _finish_reasons})
    reading.open("metadata", "prompt", "response")
    rest = {name: value for name, value in reading.rest.items() if value != []}
    return [with_rest(row, rest)]


def _content(reading: Reading) -> Row:
    content = {name: text for name, text in read(reading, CONTENT).items() if text != ""}
    embeddings = read(reading, EMBEDDINGS)
    return {**content, "embeddings": embeddings} if embeddings else content


def _is_call(message: Message) -> bool:
    names = message.document.keys()
    is_of_model = not names.isdisjoint({"model", "model_name"})
    return is_of_model and not names.isdisjoint({"latency_ms", "prompt", "prompt_tokens"})


TELEMETRY = Shape("telemetry event", _is_call, call)
