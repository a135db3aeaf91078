"""Items that can be stored, with what was repaired about them; the others are refused with a reason."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from llm_analytics_hub.ingest.codecs.limits import check_spread
from llm_analytics_hub.ingest.codecs.notes import Fault, Notes, Unreadable, found_in
from llm_analytics_hub.ingest.dead_letters import payload_of
from llm_analytics_hub.ingest.dialects.span import Resource, Span, Spans
from llm_analytics_hub.ingest.receipt import Rejection
from llm_analytics_hub.ingest.submission import Refused
from llm_analytics_hub.normalize.attributes import MAX_ATTRIBUTES_BYTES
from llm_analytics_hub.normalize.texts import MAX_LENGTH

REPAIRED = "hub.repaired"
"""The attribute that says of an item, by codes, what was repaired about it."""

FaultOf = Callable[[Span], Fault | None]
RepairsOf = Callable[[Span], Sequence[Fault]]
"""Repairs an item that is sound enough to be stored, and says what it did."""

_PLAIN = ("trace_id", "span_id", "parent_span_id", "name", "kind", "start", "end", "status")
_TOO_LARGE = Fault(
    "attributes_too_large",
    f"the attributes of the resource and the scope are over {MAX_ATTRIBUTES_BYTES} bytes",
)


@dataclass
class Sieve:
    """Goes through the groups of one request, and keeps what it refused and repaired."""

    fault_of: FaultOf
    repairs_of: RepairsOf
    notes: Notes
    refused: list[Refused] = field(default_factory=list)
    repaired: list[Rejection] = field(default_factory=list)
    _resource: Resource | None = None
    _resource_bytes: int = 0
    _spread_bytes: int = 0

    def sound(self, group: Spans) -> Iterator[Spans]:
        """The items that can be stored; those that were repaired by themselves, and say so.

        Raises: TooLargeError where resources, repeated for their items, make too much.
        """
        faults = self._faults(group)
        if any(faults):
            self._refuse(group, faults)
            group = group.where([fault is None for fault in faults])
        repairs = self._repairs(group)
        if any(repairs):
            yield self._marked(group, repairs)
            group = group.where([not made for made in repairs])
        yield group

    def _faults(self, group: Spans) -> Sequence[Fault | None]:
        size = self._size(group)
        if size > MAX_ATTRIBUTES_BYTES:
            return [_TOO_LARGE] * len(group.spans)
        self._spread_bytes += size * len(group.spans)
        check_spread(self._spread_bytes)
        faults = list(map(self.fault_of, group.spans))
        if self.notes.faults or self.notes.is_suspect:
            known = self.notes.faults
            faults = [known.get(place) or self._unread(group, row) or fault
                      for row, (place, fault) in enumerate(zip(group.places, faults, strict=True))]  # fmt: skip
        return faults

    def _size(self, group: Spans) -> int:
        """Bytes that every item of the group has of its resource and scope."""
        if group.resource is not self._resource:
            self._resource = group.resource
            # What cannot be read is refused with a better reason; here it counts as its text.
            self._resource_bytes = len(msgspec.json.encode(group.resource))
        return self._resource_bytes + len(group.scope)

    def _unread(self, group: Spans, row: int) -> Fault | None:
        """Why an item holds a value that could not be read; a repaired text is noted."""
        if not self.notes.is_suspect:
            return None
        found = found_in(_values(group, row))
        if found is None or isinstance(found, Unreadable):
            return found
        self.notes.repaired(group.places[row], found)
        return None

    def _repairs(self, group: Spans) -> Sequence[Sequence[Fault]]:
        made, noted = list(map(self.repairs_of, group.spans)), self.notes.repairs
        if not noted:
            return made
        return [[*noted.get(place, ()), *more]
                for place, more in zip(group.places, made, strict=True)]  # fmt: skip

    def _refuse(self, group: Spans, faults: Sequence[Fault | None]) -> None:
        for row, (place, fault) in enumerate(zip(group.places, faults, strict=True)):
            if fault is not None:
                plain = _plain(group, row)
                rest = {"attributes": _attributes(group, row), **_contents(group.spans[row])}
                self.refused.append(
                    Refused(
                        Rejection(place, *fault), payload_of({**plain, **rest}), payload_of(plain)
                    )
                )

    def _marked(self, group: Spans, repairs: Sequence[Sequence[Fault]]) -> Spans:
        """The repaired items, each with the codes of its repairs among its attributes."""
        for place, made in zip(group.places, repairs, strict=True):
            self.repaired += [Rejection(place, *fault) for fault in made]
        chosen = group.where([bool(made) for made in repairs])
        codes = [[fault.code for fault in made] for made in repairs if made]
        return replace(chosen, attributes={**chosen.attributes, REPAIRED: codes})


def _values(group: Spans, row: int) -> list[object]:
    """All that one item says, and what it shares."""
    span = group.spans[row]
    events = [(event.name, event.attributes) for event in span.events]
    return [
        group.scope, group.resource.columns, group.resource.rest, span.name, span.status_message,
        events, _body(span), _attributes(group, row),
    ]  # fmt: skip


def _attributes(group: Spans, row: int) -> dict[str, object]:
    return {name: column[row] for name, column in group.attributes.items()}


def _plain(group: Spans, row: int) -> dict[str, object]:
    """What names and places a refused item; of its resource as little, or many letters repeat it."""
    span = group.spans[row]
    said = {name: getattr(span, name) for name in _PLAIN}
    sender = {name: str(text)[:MAX_LENGTH] for name, text in group.resource.columns.items()}
    return {**said, **sender, "scope": group.scope[:MAX_LENGTH]}


def _contents(span: Span) -> dict[str, object]:
    events = [msgspec.structs.asdict(event) for event in span.events]
    return {"status_message": span.status_message, "events": events, "body": _body(span)}


def _body(span: Span) -> object:
    return getattr(span, "body", None)
