"""Spans of one shape on their way to events, as columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from llm_analytics_hub.ingest.dialects.members import Members
from llm_analytics_hub.ingest.dialects.plan import Column, Member
from llm_analytics_hub.ingest.dialects.span import Spans

Values: TypeAlias = Sequence[object]

_GONE = msgspec.UNSET  # a cell that its span does not have, or that has been read
_ENCODER = msgspec.json.Encoder()


class Draft:
    """What is known of some spans so far.

    `fields` have a column of the canonical event, `extras` have none, None is unknown in both;
    `constants` are extras that all the spans share; `rest` are the senders' attributes that
    nothing has read yet.
    """

    def __init__(self, spans: Spans, members: Mapping[str, Member]) -> None:
        self.spans = spans
        self._members = Members(spans, members)
        self.fields: dict[str, Values] = {}
        self.extras: dict[str, Values] = {}
        self.constants: dict[str, object] = {}
        self.rest: dict[str, Values] = dict(spans.attributes)
        self._ragged = False

    def __len__(self) -> int:
        return len(self.spans.spans)

    def read(self, columns: Iterable[Column]) -> None:
        """Fill fields from attributes, in the order of trust: what is known is not overwritten."""
        for key, field, read, is_kept, is_attribute in columns:
            home = self.extras if is_attribute else self.fields
            earlier = home.get(field)
            if earlier is not None and None not in earlier:
                continue
            values = self.rest.get(key)
            found = read.read(self._members.column(key) if values is None else values)
            if earlier is not None:
                found = [new if old is None else None
                         for old, new in zip(earlier, found, strict=True)]  # fmt: skip
            if not is_kept and values is not None:
                self._forget(key, found)
            home[field] = found if earlier is None else _merged(earlier, found)

    def add(self, field: str, row: int, value: object) -> None:
        """Put one value among the extras."""
        column = list(self.extras.get(field, [None] * len(self)))
        column[row] = value
        self.extras[field] = column

    def attributes(self) -> list[bytes]:
        """Constants, extras and the rest as JSON objects; a sender's own attribute wins."""
        cells = {**self.extras, **self.rest}
        shared = {name: value for name, value in self.constants.items() if name not in cells}
        prefix = _ENCODER.encode(shared)[:-1]
        separator = b"," if shared else b""
        return [
            prefix + separator + text[1:] if len(text) > 2 else prefix + b"}"
            for text in map(_ENCODER.encode, self._objects(cells))
        ]

    def _objects(self, cells: Mapping[str, Values]) -> Iterator[dict[str, object]]:
        names = tuple(cells)
        if not names:
            return (dict[str, object]() for _ in range(len(self)))
        rows = zip(*cells.values(), strict=True)
        if not self._ragged and not self.extras:
            return (dict(zip(names, row, strict=True)) for row in rows)
        extras = self.extras.keys() - self.rest.keys()
        return (_whole(names, row, extras) for row in rows)

    def _forget(self, key: str, found: Values) -> None:
        """Take out of the rest what was read from it."""
        if None not in found:
            del self.rest[key]
        elif any(value is not None for value in found):
            self._ragged = True
            self.rest[key] = [old if new is None else _GONE
                              for old, new in zip(self.rest[key], found, strict=True)]  # fmt: skip


def _whole(names: Sequence[str], row: Values, extras: Iterable[str]) -> dict[str, object]:
    found = {name: value for name, value in zip(names, row, strict=True) if value is not _GONE}
    for name in extras:
        if found[name] is None:
            del found[name]
    return found


def _merged(earlier: Values, found: Values) -> Values:
    return [new if old is None else old for old, new in zip(earlier, found, strict=True)]
