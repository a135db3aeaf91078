"""Spans out of OTLP protobuf."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from llm_analytics_hub.ingest.codecs.limits import check_items
from llm_analytics_hub.ingest.codecs.notes import Notes
from llm_analytics_hub.ingest.codecs.otlp_resource import to_resource
from llm_analytics_hub.ingest.codecs.protobuf_columns import (
    Numbers,
    Pairs,
    RequestReader,
    flat,
    hex_ids,
    texts,
)
from llm_analytics_hub.ingest.dialects.span import Span, SpanEvent, Spans

MembersOf = Callable[[pa.Array, Notes], Sequence[Span]]
"""From the items of a request, as a column, to spans or log records; what it noticed in the notes."""

_READER = RequestReader(
    "opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest",
    (trace_pb2, trace_service_pb2),
    {
        "ResourceSpans": ("resource", "scope_spans"),
        "ScopeSpans": ("scope", "spans"),
        "Span": ("trace_id", "span_id", "parent_span_id", "name", "kind", "start_time_unix_nano",
                 "end_time_unix_nano", "attributes", "events", "links", "status"),
        "Event": ("time_unix_nano", "name", "attributes"),
        "Link": ("trace_id", "span_id"),
        "Status": ("message", "code"),
    },
)  # fmt: skip


def spans_from_protobuf(body: bytes, notes: Notes | None = None) -> Iterator[Spans]:
    """The spans of a serialised `ExportTraceServiceRequest`, by resource, scope and shape.

    Raises: UndecodableError, also while iterating.
    """
    notes = notes or Notes()
    return grouped(_READER.read(body)["resource_spans"], ("scope_spans", "spans"), _members, notes)


def grouped(
    lists: pa.Array, fields: tuple[str, str], members_of: MembersOf, notes: Notes
) -> Iterator[Spans]:
    """The items of a request's resources, by resource, scope and shape of attributes.

    `fields` name where a resource holds its scopes, and a scope its items.
    Raises: TooLargeError for more than MAX_ITEMS items.
    """
    scoped, items = fields
    of_resource, _ = flat(lists)
    of_scope, scope_ends = flat(of_resource.field(scoped))
    found, ends = flat(of_scope.field(items))
    check_items(len(found))
    resources = Pairs(of_resource.field("resource").field("attributes"), notes)
    scopes = texts(of_scope.field("scope").field("name"), notes)
    attributes = Pairs(found.field("attributes"), notes)
    members = members_of(found, notes)
    shapes = attributes.shapes()
    # Empty resources and scopes, of which two bytes make one, are passed over.
    for number, _, _ in _filled(ends[scope_ends]):
        resource = to_resource(resources.of(number))
        first, last = int(scope_ends[number]), int(scope_ends[number + 1])
        for at, begin, end in _filled(ends[first : last + 1]):
            scope = scopes[first + at].as_py() or ""
            for shape, places in _by_shape(shapes, range(begin, end)):
                chosen = [members[place] for place in places]
                columns = attributes.columns(shape, np.array(places))
                yield Spans(scope, resource, places, chosen, columns)


def _by_shape(shapes: Sequence[bytes], owners: range) -> Iterator[tuple[bytes, list[int]]]:
    found: dict[bytes, list[int]] = {}
    for owner in owners:
        found.setdefault(shapes[owner], []).append(owner)
    yield from found.items()


def _members(spans: pa.Array, notes: Notes) -> list[Span]:
    status = spans.field("status")
    columns = [
        hex_ids(spans.field("trace_id")),
        hex_ids(spans.field("span_id")),
        hex_ids(spans.field("parent_span_id")),
        texts(spans.field("name"), notes).to_pylist(),
        spans.field("kind").to_pylist(),
        spans.field("start_time_unix_nano").to_pylist(),
        spans.field("end_time_unix_nano").to_pylist(),
        status.field("code").fill_null(0).to_pylist(),
        texts(status.field("message"), notes).fill_null("").to_pylist(),
    ]
    made = list(map(Span, *columns))
    _add_events(made, spans.field("events"), notes)
    _add_links(made, spans.field("links"))
    return made


def _add_events(spans: Sequence[Span], lists: pa.Array, notes: Notes) -> None:
    events, ends = flat(lists)
    if len(events):
        names = texts(events.field("name"), notes).to_pylist()
        times = events.field("time_unix_nano").to_pylist()
        attributes = Pairs(events.field("attributes"), notes)
        for owner, begin, end in _filled(ends):
            spans[owner].events = [
                SpanEvent(names[at], times[at], attributes.of(at)) for at in range(begin, end)
            ]


def _add_links(spans: Sequence[Span], lists: pa.Array) -> None:
    links, ends = flat(lists)
    if len(links):
        traces, ids = hex_ids(links.field("trace_id")), hex_ids(links.field("span_id"))
        for owner, begin, end in _filled(ends):
            spans[owner].links = [
                {"trace_id": traces[at], "span_id": ids[at]} for at in range(begin, end)
            ]


def _filled(ends: Numbers) -> Iterator[tuple[int, int, int]]:
    """Owner, begin and end of the lists that hold something."""
    for owner in np.flatnonzero(np.diff(ends)).tolist():
        yield owner, int(ends[owner]), int(ends[owner + 1])
