"""Spans as they came, whatever the encoding: the one shape that protobuf and JSON both give.

Spans of one scope whose attributes have the same names in the same order are kept side by side,
as columns: an application writes few such shapes and many spans of each, so that a dialect's
table is looked through once for all of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

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
    """A span; ids in lower-case hex, times in ns since 1970, UTC, enums as OTLP numbers them."""

    trace_id: str
    span_id: str
    parent_span_id: str
    name: str
    kind: int
    start: int
    end: int
    status: int
    status_message: str
    events: Sequence[SpanEvent] = ()
    links: Sequence[Mapping[str, object]] = ()


@dataclass(frozen=True)
class Spans:
    """Spans of one shape, side by side.

    `places` are their indices in the request; `attributes` has one list of values for each name.
    Lists and values may be shared: they are read, never changed.
    """

    scope: str
    resource: Resource
    places: Sequence[int]
    spans: Sequence[Span]
    attributes: Mapping[str, Sequence[object]]

    def where(self, chosen: Sequence[bool]) -> "Spans":
        """The chosen ones."""
        return Spans(
            self.scope,
            self.resource,
            list(compress(self.places, chosen)),
            list(compress(self.spans, chosen)),
            {name: list(compress(column, chosen)) for name, column in self.attributes.items()},
        )


def by_shape(
    scope: str,
    resource: Resource,
    first_place: int,
    spans: Iterable[tuple[Span, Mapping[str, object]]],
) -> Iterator[Spans]:
    """Spans with their attributes, sorted into shapes in the order of first appearance."""
    shapes: dict[tuple[str, ...], list[tuple[int, Span, Iterable[object]]]] = {}
    for place, (span, attributes) in enumerate(spans, first_place):
        shapes.setdefault(tuple(attributes), []).append((place, span, attributes.values()))
    for names, members in shapes.items():
        places, kept, rows = zip(*members, strict=True)
        columns = zip(*rows, strict=True) if names else ()
        yield Spans(scope, resource, places, kept, dict(zip(names, columns, strict=True)))
