"""Log records out of OTLP JSON, as exporters really write it."""

from collections.abc import Iterator

import msgspec

from llm_analytics_hub.ingest.codecs.log_ids import note_ids
from llm_analytics_hub.ingest.codecs.notes import Notes
from llm_analytics_hub.ingest.codecs.otlp_json_groups import json_groups, read_request
from llm_analytics_hub.ingest.codecs.otlp_json_values import (
    AnyValue,
    KeyValue,
    Message,
    ResourceMessage,
    Scope,
    enum_of,
    hex_id,
    value_of,
)
from llm_analytics_hub.ingest.dialects.log_record import LogRecord, log_record
from llm_analytics_hub.ingest.dialects.span import Spans

_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
SEVERITIES = {
    f"SEVERITY_NUMBER_{level}{step or ''}": 4 * place + max(step, 1)
    for place, level in enumerate(_LEVELS)
    for step in (0, 2, 3, 4)
}


class _LogRecord(Message):
    trace_id: str | None = None
    span_id: str | None = None
    event_name: str | None = None
    time_unix_nano: int | str | None = None
    observed_time_unix_nano: int | str | None = None
    severity_number: int | str | None = None
    body: AnyValue | None = None
    attributes: list[KeyValue] | None = None


class _ScopeLogs(Message):
    scope: Scope | None = None
    log_records: list[_LogRecord] | None = None


class _ResourceLogs(Message):
    resource: ResourceMessage | None = None
    scope_logs: list[_ScopeLogs] | None = None


class _Request(Message):
    resource_logs: list[_ResourceLogs] | None = None


_request = msgspec.json.Decoder(_Request)


def logs_from_json(body: bytes, notes: Notes | None = None) -> Iterator[Spans]:
    """The records of an `ExportLogsServiceRequest` in JSON, by resource, scope and shape.

    Raises: UndecodableError, TooLargeError, both also while iterating.
    """
    notes = notes or Notes()
    sent = read_request(_request, body, notes).resource_logs or ()
    resources = (
        (one.resource, ((each.scope, each.log_records or ()) for each in one.scope_logs or ()))
        for one in sent
    )

    def to_record(record: _LogRecord, place: int) -> LogRecord:
        trace_id, span_id = hex_id(record.trace_id), hex_id(record.span_id)
        note_ids(place, trace_id, span_id, notes)
        return log_record(
            trace_id,
            span_id,
            record.event_name or "",
            int(record.time_unix_nano or 0),
            int(record.observed_time_unix_nano or 0),
            enum_of(record.severity_number, SEVERITIES),
            value_of(record.body),
        )

    return json_groups(resources, to_record, _empty, notes)


def _empty() -> LogRecord:
    return log_record("", "", "", 0, 0, 0, None)
