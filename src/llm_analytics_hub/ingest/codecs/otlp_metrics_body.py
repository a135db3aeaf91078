"""Bodies of OTLP metrics requests, protobuf and JSON, to the generated message."""

import json
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

from llm_analytics_hub.errors import UndecodableError, UnsupportedMediaTypeError

_FAULTS = (ValueError, TypeError, AttributeError, OverflowError, RecursionError)
"""What protobuf's JSON reader lets through of values that it does not expect."""


def read_metrics_request(body: bytes, content_type: str) -> ExportMetricsServiceRequest:
    """The request. Raises: UndecodableError, UnsupportedMediaTypeError."""
    media_type = content_type.split(";", 1)[0].strip().lower()
    if media_type == "application/x-protobuf":
        return _from_protobuf(body)
    if media_type == "application/json":
        return _from_json(body)
    raise UnsupportedMediaTypeError(f"OTLP is protobuf or JSON, not {media_type!r}")


def _from_protobuf(body: bytes) -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    try:
        request.ParseFromString(body)
    except (DecodeError, ValueError) as error:
        message = f"the body is no OTLP metrics request in protobuf: {error}"
        raise UndecodableError(message) from error
    return request


def _from_json(body: bytes) -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    try:
        read = json.loads(body, object_hook=_without_exemplars)
        if not isinstance(read, dict):
            raise TypeError("it is no object")
        ParseDict(read, request, ignore_unknown_fields=True)
    except (ParseError, *_FAULTS) as error:
        message = f"the body is not an OTLP metrics request in JSON: {error}"
        raise UndecodableError(message) from error
    return request


def _without_exemplars(message: dict[str, Any]) -> dict[str, Any]:
    # Their ids are in hex, which protobuf's own JSON takes for base 64; and nothing reads them.
    message.pop("exemplars", None)
    return message
