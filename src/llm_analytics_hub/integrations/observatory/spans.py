"""Spans as the observatory's core writes them: LlmSpan, and the traces of its test fixtures.

An event has the id that the same span has when it comes by OTLP, so that it counts once.
"""

from collections.abc import Iterable, Iterator, Mapping

from llm_analytics_hub.ingest.dialects.shared import SPAN_KINDS
from llm_analytics_hub.integrations.integration import Shape, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.observatory.ids import IDS, identified
from llm_analytics_hub.integrations.observatory.labels import contents, event_type
from llm_analytics_hub.integrations.observatory.money import cost
from llm_analytics_hub.integrations.observatory.span_events import first_token_ms, span_events
from llm_analytics_hub.integrations.providers import provider
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    custom,
    lowered,
    read,
    renamed,
)
from llm_analytics_hub.model.event import INFERENCE

_INPUTS = {"text": "text_completion", "chat": "chat", "multimodal": "chat"}

PARTIES: Columns = {
    "provider": provider("provider"),
    "model": custom("model"),
    "user_id": ("user_id", "metadata.user_id"),
    "session_id": ("session_id", "metadata.session_id"),
    "environment": ("environment", "metadata.environment"),
}
TOKENS: Columns = {
    "input_tokens": "token_usage.prompt_tokens",
    "output_tokens": "token_usage.completion_tokens",
    "total_tokens": "token_usage.total_tokens",
}
COLUMNS: Columns = {
    **IDS,
    **PARTIES,
    **TOKENS,
    "original_type": "name",
    "occurred_at": ("latency.start_time", "start_time", "timestamp"),
    "latency_ms": "latency.total_ms",
    "ttft_ms": "latency.ttft_ms",
    "status": lowered("status"),
    "operation": lambda reading: _INPUTS.get(str(reading.see("input.type")).lower()),
}


def llm_span(message: Message) -> Iterable[Row]:
    """One model call."""
    reading = Reading(message.document)
    row = identified({"event_type": INFERENCE, **read(reading, COLUMNS), **cost(reading)})
    row.setdefault("ttft_ms", first_token_ms(reading, row.get("occurred_at")))
    renamed(reading, {"finish_reason": "output.finish_reason", "end_time": "latency.end_time"})
    told = {"input": reading.take("input"), "output": reading.take("output")}
    reading.open("attributes", "metadata", "attributes")
    row["content"] = _content(told, reading)
    return [with_rest(row, reading.rest)]


def _content(told: Mapping[str, object], reading: Reading) -> Row | None:
    """What was asked and answered, wherever it stands; None where nothing was told."""
    found = {**contents(reading), **span_events(reading), **told}
    return {name: value for name, value in found.items() if value is not None} or None


def nested(message: Message) -> Iterator[Row]:
    """One event for each span of a trace; model and parties are those of the trace.

    The trace has no times: its spans have the time of their arrival.
    """
    trace = Reading(message.document)
    spans = trace.take("spans")
    of_all = read(trace, {"trace_id": "trace_id", **PARTIES})
    trace.open("attributes", "metadata")
    for span in spans if isinstance(spans, list) else ():
        if isinstance(span, dict):
            yield _span(Reading(span), of_all, trace.rest)


def _span(reading: Reading, of_all: Row, rest: Row) -> Row:
    kind = reading.take("kind")
    operation = SPAN_KINDS.get(str(kind).lower(), kind)
    is_call = event_type(operation, of_all.get("model")) == INFERENCE
    row = {**of_all, **read(reading, SPAN_COLUMNS)}
    row |= {"event_type": event_type(operation, of_all.get("model")), "operation": operation}
    if is_call:
        row |= {**read(reading, TOKENS), **cost(reading)}
    told = {"input": reading.take("input"), "output": reading.take("output")}
    reading.open("attributes")
    row["content"] = _content(told, reading)
    return with_rest(identified(row), {**rest, "span_kind": kind, **reading.rest})


SPAN_COLUMNS: Columns = {
    **IDS,
    "original_type": "name",
    "occurred_at": ("start_time", "timestamp"),
    "latency_ms": "duration_ms",
    "ttft_ms": "ttft_ms",
    "status": lowered("status"),
    "provider": provider("provider"),
    "model": custom("model"),
}

LLM_SPAN = Shape("LlmSpan", has("trace_id", "span_id", "latency"), llm_span)
NESTED_TRACE = Shape("trace with its spans", has("trace_id", "spans"), nested)
