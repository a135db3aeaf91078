"""Filters written in Python, in the JSON form that questions take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_analytics_hub.errors import InvalidQueryError

Scalar = str | int | float | bool


@dataclass(frozen=True)
class Filter:
    """A condition on events; `&`, `|` and `~` make new ones. `body` is its JSON form."""

    body: Mapping[str, Any]

    def __and__(self, other: "Filter") -> "Filter":
        return self._joined("and", other)

    def __or__(self, other: "Filter") -> "Filter":
        return self._joined("or", other)

    def __invert__(self) -> "Filter":
        return Filter({"not": self.body})

    def __bool__(self) -> bool:
        """Raises: TypeError, as `a and b` would silently forget a part."""
        raise TypeError("join filters with &, | and ~, not with and, or, not")

    def _joined(self, word: str, other: "Filter") -> "Filter":
        return Filter({word: [*self._parts(word), *other._parts(word)]})  # noqa: SLF001 - its own kind

    def _parts(self, word: str) -> Sequence[Any]:
        """What a chain of one word joins: it stays one list, however long."""
        is_chain = self.body.keys() == {word}
        return list(self.body[word]) if is_chain else [self.body]


@dataclass(frozen=True)
class F:
    """A field to compare: `F("model").prefix("gpt") & ~F("status").eq("error")`."""

    field: str

    def eq(self, value: Scalar) -> Filter:
        """It is `value`."""
        return self._compared("eq", value)

    def ne(self, value: Scalar) -> Filter:
        """It is not `value`, or is unknown."""
        return self._compared("ne", value)

    def lt(self, value: Scalar) -> Filter:
        """It is less than `value`."""
        return self._compared("lt", value)

    def le(self, value: Scalar) -> Filter:
        """It is at most `value`."""
        return self._compared("le", value)

    def gt(self, value: Scalar) -> Filter:
        """It is more than `value`."""
        return self._compared("gt", value)

    def ge(self, value: Scalar) -> Filter:
        """It is at least `value`."""
        return self._compared("ge", value)

    def in_(self, values: Iterable[Scalar]) -> Filter:
        """It is one of `values`."""
        return self._compared("in", list(values))

    def not_in(self, values: Iterable[Scalar]) -> Filter:
        """It is none of `values`, or is unknown."""
        return self._compared("not_in", list(values))

    def prefix(self, text: str) -> Filter:
        """It starts with `text`."""
        return self._compared("prefix", text)

    def contains(self, text: str) -> Filter:
        """It has `text` in it."""
        return self._compared("contains", text)

    def exists(self) -> Filter:
        """It is known."""
        return Filter({"field": self.field, "op": "exists"})

    def _compared(self, op: str, value: object) -> Filter:
        return Filter({"field": self.field, "op": op, "value": value})


Condition = Filter | Mapping[str, Any] | tuple[str, str] | tuple[str, str, Any]
Where = Condition | Sequence[Condition]
"""A filter, or several that must all hold: of `F`, as JSON, or as (field, operator, value)."""


def to_json(where: Where) -> Any:
    """The JSON form of what events must meet. Raises: InvalidQueryError for what is no filter."""
    if isinstance(where, Filter):
        return where.body
    if isinstance(where, Mapping):
        return where
    if isinstance(where, tuple) and where and isinstance(where[0], str):
        return _of_tuple(where)
    if isinstance(where, str) or not isinstance(where, Sequence):
        raise InvalidQueryError(f"{where!r:.60} is no filter: write F('field').eq('value')")
    return [to_json(one) for one in where]  # type: ignore[arg-type]


def joined(*wheres: Where) -> list[Any]:
    """What holds where each of `wheres` does. Raises: InvalidQueryError."""
    forms = [to_json(where) for where in wheres]
    return [part for form in forms for part in (form if isinstance(form, list) else [form])]


def _of_tuple(parts: tuple[Any, ...]) -> dict[str, Any]:
    if len(parts) == 2 and parts[1] == "exists":
        return {"field": parts[0], "op": "exists"}
    if len(parts) != 3:
        raise InvalidQueryError(f"{parts!r:.60} is no filter: write (field, operator, value)")
    field, op, value = parts
    many = isinstance(value, Iterable) and not isinstance(value, str | Mapping)
    return {"field": field, "op": op, "value": list(value) if many else value}
