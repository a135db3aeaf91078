"""OTLP traces and logs to columns of raw events, from protobuf and JSON."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from llm_analytics_hub.errors import UnsupportedMediaTypeError
from llm_analytics_hub.ingest.codecs.notes import Fault, Notes
from llm_analytics_hub.ingest.codecs.otlp_json import spans_from_json
from llm_analytics_hub.ingest.codecs.otlp_logs_json import logs_from_json
from llm_analytics_hub.ingest.codecs.otlp_logs_protobuf import logs_from_protobuf
from llm_analytics_hub.ingest.codecs.otlp_protobuf import spans_from_protobuf
from llm_analytics_hub.ingest.codecs.soundness import Sieve
from llm_analytics_hub.ingest.dialects import DIALECTS
from llm_analytics_hub.ingest.dialects.log_mapper import LogMapper
from llm_analytics_hub.ingest.dialects.mapper import SpanMapper
from llm_analytics_hub.ingest.dialects.span import Span, Spans
from llm_analytics_hub.ingest.submission import Decoded, from_columns
from llm_analytics_hub.normalize.raw_columns import RawColumns, joined

NO_TRACE_ID, NO_SPAN_ID = "0" * 32, "0" * 16

Reader = Callable[[bytes, Notes], Iterator[Spans]]
Mapped = Callable[[Spans], Iterator[tuple[Spans, RawColumns]]]


_SPANS, _LOGS = SpanMapper(DIALECTS), LogMapper(DIALECTS)


def decode_otlp_traces(body: bytes, content_type: str) -> Decoded:
    """The events of an `ExportTraceServiceRequest`; spans that cannot be stored beside them.

    A span without valid ids or start time, or with a value that cannot be read, is refused alone.
    A parent that is none, an end before the start and text that is no UTF-8 are repaired: the span
    says so in its attribute `hub.repaired`, and the answer to its sender.
    Raises: UndecodableError for bytes that are not such a request, UnsupportedMediaTypeError for
    a content type other than `application/x-protobuf` and `application/json`, TooLargeError for
    more than a request may hold (`limits`).
    Source: OpenTelemetry protocol, OTLP/HTTP.
    """
    read = _reader(content_type, spans_from_protobuf, spans_from_json)
    return _decoded(body, read, _SPANS.map, Sieve(_fault, _repairs, Notes()))


def decode_otlp_logs(body: bytes, content_type: str) -> Decoded:
    """The events of an `ExportLogsServiceRequest`; a record without any time is refused alone.

    Ids that are none are left out, and noted as repairs of spans are.
    Raises: as `decode_otlp_traces`.
    """
    read = _reader(content_type, logs_from_protobuf, logs_from_json)
    sieve = Sieve(_fault_of_log, _repairs_of_log, Notes())
    return _decoded(body, read, _LOGS.map, sieve)


def _reader(content_type: str, protobuf: Reader, json: Reader) -> Reader:
    media_type = content_type.split(";", 1)[0].strip().lower()
    if media_type == "application/x-protobuf":
        return protobuf
    if media_type == "application/json":
        return json
    raise UnsupportedMediaTypeError(f"OTLP is protobuf or JSON, not {media_type!r}")


def _decoded(body: bytes, read: Reader, map_: Mapped, sieve: Sieve) -> Decoded:
    parts: list[RawColumns] = []
    places: list[int] = []
    for group in chain.from_iterable(map(sieve.sound, read(body, sieve.notes))):
        for spans, columns in map_(group):
            parts.append(columns)
            places.extend(spans.places)
    columns = joined(parts).packed() if parts else RawColumns({}, 0, has_others=False)
    refused = sorted(sieve.refused, key=lambda one: one.rejection.index)
    repaired = sorted(sieve.repaired, key=lambda one: one.index)
    return replace(from_columns(columns, places, refused), repaired=repaired)


def _fault(span: Span) -> Fault | None:
    """Why a span cannot be stored; None if it can."""
    if len(span.trace_id) != 32 or span.trace_id == NO_TRACE_ID:
        return Fault("invalid_trace_id", "the trace id is not 16 bytes, or all zero")
    if len(span.span_id) != 16 or span.span_id == NO_SPAN_ID:
        return Fault("invalid_span_id", "the span id is not 8 bytes, or all zero")
    if span.start <= 0:
        return Fault("missing_start_time", "the span has no start time")
    return None


def _repairs(span: Span) -> Sequence[Fault]:
    """What is put right about a span, or known to be wrong: it is worth more than that."""
    parent, made = span.parent_span_id, []
    if parent and (len(parent) != 16 or parent in (NO_SPAN_ID, span.span_id)):
        span.parent_span_id = ""
        made.append(_NO_PARENT)
    if span.end < span.start:  # the mapper leaves its latency unknown
        made.append(_NO_END if span.end <= 0 else _EARLY_END)
    return made


_NO_PARENT = Fault(
    "invalid_parent_id", "the parent's id is not 8 bytes, all zero or the span's own; left out"
)
_NO_END = Fault("missing_end_time", "the span has no end; its latency is unknown")
_EARLY_END = Fault("end_before_start", "the span ends before it starts; its latency is unknown")


def _fault_of_log(record: Span) -> Fault | None:
    return None if record.start > 0 else Fault("missing_time", "the record has no time at all")


def _repairs_of_log(_: Span) -> Sequence[Fault]:
    return ()  # its reader has noted what it left out
