"""Spans out of OTLP JSON, as exporters really write it.

Source: OTLP/HTTP, "JSON Protobuf Encoding": lowerCamelCase names, hex ids, 64-bit numbers as text
or numbers, enums as numbers (names are read too), unknown members ignored. JavaScript writes NaN
as null.
"""

from collections.abc import Iterator

import msgspec

from llm_analytics_hub.errors import UndecodableError
from llm_analytics_hub.ingest.codecs.otlp_resource import to_resource
from llm_analytics_hub.ingest.dialects.span import Span, SpanEvent, Spans, by_shape

KINDS = {
    "SPAN_KIND_INTERNAL": 1,
    "SPAN_KIND_SERVER": 2,
    "SPAN_KIND_CLIENT": 3,
    "SPAN_KIND_PRODUCER": 4,
    "SPAN_KIND_CONSUMER": 5,
}
STATUS_CODES = {"STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2}


class _Message(msgspec.Struct, rename="camel", gc=False):
    """A protobuf message in JSON: absent and null members have their default."""


class _Values(_Message):
    values: list["_AnyValue"] | None = None


class _Pairs(_Message):
    values: list["_KeyValue"] | None = None


class _AnyValue(_Message):
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: int | str | None = None
    double_value: float | str | None = None
    array_value: _Values | None = None
    kvlist_value: _Pairs | None = None
    bytes_value: str | None = None


class _KeyValue(_Message):
    key: str = ""
    value: _AnyValue | None = None


class _Event(_Message):
    time_unix_nano: int | str | None = None
    name: str | None = None
    attributes: list[_KeyValue] | None = None


class _Link(_Message):
    trace_id: str | None = None
    span_id: str | None = None


class _Status(_Message):
    message: str | None = None
    code: int | str | None = None


class _Span(_Message):
    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    name: str | None = None
    kind: int | str | None = None
    start_time_unix_nano: int | str | None = None
    end_time_unix_nano: int | str | None = None
    attributes: list[_KeyValue] | None = None
    events: list[_Event] | None = None
    links: list[_Link] | None = None
    status: _Status | None = None


class _Scope(_Message):
    name: str | None = None


class _ScopeSpans(_Message):
    scope: _Scope | None = None
    spans: list[_Span] | None = None


class _Resource(_Message):
    attributes: list[_KeyValue] | None = None


class _ResourceSpans(_Message):
    resource: _Resource | None = None
    scope_spans: list[_ScopeSpans] | None = None


class _Request(_Message):
    resource_spans: list[_ResourceSpans] | None = None


_request = msgspec.json.Decoder(_Request)


def spans_from_json(body: bytes) -> Iterator[Spans]:
    """The spans of an `ExportTraceServiceRequest` in JSON, by resource, scope and shape.

    Raises: UndecodableError, also while iterating (a number that is none).
    """
    place = 0
    try:
        for of_resource in _request.decode(body).resource_spans or ():
            resource = to_resource(_attributes((of_resource.resource or _Resource()).attributes))
            for of_scope in of_resource.scope_spans or ():
                spans = of_scope.spans or ()
                pairs = ((_to_span(span), _attributes(span.attributes)) for span in spans)
                scope = (of_scope.scope or _Scope()).name or ""
                yield from by_shape(scope, resource, place, pairs)
                place += len(spans)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise UndecodableError(f"the body is not an OTLP trace request in JSON: {error}") from error


def _to_span(span: _Span) -> Span:
    status = span.status or _Status()
    return Span(
        _hex(span.trace_id),
        _hex(span.span_id),
        _hex(span.parent_span_id),
        span.name or "",
        _enum(span.kind, KINDS),
        int(span.start_time_unix_nano or 0),
        int(span.end_time_unix_nano or 0),
        _enum(status.code, STATUS_CODES),
        status.message or "",
        [
            SpanEvent(
                event.name or "", int(event.time_unix_nano or 0), _attributes(event.attributes)
            )
            for event in span.events or ()
        ],
        [
            {"trace_id": _hex(link.trace_id), "span_id": _hex(link.span_id)}
            for link in span.links or ()
        ],
    )


def _attributes(pairs: list[_KeyValue] | None) -> dict[str, object]:
    return {pair.key: _value(pair.value) for pair in pairs or ()}


def _value(value: _AnyValue | None) -> object:
    if value is None:
        return None
    if value.string_value is not None:
        return value.string_value
    if value.int_value is not None:
        return int(value.int_value)
    if value.double_value is not None:
        return float(value.double_value)
    if value.array_value is not None:
        return [_value(item) for item in value.array_value.values or ()]
    if value.kvlist_value is not None:
        return _attributes(value.kvlist_value.values)
    return value.bytes_value if value.bool_value is None else value.bool_value


def _hex(text: str | None) -> str:
    """The id in lower case; empty if it is no hex."""
    try:
        return bytes.fromhex(text or "").hex()
    except ValueError:
        return ""


def _enum(value: int | str | None, names: dict[str, int]) -> int:
    return names.get(value, 0) if isinstance(value, str) else value or 0
