"""Log records out of OTLP protobuf."""

from collections.abc import Iterator

import pyarrow as pa
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.logs.v1 import logs_pb2

from llm_analytics_hub.ingest.codecs.log_ids import note_ids
from llm_analytics_hub.ingest.codecs.notes import Notes
from llm_analytics_hub.ingest.codecs.otlp_protobuf import grouped
from llm_analytics_hub.ingest.codecs.protobuf_columns import (
    RequestReader,
    any_values,
    hex_ids,
    texts,
)
from llm_analytics_hub.ingest.dialects.log_record import LogRecord, log_record
from llm_analytics_hub.ingest.dialects.span import Spans

_READER = RequestReader(
    "opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest",
    (logs_pb2, logs_service_pb2),
    {
        "ResourceLogs": ("resource", "scope_logs"),
        "ScopeLogs": ("scope", "log_records"),
        "LogRecord": ("trace_id", "span_id", "event_name", "time_unix_nano",
                      "observed_time_unix_nano", "severity_number", "body", "attributes"),
    },
)  # fmt: skip


def logs_from_protobuf(body: bytes, notes: Notes | None = None) -> Iterator[Spans]:
    """The records of a serialised `ExportLogsServiceRequest`, by resource, scope and shape.

    Raises: UndecodableError, TooLargeError, both also while iterating.
    """
    notes = notes or Notes()
    fields = ("scope_logs", "log_records")
    return grouped(_READER.read(body)["resource_logs"], fields, _members, notes)


def _members(records: pa.Array, notes: Notes) -> list[LogRecord]:
    traces, spans = hex_ids(records.field("trace_id")), hex_ids(records.field("span_id"))
    for place, (trace_id, span_id) in enumerate(zip(traces, spans, strict=True)):
        note_ids(place, trace_id, span_id, notes)
    columns = [
        traces,
        spans,
        texts(records.field("event_name"), notes).to_pylist(),
        records.field("time_unix_nano").to_pylist(),
        records.field("observed_time_unix_nano").to_pylist(),
        records.field("severity_number").to_pylist(),
        any_values(records.field("body"), notes).tolist(),
    ]
    return list(map(log_record, *columns))
