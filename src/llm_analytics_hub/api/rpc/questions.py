"""Requests as messages to the JSON form that all doors share."""

import math
from collections.abc import Mapping
from typing import Any

from google.protobuf.json_format import Error, MessageToDict

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.query import Filter, TimeRange
from llm_analytics_hub.query.filters import to_filter
from llm_analytics_hub.query.ranges import to_moment

Json = dict[str, Any]

_EXACT = 2**53
"""Up to here a double is a whole number without doubt."""
_FILTERS = ("filters", "having")
_GROUPS = {"all_of": "and", "any_of": "or"}
_EARLIEST, _LATEST = "1990-01-01", "2199-12-31"


def question_of(request: Any) -> Json:
    """A QueryRequest as the body of a question. Raises: InvalidQueryError."""
    if not request.HasField("question"):
        return _plain(request) | {
            name: [_filter(one) for one in getattr(request, name)]
            for name in _FILTERS
            if getattr(request, name)
        }
    named = [field.name for field, _ in request.ListFields() if field.name != "question"]
    if named:
        raise InvalidQueryError(f"question is the whole question: leave out {', '.join(named)}")
    return struct_of(request.question)


def where_of(request: Any) -> Filter:
    """The `filters` of a list, checked. Raises: InvalidQueryError."""
    return to_filter([_filter(one) for one in request.filters])


def span_of(request: Any) -> TimeRange | None:
    """The `time_range` of a list; None for all time. Raises: InvalidQueryError."""
    asked = request.time_range
    if asked.last or asked.period:
        raise InvalidQueryError("time_range of a list has `from` and `to`")
    if not asked.ByteSize():
        return None
    start, end = getattr(asked, "from") or _EARLIEST, asked.to or _LATEST
    return TimeRange(to_moment(start), to_moment(end))


def struct_of(struct: Any) -> Json:
    """A google.protobuf.Struct as JSON values; whole numbers are integers again.

    Raises: InvalidQueryError for a number that JSON has not.
    """
    return {name: value_of(value) for name, value in struct.fields.items()}


def value_of(value: Any) -> Any:
    """A google.protobuf.Value as a JSON value. Raises: as `struct_of`."""
    match value.WhichOneof("kind"):
        case None | "null_value":
            return None
        case "number_value":
            return _number(value.number_value)
        case "struct_value":
            return struct_of(value.struct_value)
        case "list_value":
            return [value_of(one) for one in value.list_value.values]
        case kind:
            return getattr(value, kind)


def _number(number: float) -> float:
    if not math.isfinite(number):
        raise InvalidQueryError("a value is a text, a finite number or a boolean")
    return int(number) if number.is_integer() and abs(number) <= _EXACT else number


def _filter(one: Any) -> Json:
    kind = one.WhichOneof("kind")
    if kind is None:
        raise InvalidQueryError("filters: one of them has no condition, all_of, any_of or negated")
    if kind == "condition":
        return _condition(one.condition)
    if kind == "negated":
        return {"not": _filter(one.negated)}
    return {_GROUPS[kind]: [_filter(part) for part in getattr(one, kind).filters]}


def _condition(one: Any) -> Json:
    said: Json = {"field": one.field}
    said |= {"op": one.op} if one.op else {}
    return said | ({"value": value_of(one.value)} if one.HasField("value") else {})


def _plain(request: Any) -> Json:
    """All members but filters, by their names; those that are not said are left out."""
    said = type(request)()
    said.CopyFrom(request)
    for name in _FILTERS:
        said.ClearField(name)
    try:
        found: Mapping[str, Any] = MessageToDict(said, preserving_proto_field_name=True)
    except Error as error:
        raise InvalidQueryError(f"the question cannot be read: {error}") from error
    return dict(found)
