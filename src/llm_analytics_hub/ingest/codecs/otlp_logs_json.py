"""Log records out of OTLP JSON, as exporters really write it."""

from collections.abc import Iterator

import msgspec

from llm_analytics_hub.errors import UndecodableError
from llm_analytics_hub.ingest.codecs.otlp_json_values import (
    AnyValue,
    KeyValue,
    Message,
    ResourceMessage,
    Scope,
    attributes_of,
    enum_of,
    hex_id,
    value_of,
)
from llm_analytics_hub.ingest.codecs.otlp_resource import to_resource
from llm_analytics_hub.ingest.dialects.log_record import LogRecord, log_record
from llm_analytics_hub.ingest.dialects.span import Spans, by_shape

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


def logs_from_json(body: bytes) -> Iterator[Spans]:
    """The records of an `ExportLogsServiceRequest` in JSON, by resource, scope and shape.

    Raises: UndecodableError, also while iterating (a number that is none).
    """
    place = 0
    try:
        for of_resource in _request.decode(body).resource_logs or ():
            sender = (of_resource.resource or ResourceMessage()).attributes
            resource = to_resource(attributes_of(sender))
            for of_scope in of_resource.scope_logs or ():
                records = of_scope.log_records or ()
                pairs = ((_to_record(one), attributes_of(one.attributes)) for one in records)
                scope = (of_scope.scope or Scope()).name or ""
                yield from by_shape(scope, resource, place, pairs)
                place += len(records)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise UndecodableError(f"the body is not an OTLP log request in JSON: {error}") from error


def _to_record(record: _LogRecord) -> LogRecord:
    return log_record(
        hex_id(record.trace_id),
        hex_id(record.span_id),
        record.event_name or "",
        int(record.time_unix_nano or 0),
        int(record.observed_time_unix_nano or 0),
        enum_of(record.severity_number, SEVERITIES),
        value_of(record.body),
    )
