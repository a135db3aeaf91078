"""Usage of models as CostOps is told it, in five spellings: it is usage, and no second model call."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from llm_analytics_hub.ingest.codecs.json_body import decode_json
from llm_analytics_hub.integrations.costops.parties import PARTIES
from llm_analytics_hub.integrations.integration import Shape, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    constant,
    custom,
    first,
    read,
    renamed,
    required_object,
)
from llm_analytics_hub.normalize.number import read_number

RECORDED = "usage.recorded"

COLUMNS: Columns = {
    **PARTIES,
    "event_id": first("id", "event_id", "usage_id", "request_id", "requestId"),
    "occurred_at": "timestamp",
    "original_type": "event_type",
    "input_tokens": ("promptTokens", "prompt_tokens", "usage.prompt_tokens", "input_tokens"),
    "output_tokens": (
        "completionTokens", "completion_tokens", "usage.completion_tokens", "output_tokens",
    ),
    "total_tokens": ("totalTokens", "total_tokens", "usage.total_tokens"),
    "cached_tokens": ("cachedTokens", "cached_tokens", "usage.cached_tokens"),
    "reasoning_tokens": ("reasoningTokens", "reasoning_tokens", "usage.reasoning_tokens"),
    "latency_ms": ("latencyMs", "latency_ms", "performance.latency_ms"),
    "ttft_ms": (
        "timeToFirstTokenMs", "time_to_first_token_ms", "performance.time_to_first_token_ms",
    ),
    "trace_id": ("trace_id", "metadata.trace_id"),
    "span_id": ("span_id", "metadata.span_id"),
    "parent_span_id": "parent_span_id",
    "session_id": ("session_id", "metadata.session_id"),
    "environment": ("environment", "metadata.environment"),
}  # fmt: skip
NAMES: Columns = {
    "project_id": ("project_id", "projectId"),
    "model_version": ("model.version", "modelVersion"),
    "context_window": ("model.context_window", "contextWindow"),
    "ingested_at": ("ingested_at", "ingestedAt"),
    "ingestion_source": "source",
}
TOKENS = frozenset({"promptTokens", "prompt_tokens", "input_tokens", "total_tokens", "totalTokens"})


def usage(document: Mapping[str, object]) -> Row:
    """The usage that a document tells of; its id is the one that cost records name as `usage_id`."""
    reading = Reading(document)
    row = {"event_type": RECORDED, **read(reading, COLUMNS)}
    renamed(reading, NAMES)
    reading.open("metadata")
    return with_rest({**row, "correlation_id": row.get("event_id")}, reading.rest)


def _is_usage(message: Message) -> bool:
    document = message.document
    inside = document.get("usage")
    told = inside if isinstance(inside, dict) else document
    return bool(told.keys() & TOKENS) and bool(document.keys() & {"provider", "model", "model_id"})


KINDS = {"usage_created": RECORDED, "batch_uploaded": RECORDED, "usage_updated": "usage.updated"}
UNNAMED = "usage.message"
_KIND = re.compile(r"usage_[a-z][a-z_]{1,60}")


def streamed(message: Message) -> Iterable[Row]:
    """The usage in a message of a stream. Delivered again, it has the same id and counts once."""
    reading = Reading(message.document)
    payload = reading.take("payload")
    row = usage(payload if isinstance(payload, dict) else {"payload": payload})
    row |= read(reading, {"event_id": "message_id", "original_type": "event_type"})
    row.setdefault("occurred_at", reading.see("created_at"))
    row["event_type"] = _happened(row.get("original_type"))
    renamed(reading, {"queued_at": "created_at", "request_id": lambda _: row["correlation_id"]})
    inner = row.get("attributes")
    return [with_rest(row, {**reading.rest, **(inner if isinstance(inner, dict) else {})})]


def entered(message: Message) -> Iterable[Row]:
    """The message in an entry of a Redis stream, whose one field is a JSON text.

    Raises: UndecodableError where it is none.
    """
    inner = decode_json(str(message.document["payload"]).encode())
    document = required_object(inner, "the payload")
    return (
        streamed(replace(message, document=document))
        if "payload" in document
        else [usage(document)]
    )


def _is_entry(message: Message) -> bool:
    return isinstance(message.document.get("payload"), str)


def _happened(kind: object) -> str:
    word = str(kind).lower()
    return KINDS.get(word) or (word.replace("_", ".", 1) if _KIND.fullmatch(word) else UNNAMED)


def submitted(message: Message) -> Iterable[Row]:
    """A request to book usage, named by the id that its reply gives it."""
    request, response = message.document.get("request"), message.document.get("response")
    row = usage(request if isinstance(request, dict) else {})
    booked = next(iter(booking(replace(message, document=_data(response)))))
    told = {**_attributes(booked), **_attributes(row)}
    usage_id = booked["correlation_id"] or row["correlation_id"]
    row |= {"event_id": usage_id, "correlation_id": usage_id}
    return [with_rest({"occurred_at": booked.get("occurred_at"), **row}, told)]


def booking(message: Message) -> Iterable[Row]:
    """What a request to book usage was answered. An estimate of 0 is a price nobody looked up."""
    reading = Reading(message.document)
    row = read(reading, BOOKED)
    estimate = read_number(reading.see("estimated_cost"))
    if not estimate:
        reading.take("estimated_cost", "currency")
    renamed(reading, {"estimated_cost_currency": custom("currency")})
    usage_id = reading.see("usage_id")
    row |= {"event_id": f"{usage_id}:booked", "correlation_id": usage_id}
    return [with_rest(row, reading.rest)]


BOOKED: Columns = {
    "event_type": constant("usage.booked"),
    "occurred_at": "processed_at",
    "account_id": ("organization_id", "organizationId"),
}


def _data(reply: object) -> Row:
    data = reply.get("data", reply) if isinstance(reply, dict) else None
    return data if isinstance(data, dict) else {}


def _attributes(row: Row) -> Row:
    attributes = row.get("attributes")
    return attributes if isinstance(attributes, dict) else {}


USAGE = Shape("usage record", _is_usage, lambda message: [usage(message.document)])
STREAMED = Shape("message of the usage stream", has("message_id", "payload"), streamed)
ENTRY = Shape("entry of the Redis stream", _is_entry, entered)
SUBMITTED = Shape("booking of usage with its reply", has("request", "response"), submitted)
BOOKING = Shape("reply to a booking", has("usage_id", "estimated_cost"), booking)
