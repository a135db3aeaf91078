"""Which rows a filter lets through: the meaning of `Filter`, in plain Python."""

import json
import operator
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any as Anything
from typing import assert_never

from llm_analytics_hub.model.catalogue import (
    ASSET_DIMENSIONS,
    ASSET_PREFIX,
    ATTRIBUTE_PREFIX,
    INGEST_LAG,
    METADATA_PREFIX,
    NUMBER_FIELDS,
)
from llm_analytics_hub.model.query import All, Any, Condition, Filter, Not, Op, Scalar
from llm_analytics_hub.model.scalar import text_of_scalar

Row = Mapping[str, Anything]
"""One row of a table: its columns by name, None = unknown."""

_COMPARE: Mapping[Op, Callable[[Anything, Anything], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


Test = Callable[[Condition, Row], bool]


def of_event(wanted: Condition, row: Row) -> bool:
    """Whether a field of an event passes."""
    if wanted.field in NUMBER_FIELDS:
        return of_number(number_of(wanted.field, row), wanted)
    text = text_of(wanted.field, row)
    if wanted.field.startswith(ATTRIBUTE_PREFIX) and all_numbers(wanted.values):
        return of_number(as_number(text), wanted)
    return of_text(text, wanted)


def holds(wanted: Filter, row: Row, passes: Test = of_event) -> bool:
    """Whether `row` passes `wanted`.

    An unknown text compares as ''. An unknown number passes `ne` and `not_in`, nothing else.
    """
    match wanted:
        case All(parts):
            return all(holds(part, row, passes) for part in parts)
        case Any(parts):
            return any(holds(part, row, passes) for part in parts)
        case Not(part):
            return not holds(part, row, passes)
        case Condition():
            return passes(wanted, row)
        case _:
            assert_never(wanted)


def number_of(column: str, row: Row) -> Anything:
    """A number of an event; None if it is unknown."""
    if column == INGEST_LAG:
        return (row["received_at"] - row["occurred_at"]) / timedelta(milliseconds=1)
    return row[column]


def text_of(name: str, row: Row) -> str:
    """A field as text: a column, one of its `asset`, or a path into JSON; unknown is ''."""
    if name.startswith(METADATA_PREFIX):
        return inside(row["asset"].get("annotations"), name.removeprefix(METADATA_PREFIX))
    if name.startswith(ASSET_PREFIX):
        return str(row["asset"].get(ASSET_DIMENSIONS[name], ""))
    if not name.startswith(ATTRIBUTE_PREFIX):
        return row[name] or ""
    return inside(row["attributes"], name.removeprefix(ATTRIBUTE_PREFIX))


def as_number(text: str) -> float | None:
    """The number that an attribute's text is; None where it is none."""
    return float(text) if _NUMBER.fullmatch(text) else None


def inside(whole: Anything, path: str) -> str:
    """What lies at `path` in JSON, its text or what it was read to, as text; '' where nothing does."""
    place: object = json.loads(whole) if isinstance(whole, str) else whole
    for part in path.split("."):
        place = place.get(part) if isinstance(place, dict) else None
    return _as_text(place)


def _as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool() | str() | float():
            return text_of_scalar(value)
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def all_numbers(values: tuple[Scalar, ...]) -> bool:
    """Whether an attribute is compared as a number: by what it is compared with."""
    numbers = (isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return bool(values) and all(numbers)


def of_number(known: Anything, wanted: Condition) -> bool:
    """Whether a number passes; None is unknown."""
    number = None if known is None else float(known)
    values = [float(value) for value in wanted.values]
    match wanted.op:
        case Op.EXISTS:
            return number is not None
        case Op.IN:
            return number in values
        case Op.NOT_IN:
            return number not in values
        case Op.NE:
            return number != values[0]
        case _:
            return number is not None and _COMPARE[wanted.op](number, values[0])


def of_text(text: str, wanted: Condition) -> bool:
    """Whether a text passes; '' is unknown."""
    texts = [text_of_scalar(value) for value in wanted.values]
    match wanted.op:
        case Op.EXISTS:
            return text != ""
        case Op.IN:
            return text in texts
        case Op.NOT_IN:
            return text not in texts
        case Op.PREFIX:
            return text.startswith(texts[0])
        case Op.CONTAINS:
            return texts[0] in text
        case _:
            return _COMPARE[wanted.op](text, texts[0])
