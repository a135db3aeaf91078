"""What spans and log records of OTLP JSON share: the way from a request to groups of items."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from llm_analytics_hub.errors import UndecodableError
from llm_analytics_hub.ingest.codecs.json_repair import read_patiently
from llm_analytics_hub.ingest.codecs.limits import check_items, check_objects
from llm_analytics_hub.ingest.codecs.notes import Fault, Notes, Unreadable
from llm_analytics_hub.ingest.codecs.otlp_json_values import (
    KeyValue,
    ResourceMessage,
    Scope,
    attributes_of,
)
from llm_analytics_hub.ingest.codecs.otlp_resource import to_resource
from llm_analytics_hub.ingest.dialects.span import Resource, Span, Spans, by_shape

Request = TypeVar("Request")

SentScope = tuple[Scope | None, Sequence[Any]]
SentResource = tuple[ResourceMessage | None, Iterable[SentScope]]
"""A resource with its scopes, each with its items."""

ToItem = Callable[[Any, int], Span]
"""From an item's message and its place to the item; raises ValueError for a number that is none."""

_UNREADABLE = (ValueError, OverflowError, RecursionError)


def read_request(decoder: msgspec.json.Decoder[Request], body: bytes, notes: Notes) -> Request:
    """The request. Raises: UndecodableError, TooLargeError."""
    check_objects(body)
    try:
        return read_patiently(body, decoder.decode, notes)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise UndecodableError(f"the body is not an OTLP request in JSON: {error}") from error


def json_groups(
    resources: Iterable[SentResource], to_item: ToItem, empty: Callable[[], Span], notes: Notes
) -> Iterator[Spans]:
    """The items by resource, scope and shape of attributes.

    One with a value that cannot be read is refused by the notes, and `empty` stands in its place.
    Raises: TooLargeError for more items than a request may have.
    """

    def pair(item: Any, at: int) -> tuple[Span, dict[str, object]]:
        try:
            return to_item(item, at), attributes_of(item.attributes)
        except _UNREADABLE as error:
            notes.faults[at] = Fault("undecodable", f"a value cannot be read: {error}")
            return empty(), {}

    place = 0
    for sender, scopes in resources:
        filled = [(scope, items) for scope, items in scopes if items]
        if not filled:
            continue
        resource = _resource((sender or ResourceMessage()).attributes, notes)
        for scope, items in filled:
            check_items(place + len(items))
            pairs = (pair(item, at) for at, item in enumerate(items, place))
            yield from by_shape((scope or Scope()).name or "", resource, place, pairs)
            place += len(items)


def _resource(attributes: list[KeyValue] | None, notes: Notes) -> Resource:
    try:
        return to_resource(attributes_of(attributes))
    except _UNREADABLE as error:
        notes.is_suspect = True
        message = f"a value of the resource cannot be read: {error}"
        return Resource({}, {"": Unreadable("undecodable", message)})
