"""Reading a document by tables: which member fills which canonical field, and what is left over."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.integrations.message import Document
from llm_analytics_hub.normalize.number import read_number
from llm_analytics_hub.normalize.units import to_milliseconds

Row = dict[str, object]


class Reading:
    """A document being read: what somebody took is no longer among the rest."""

    def __init__(self, document: Document) -> None:
        self.rest: Row = _copied(document)

    def take(self, *paths: str) -> object:
        """The first of these members that is there and not null, and none of them is left.

        A path names members of members with dots: `details.value`.
        """
        found = [self._cut(path) for path in paths]
        return next((value for value in found if value is not None), None)

    def see(self, path: str) -> object:
        """A member that stays among the rest; None where it is not there."""
        return member(self.rest, path)

    def open(self, *names: str) -> None:
        """Put the members of these objects among the document's own; those whose name is taken stay."""
        for name in names:
            inside = self.rest.get(name)
            if isinstance(inside, dict):
                del self.rest[name]
                left = {key: value for key, value in inside.items() if self._differs(key, value)}
                self.rest = {**inside, **self.rest}
                if left:
                    self.rest.setdefault(name, left)

    def _differs(self, name: str, value: object) -> bool:
        return value is not None and self.rest.get(name, value) != value

    def _cut(self, path: str) -> object:
        *outer, name = path.split(".")
        holder = self._holder(outer)
        value = None if holder is None else holder.pop(name, None)
        if outer and holder == {}:
            self._cut(".".join(outer))
        return value

    def _holder(self, names: Sequence[str]) -> Row | None:
        holder: object = self.rest
        for name in names:
            holder = holder.get(name) if isinstance(holder, dict) else None
        return holder if isinstance(holder, dict) else None


def member(document: Document, path: str) -> object:
    """A member, or one of its members' by a path with dots; None where it is not there."""
    first, dot, inner = path.partition(".")
    value = document.get(first)
    if not dot:
        return value
    return member(value, inner) if isinstance(value, dict) else None


def _copied(document: Document) -> Row:
    return {
        name: _copied(value) if isinstance(value, dict) else value
        for name, value in document.items()
    }


Rule: TypeAlias = Callable[[Reading], object]
Column: TypeAlias = str | tuple[str, ...] | Rule
"""Where a field comes from: a path, paths in the order of trust, or a rule of its own."""

Columns = Mapping[str, Column]


def read(reading: Reading, columns: Columns) -> Row:
    """The fields of a table that the document has; they are no longer among its rest."""
    found = {field: _value(reading, column) for field, column in columns.items()}
    return {field: value for field, value in found.items() if value is not None}


def renamed(reading: Reading, names: Mapping[str, Column]) -> None:
    """Give members of the rest other names, by a table: the new name, and where its value comes from."""
    reading.rest = {**read(reading, names), **reading.rest}


def _value(reading: Reading, column: Column) -> object:
    if isinstance(column, str):
        return reading.take(column)
    return reading.take(*column) if isinstance(column, tuple) else column(reading)


def constant(value: object) -> Rule:
    """The same for every document of a shape."""
    return lambda _: value


def duration(path: str, unit: str) -> Rule:
    """Milliseconds of a number in `unit`; what is no number is left to the normaliser to refuse."""

    def milliseconds(reading: Reading) -> object:
        value = reading.take(path)
        number = read_number(value)
        if number is None or not number.is_finite():
            return value
        return to_milliseconds(float(number), unit)

    return milliseconds


def percent(*paths: str) -> Rule:
    """A ratio from a percentage: 85 becomes 0.85."""

    def ratio(reading: Reading) -> object:
        value = reading.take(*paths)
        number = read_number(value)
        return value if number is None else float(number / 100)

    return ratio


def word(path: str, words: Mapping[str, object]) -> Rule:
    """What a word stands for; a word without a meaning stays where it is."""

    def meaning(reading: Reading) -> object:
        said = reading.see(path)
        if not isinstance(said, str) or said not in words:
            return None
        reading.take(path)
        return words[said]

    return meaning


def custom(path: str) -> Rule:
    """A name that may be an object where it is none of a list: `{"custom": "groq"}`."""

    def name(reading: Reading) -> object:
        value = reading.take(path)
        if isinstance(value, dict) and len(value) == 1:
            (value,) = value.values()
        return value

    return name


def first(*paths: str) -> Rule:
    """The first of these members that is there and not null; the others stay."""

    def value(reading: Reading) -> object:
        path = next((path for path in paths if reading.see(path) is not None), paths[0])
        return reading.take(path)

    return value


def lowered(*paths: str) -> Rule:
    """A word in lower case."""

    def value(reading: Reading) -> object:
        said = first(*paths)(reading)
        return said.lower() if isinstance(said, str) else said

    return value


def first_of(path: str) -> Rule:
    """The first of a list of names; the list stays."""

    def name(reading: Reading) -> object:
        names = reading.see(path)
        return names[0] if isinstance(names, list) and names else None

    return name


def texts(values: Iterable[object]) -> list[str]:
    """Those of `values` that are texts."""
    return [value for value in values if isinstance(value, str)]


def required_object(value: object, name: str) -> Document:
    """`value` as a document. Raises: InvalidInputError, code `invalid_document`, for anything else."""
    if isinstance(value, dict):
        return value
    raise InvalidInputError(f"{name} is no JSON object", code="invalid_document")
