"""Spans out of OTLP JSON, as exporters really write it."""

from collections.abc import Iterator

import msgspec

from llm_analytics_hub.ingest.codecs.notes import Notes
from llm_analytics_hub.ingest.codecs.otlp_json_groups import json_groups, read_request
from llm_analytics_hub.ingest.codecs.otlp_json_values import (
    KeyValue,
    Message,
    ResourceMessage,
    Scope,
    attributes_of,
    enum_of,
    hex_id,
)
from llm_analytics_hub.ingest.dialects.span import Span, SpanEvent, Spans

KINDS = {
    "SPAN_KIND_INTERNAL": 1,
    "SPAN_KIND_SERVER": 2,
    "SPAN_KIND_CLIENT": 3,
    "SPAN_KIND_PRODUCER": 4,
    "SPAN_KIND_CONSUMER": 5,
}
STATUS_CODES = {"STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2}


class _Event(Message):
    time_unix_nano: int | str | None = None
    name: str | None = None
    attributes: list[KeyValue] | None = None


class _Link(Message):
    trace_id: str | None = None
    span_id: str | None = None


class _Status(Message):
    message: str | None = None
    code: int | str | None = None


class _Span(Message):
    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    name: str | None = None
    kind: int | str | None = None
    start_time_unix_nano: int | str | None = None
    end_time_unix_nano: int | str | None = None
    attributes: list[KeyValue] | None = None
    events: list[_Event] | None = None
    links: list[_Link] | None = None
    status: _Status | None = None


class _ScopeSpans(Message):
    scope: Scope | None = None
    spans: list[_Span] | None = None


class _ResourceSpans(Message):
    resource: ResourceMessage | None = None
    scope_spans: list[_ScopeSpans] | None = None


class _Request(Message):
    resource_spans: list[_ResourceSpans] | None = None


_request = msgspec.json.Decoder(_Request)


def spans_from_json(body: bytes, notes: Notes | None = None) -> Iterator[Spans]:
    """The spans of an `ExportTraceServiceRequest` in JSON, by resource, scope and shape.

    Raises: UndecodableError, TooLargeError, both also while iterating.
    """
    notes = notes or Notes()
    sent = read_request(_request, body, notes).resource_spans or ()
    resources = (
        (one.resource, ((each.scope, each.spans or ()) for each in one.scope_spans or ()))
        for one in sent
    )
    return json_groups(resources, _to_span, _empty, notes)


def _empty() -> Span:
    return Span("", "", "", "", 0, 0, 0, 0, "")


def _to_span(span: _Span, _: int) -> Span:
    status = span.status or _Status()
    return Span(
        hex_id(span.trace_id),
        hex_id(span.span_id),
        hex_id(span.parent_span_id),
        span.name or "",
        enum_of(span.kind, KINDS),
        int(span.start_time_unix_nano or 0),
        int(span.end_time_unix_nano or 0),
        enum_of(status.code, STATUS_CODES),
        status.message or "",
        [
            SpanEvent(
                event.name or "", int(event.time_unix_nano or 0), attributes_of(event.attributes)
            )
            for event in span.events or ()
        ],
        [
            {"trace_id": hex_id(link.trace_id), "span_id": hex_id(link.span_id)}
            for link in span.links or ()
        ],
    )
