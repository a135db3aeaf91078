"""Rows of the observatory's own storage: spans, traces, points of metrics, logs."""

from collections.abc import Iterable

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.integrations.integration import Shape, by_table, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.observatory.ids import IDS, hexadecimal, identified
from llm_analytics_hub.integrations.observatory.labels import (
    DURATION_MS,
    NUMBERS,
    PARTIES,
    contents,
    event_type,
    labelled,
    labels_value,
)
from llm_analytics_hub.integrations.observatory.span_events import first_token_ms, span_events
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    constant,
    duration,
    first,
    read,
    renamed,
)
from llm_analytics_hub.model.event import INFERENCE
from llm_analytics_hub.normalize.timestamps import parse_timestamp

COLUMNS: Columns = {
    **IDS,
    "original_type": "name",
    "service": "service_name",
    "occurred_at": "start_time",
    "latency_ms": duration("duration_us", "us"),
    "status": "status",
}
NAMES: Columns = {"row_id": "id", "span_kind": "kind", "stored_at": "created_at"}


def span(message: Message) -> Iterable[Row]:
    """A span; its trace id is the id of the trace's row, not the one that OTLP has."""
    reading = Reading(message.document)
    row = identified(read(reading, COLUMNS))
    ttft = first_token_ms(reading, row.get("occurred_at"))
    renamed(reading, NAMES)
    reading.open("attributes")
    row |= labelled(reading, PARTIES)
    row["event_type"] = event_type(row.get("operation"), row.get("model"))
    if row["event_type"] == INFERENCE:
        row = {"ttft_ms": ttft, **row, **labelled(reading, NUMBERS)}
    row.setdefault("latency_ms", _latency_ms(reading, row.get("occurred_at")))
    row["content"] = {**contents(reading), **span_events(reading)} or None
    return [with_rest(row, reading.rest)]


def _latency_ms(reading: Reading, start: object) -> object:
    """As an attribute has it, else from start to end."""
    told, end = labels_value(reading, DURATION_MS), reading.see("end_time")
    if told is not None or start is None or end is None:
        return told
    try:
        return (parse_timestamp(end) - parse_timestamp(start)) / 1000
    except InvalidInputError:
        return None


def trace(message: Message) -> Iterable[Row]:
    """The state of a trace, which is no call; its row's id is the trace id of its stored spans."""
    reading = Reading(message.document)
    row = read(reading, TRACE_COLUMNS)
    row["event_id"] = f"{row.get('trace_id')}@{reading.see('updated_at')}"
    renamed(reading, {"trace_row_id": "id"})
    reading.open("attributes")
    return [with_rest(row, reading.rest)]


TRACE_COLUMNS: Columns = {
    "event_type": constant("trace.described"),
    "trace_id": IDS["trace_id"],
    "original_type": "root_span_name",
    "service": "service_name",
    "occurred_at": "start_time",
    "latency_ms": duration("duration_us", "us"),
    "status": "status",
}
LOG_COLUMNS: Columns = {
    "event_type": constant("log.recorded"),
    "event_id": "id",
    "occurred_at": first("timestamp", "observed_timestamp"),
    "severity": first("severity_text", "severity_number"),
    "service": "service_name",
    "trace_id": IDS["trace_id"],
    "parent_span_id": hexadecimal("span_id"),
    "content": lambda reading: {"body": reading.take("body")},
}
"""A record is no span: the one it was written in is its parent, as by OTLP."""

STORED_SPAN = Shape("row of a span", has("trace_id", "span_id", "duration_us"), span)
STORED_TRACE = Shape("row of a trace", has("trace_id", "duration_us", "span_count"), trace)
STORED_LOG = Shape(
    "row of a log", has("severity_number", "body"), by_table(LOG_COLUMNS, opened=("attributes",))
)
