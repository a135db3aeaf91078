"""OTLP traces to canonical raw rows: the codec of `POST /v1/traces`, protobuf and JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from llm_analytics_hub.errors import UnsupportedMediaTypeError
from llm_analytics_hub.ingest.codecs.otlp_json import spans_from_json
from llm_analytics_hub.ingest.codecs.otlp_protobuf import spans_from_protobuf
from llm_analytics_hub.ingest.dialects import DIALECTS
from llm_analytics_hub.ingest.dialects.mapper import Row, SpanMapper
from llm_analytics_hub.ingest.dialects.span import Resource, Span

SpanGroup = tuple[dict[str, object], str, Iterable[Span]]  # resource, scope name, spans

RESOURCE_COLUMNS = {
    "service.name": "service",
    "deployment.environment.name": "environment",
    "deployment.environment": "environment",
    "cloud.region": "region",
}
NO_TRACE_ID, NO_SPAN_ID = "0" * 32, "0" * 16


@dataclass(frozen=True, slots=True)
class DecodedSpans:
    """What a request held: rows, and the spans refused as (index in the request, code, message)."""

    rows: list[Row] = field(default_factory=list)
    rejected: list[tuple[int, str, str]] = field(default_factory=list)


def decode_otlp_traces(body: bytes, content_type: str) -> DecodedSpans:
    """The rows of an `ExportTraceServiceRequest`, in its order; bad spans beside them.

    A span without valid ids or start time is refused alone. Values in `attributes` may be shared
    between rows: read them, do not change them.
    Raises: UndecodableError for bytes that are not such a request, UnsupportedMediaTypeError for
    a content type other than `application/x-protobuf` and `application/json`.
    Source: OpenTelemetry protocol, OTLP/HTTP.
    """
    decoded = DecodedSpans()
    mapper = SpanMapper(DIALECTS)
    index = 0
    for attributes, scope, spans in _read(body, content_type):
        resource = _resource(attributes)
        for span in spans:
            refusal = _refusal(span)
            if refusal is None:
                decoded.rows.append(mapper.to_row(span, scope, resource))
            else:
                decoded.rejected.append((index, *refusal))
            index += 1
    return decoded


def _read(body: bytes, content_type: str) -> Iterator[SpanGroup]:
    media_type = content_type.split(";", 1)[0].strip().lower()
    if media_type == "application/x-protobuf":
        return spans_from_protobuf(body)
    if media_type == "application/json":
        return spans_from_json(body)
    raise UnsupportedMediaTypeError(f"OTLP is protobuf or JSON, not {media_type!r}")


def _resource(attributes: dict[str, object]) -> Resource:
    columns: dict[str, object] = {}
    rest = dict(attributes)
    for key, name in RESOURCE_COLUMNS.items():
        value = attributes.get(key)
        if isinstance(value, str) and value and name not in columns:
            columns[name] = value
            del rest[key]
    if str(columns.get("service", "")).startswith("unknown_service"):
        rest["service.name"] = columns.pop("service")  # the SDKs' word for "not configured"
    return Resource(columns, rest)


def _refusal(span: Span) -> tuple[str, str] | None:
    """Why a span cannot be stored, as (code, message); None if it can."""
    if len(span.trace_id) != 32 or span.trace_id == NO_TRACE_ID:
        return "invalid_trace_id", "the trace id is not 16 bytes, or all zero"
    if len(span.span_id) != 16 or span.span_id == NO_SPAN_ID:
        return "invalid_span_id", "the span id is not 8 bytes, or all zero"
    if span.start <= 0:
        return "missing_start_time", "the span has no start time"
    return None
