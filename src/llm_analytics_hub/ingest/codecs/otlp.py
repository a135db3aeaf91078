"""OTLP traces and logs to columns of raw events, from protobuf and JSON."""

from collections.abc import Callable, Iterable, Iterator

from llm_analytics_hub.errors import UnsupportedMediaTypeError
from llm_analytics_hub.ingest.codecs.otlp_json import spans_from_json
from llm_analytics_hub.ingest.codecs.otlp_logs_json import logs_from_json
from llm_analytics_hub.ingest.codecs.otlp_logs_protobuf import logs_from_protobuf
from llm_analytics_hub.ingest.codecs.otlp_protobuf import spans_from_protobuf
from llm_analytics_hub.ingest.dialects import DIALECTS
from llm_analytics_hub.ingest.dialects.log_mapper import LogMapper
from llm_analytics_hub.ingest.dialects.mapper import SpanMapper
from llm_analytics_hub.ingest.dialects.span import Span, Spans
from llm_analytics_hub.ingest.receipt import Rejection
from llm_analytics_hub.ingest.submission import Decoded, Refused, from_columns
from llm_analytics_hub.normalize.raw_columns import RawColumns, joined

NO_TRACE_ID, NO_SPAN_ID = "0" * 32, "0" * 16


Reader = Callable[[bytes], Iterator[Spans]]
Mapped = Callable[[Spans], Iterator[tuple[Spans, RawColumns]]]
Fault = tuple[str, str]


def decode_otlp_traces(body: bytes, content_type: str) -> Decoded:
    """The events of an `ExportTraceServiceRequest`; spans that cannot be stored beside them.

    A span without valid ids or start time is refused alone.
    Raises: UndecodableError for bytes that are not such a request, UnsupportedMediaTypeError for
    a content type other than `application/x-protobuf` and `application/json`.
    Source: OpenTelemetry protocol, OTLP/HTTP.
    """
    read = _reader(content_type, spans_from_protobuf, spans_from_json)
    return _decoded(read(body), SpanMapper(DIALECTS).map, _fault)


def decode_otlp_logs(body: bytes, content_type: str) -> Decoded:
    """The events of an `ExportLogsServiceRequest`; a record without any time is refused alone.

    Raises: as `decode_otlp_traces`.
    """
    read = _reader(content_type, logs_from_protobuf, logs_from_json)
    return _decoded(read(body), LogMapper(DIALECTS).map, _fault_of_log)


def _reader(content_type: str, protobuf: Reader, json: Reader) -> Reader:
    media_type = content_type.split(";", 1)[0].strip().lower()
    if media_type == "application/x-protobuf":
        return protobuf
    if media_type == "application/json":
        return json
    raise UnsupportedMediaTypeError(f"OTLP is protobuf or JSON, not {media_type!r}")


def _decoded(
    groups: Iterable[Spans], map_: Mapped, fault_of: Callable[[Span], Fault | None]
) -> Decoded:
    parts: list[RawColumns] = []
    places: list[int] = []
    refused: list[Refused] = []
    for group in groups:
        sound = _sound(group, fault_of, refused)
        for spans, columns in map_(sound):
            parts.append(columns)
            places.extend(spans.places)
    columns = joined(parts).packed() if parts else RawColumns({}, 0, has_others=False)
    return from_columns(columns, places, sorted(refused, key=lambda one: one.rejection.index))


def _sound(group: Spans, fault_of: Callable[[Span], Fault | None], refused: list[Refused]) -> Spans:
    """The spans that can be stored; the others join `refused`."""
    faults = list(map(fault_of, group.spans))
    if not any(faults):
        return group
    for place, fault in zip(group.places, faults, strict=True):
        if fault:
            refused.append(Refused(Rejection(place, *fault), ""))
    return group.where([fault is None for fault in faults])


def _fault(span: Span) -> Fault | None:
    """Why a span cannot be stored, as (code, message); None if it can."""
    if len(span.trace_id) != 32 or span.trace_id == NO_TRACE_ID:
        return "invalid_trace_id", "the trace id is not 16 bytes, or all zero"
    if len(span.span_id) != 16 or span.span_id == NO_SPAN_ID:
        return "invalid_span_id", "the span id is not 8 bytes, or all zero"
    if span.start <= 0:
        return "missing_start_time", "the span has no start time"
    return None


def _fault_of_log(record: Span) -> Fault | None:
    return None if record.start > 0 else ("missing_time", "the record has no time at all")
