"""A span as it came, whatever the encoding: the one shape that protobuf and JSON both give."""

import msgspec

UNSET, OK, ERROR = 0, 1, 2


class SpanEvent(msgspec.Struct, frozen=True, gc=False):
    """Something that happened during a span; `time` in ns since 1970, UTC."""

    name: str
    time: int
    attributes: dict[str, object]


class Resource(msgspec.Struct, frozen=True, gc=False):
    """Who sent the spans: `columns` are canonical fields, `rest` is everything else."""

    columns: dict[str, object]
    rest: dict[str, object]


class Span(msgspec.Struct, gc=False):
    """A span; ids in lower-case hex, times in ns since 1970, UTC, enums as OTLP numbers them.

    `attributes` belongs to the reader, who may take values out; the values themselves may be
    shared between spans and are never changed.
    """

    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    kind: int
    start: int
    end: int
    status: int
    status_message: str
    attributes: dict[str, object]
    events: list[SpanEvent]
    links: list[dict[str, object]]
