"""Log records out of OTLP protobuf."""

from collections.abc import Iterator

import pyarrow as pa
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.logs.v1 import logs_pb2

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


def logs_from_protobuf(body: bytes) -> Iterator[Spans]:
    """The records of a serialised `ExportLogsServiceRequest`, by resource, scope and shape.

    Raises: UndecodableError, also while iterating.
    """
    return grouped(_READER.read(body)["resource_logs"], "scope_logs", "log_records", _members)


def _members(records: pa.Array) -> list[LogRecord]:
    columns = [
        hex_ids(records.field("trace_id")),
        hex_ids(records.field("span_id")),
        texts(records.field("event_name")).to_pylist(),
        records.field("time_unix_nano").to_pylist(),
        records.field("observed_time_unix_nano").to_pylist(),
        records.field("severity_number").to_pylist(),
        any_values(records.field("body")).tolist(),
    ]
    return list(map(log_record, *columns))
