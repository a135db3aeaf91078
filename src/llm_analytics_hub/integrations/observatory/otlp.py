"""OTLP requests that came to the module's door: they go the way of `/v1/traces` and `/v1/logs`."""

from collections.abc import Mapping

import msgspec

from llm_analytics_hub.errors import UnsupportedMediaTypeError
from llm_analytics_hub.ingest.codecs.hub_json import JSON_TYPES, LINE_TYPES
from llm_analytics_hub.ingest.codecs.json_body import decode_json, decode_lines
from llm_analytics_hub.ingest.codecs.otlp import decode_otlp_logs, decode_otlp_traces
from llm_analytics_hub.ingest.submission import Decoded

PROTOBUF, JSON = "application/x-protobuf", "application/json"
_DECODERS = {"resourceSpans": decode_otlp_traces, "resourceLogs": decode_otlp_logs}
_METRICS = "resourceMetrics"


def decode_otlp(body: bytes, content_type: str) -> Decoded | None:
    """The events of an OTLP request in JSON, of several in an array or on lines, or of spans in protobuf.

    None for everything else. Raises: UnsupportedMediaTypeError for metrics, which are no events.
    """
    media_type = content_type.partition(";")[0].strip().lower() or JSON
    if media_type == PROTOBUF:
        return decode_otlp_traces(body, PROTOBUF)
    if not any(name.encode() in body for name in (*_DECODERS, _METRICS)):
        return None
    requests = _requests(body, media_type)
    if requests and all(_METRICS in request for request in requests):
        raise UnsupportedMediaTypeError("OTLP metrics are no events: send them to /v1/metrics")
    for name, decode in _DECODERS.items():
        if requests and all(isinstance(request.get(name), list) for request in requests):
            return decode(body if len(requests) == 1 else _joined(requests, name), JSON)
    return None


def _requests(body: bytes, media_type: str) -> list[Mapping[str, object]]:
    """The objects of a body; none where anything in it is no object."""
    if media_type in LINE_TYPES:
        values, _, refused = decode_lines(body)
        values = [] if refused else values
    elif media_type in JSON_TYPES:
        value = decode_json(body)
        values = value if isinstance(value, list) else [value]
    else:
        return []
    objects: list[Mapping[str, object]] = [value for value in values if isinstance(value, dict)]
    return objects if len(objects) == len(values) else []


def _joined(requests: list[Mapping[str, object]], name: str) -> bytes:
    return msgspec.json.encode(
        {name: [one for request in requests for one in _list(request[name])]}
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
