"""Bodies of OTLP metrics requests, protobuf and JSON, to messages of the byte schema."""

import json
from typing import Any, Final

from google.protobuf.json_format import ParseDict
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2

from llm_analytics_hub.errors import UndecodableError, UnsupportedMediaTypeError
from llm_analytics_hub.ingest.codecs.byte_schema import byte_schema
from llm_analytics_hub.ingest.codecs.json_repair import read_patiently, repaired
from llm_analytics_hub.ingest.codecs.limits import MAX_METRIC_OBJECTS, check_objects
from llm_analytics_hub.ingest.codecs.metrics_json_pieces import JSON_FAULTS, Object, read_pieces
from llm_analytics_hub.ingest.codecs.notes import Notes

_POINT: Final = ("attributes", "start_time_unix_nano", "time_unix_nano", "flags")
_POOL: Final = byte_schema(
    (metrics_pb2, metrics_service_pb2),
    {
        "InstrumentationScope": ("name", "version"),
        "ResourceMetrics": ("resource", "scope_metrics"),
        "ScopeMetrics": ("scope", "metrics"),
        "Metric": ("name", "unit", "gauge", "sum", "histogram", "exponential_histogram", "summary"),
        "NumberDataPoint": (*_POINT, "as_double", "as_int"),
        "HistogramDataPoint": (*_POINT, "count", "sum", "bucket_counts", "explicit_bounds", "min",
                               "max"),
        "ExponentialHistogramDataPoint": (*_POINT, "count", "sum", "scale", "zero_count",
                                          "positive", "negative", "min", "max", "zero_threshold"),
        "SummaryDataPoint": (*_POINT, "count", "sum", "quantile_values"),
    },
)  # fmt: skip
_REQUEST: Final = GetMessageClass(
    _POOL.FindMessageTypeByName(
        "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest"
    )
)

_JSON_BRACKETS: Final = 100
"""Protobuf's own JSON reader goes through no more than a hundred messages inside one another."""


def read_metrics_request(body: bytes, content_type: str, notes: Notes) -> Any:
    """The request, with texts as bytes.

    Raises: UndecodableError, UnsupportedMediaTypeError, TooLargeError.
    """
    media_type = content_type.split(";", 1)[0].strip().lower()
    if media_type == "application/x-protobuf":
        return _from_protobuf(body)
    if media_type == "application/json":
        return _from_protobuf(_from_json(body, notes))
    raise UnsupportedMediaTypeError(f"OTLP is protobuf or JSON, not {media_type!r}")


def _from_protobuf(body: bytes) -> Any:
    try:
        return _REQUEST.FromString(body)
    except (DecodeError, ValueError) as error:
        message = f"the body is no OTLP metrics request in protobuf: {error}"
        raise UndecodableError(message) from error


def _from_json(body: bytes, notes: Notes) -> bytes:
    """The same request in protobuf: its JSON is known by the schema with texts only."""
    check_objects(body, MAX_METRIC_OBJECTS)
    try:
        return read_patiently(body, _whole, notes, _JSON_BRACKETS)
    except (ValueError, RecursionError) as error:
        pieces = _in_pieces(body, notes)
        if pieces is None:
            message = f"the body is not an OTLP metrics request in JSON: {error}"
            raise UndecodableError(message) from error
        return pieces


def _whole(body: bytes) -> bytes:
    request = metrics_service_pb2.ExportMetricsServiceRequest()
    try:
        ParseDict(_loaded(body), request, ignore_unknown_fields=True)
    except JSON_FAULTS as error:
        raise ValueError(str(error)) from error
    return bytes(request.SerializeToString())


def _in_pieces(body: bytes, notes: Notes) -> bytes | None:
    """The request without the points that cannot be read; None if it is not for them that it fails."""
    try:
        request = read_pieces(_loaded(repaired(body, _JSON_BRACKETS)), notes)
    except JSON_FAULTS:
        return None
    return bytes(request.SerializeToString()) if notes.faults else None


def _loaded(body: bytes) -> Object:
    read = json.loads(body, object_hook=_without_exemplars)
    if not isinstance(read, dict):
        raise TypeError("it is no object")
    return read


def _without_exemplars(message: Object) -> Object:
    # Their ids are in hex, which protobuf's own JSON takes for base 64; and nothing reads them.
    message.pop("exemplars", None)
    return message
