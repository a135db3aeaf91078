"""Filters as JSON: to values that every store knows how to check."""

import re
import sys
from collections.abc import Callable, Mapping

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.catalogue import (
    ASSET_DIMENSIONS,
    ASSET_PREFIX,
    MEASURES,
    NUMBER_FIELDS,
    PATH_DIMENSIONS,
    TEXT_DIMENSIONS,
)
from llm_analytics_hub.model.query import All, Any, Condition, Filter, Not, Op, Scalar

MAX_CONDITIONS = 100
MAX_TEXT = 4096

_PATH = re.compile(r"(attributes|asset\.metadata)(\.[A-Za-z0-9_:/@ -]{1,128}){1,8}")
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a pair: JSON can carry it, UTF-8 cannot
_LISTS = {Op.IN, Op.NOT_IN}
_TEXT_ONLY = {Op.PREFIX, Op.CONTAINS}

ToCondition = Callable[[str, Op, object], Condition]


def to_filter(body: object) -> Filter:
    """A filter of its JSON form: a list (all hold), a condition, or {and|or|not}."""
    return _filter(body, _of_field, [MAX_CONDITIONS])


def to_having(body: object, measures: tuple[str, ...]) -> Filter:
    """A filter on measures of the answer, in the same form. Raises: InvalidQueryError."""

    def of_measure(name: str, op: Op, value: object) -> Condition:
        if name not in measures:
            raise InvalidQueryError(f"having {name[:80]!r}: it is none of {', '.join(measures)}")
        return _number_condition(name, op, value)

    return _filter(body, of_measure, [MAX_CONDITIONS])


def _filter(body: object, to_condition: ToCondition, budget: list[int]) -> Filter:
    budget[0] -= 1
    if budget[0] < 0:
        raise InvalidQueryError(f"a filter has at most {MAX_CONDITIONS} parts")
    if isinstance(body, list):
        return All(tuple(_filter(part, to_condition, budget) for part in body))
    if not isinstance(body, dict):
        raise InvalidQueryError("a filter is an object {field, op, value}, or and, or, not")
    if len(body) == 1:
        word, inside = next(iter(body.items()))
        if word in ("and", "or") and isinstance(inside, list):
            parts = tuple(_filter(part, to_condition, budget) for part in inside)
            return All(parts) if word == "and" else Any(parts)
        if word == "not":
            return Not(_filter(inside, to_condition, budget))
    return _condition(body, to_condition)


def _condition(body: Mapping[str, object], to_condition: ToCondition) -> Condition:
    unknown = body.keys() - {"field", "op", "value"}
    field = body.get("field")
    if unknown or not isinstance(field, str):
        raise InvalidQueryError(
            f"a condition has field, op and value, not {sorted(unknown) or 'this'}"
        )
    return to_condition(field, _op(body.get("op", "eq")), body.get("value"))


def _of_field(field: str, op: Op, value: object) -> Condition:
    if field in NUMBER_FIELDS:
        return _number_condition(field, op, value)
    if field in MEASURES:
        raise InvalidQueryError(f"{field} is a measure: compare it in `having`")
    check_dimension(field)
    return Condition(field, op, tuple(_scalar(field, item) for item in _values(field, op, value)))


def _number_condition(field: str, op: Op, value: object) -> Condition:
    if op in _TEXT_ONLY:
        raise InvalidQueryError(f"{field} is a number: {op} is for text")
    return Condition(field, op, tuple(_number(field, item) for item in _values(field, op, value)))


def _values(field: str, op: Op, value: object) -> list[object]:
    if op is Op.EXISTS:
        return []
    many = value if op in _LISTS else [value]
    if not isinstance(many, list) or not 1 <= len(many) <= 1000:
        raise InvalidQueryError(f"{field}: {op} takes a list of 1 to 1000 values")
    return many


def _number(field: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidQueryError(f"{field} is compared with a number, not {value!r:.60}")
    if not _is_double(value):
        raise InvalidQueryError(f"{field}: a number is finite and fits a double")
    return float(value)


def _scalar(field: str, value: object) -> Scalar:
    """What `field` is compared with; texts are stored as texts, whatever they look like."""
    if isinstance(value, bool) or (isinstance(value, str) and _is_text(value)):
        return value
    if not isinstance(value, int | float) or not _is_double(value):
        raise InvalidQueryError(f"{field}: a value is a text, a finite number or a boolean")
    is_text = field in TEXT_DIMENSIONS or field.startswith(ASSET_PREFIX)
    return str(value) if is_text else float(value)


def _is_text(value: str) -> bool:
    return len(value) <= MAX_TEXT and not _SURROGATE.search(value)


def _is_double(value: float) -> bool:
    return -sys.float_info.max <= value <= sys.float_info.max


def check_dimension(name: str) -> None:
    """Raises: InvalidQueryError if `name` is no dimension."""
    if name in TEXT_DIMENSIONS or name in ASSET_DIMENSIONS or _PATH.fullmatch(name):
        return
    known = ", ".join((*sorted(TEXT_DIMENSIONS), *ASSET_DIMENSIONS, *PATH_DIMENSIONS))
    raise InvalidQueryError(f"no dimension {name[:80]!r}; there are {known}")


def _op(value: object) -> Op:
    try:
        return Op(value)  # type: ignore[arg-type]
    except ValueError:
        raise InvalidQueryError(f"no operator {value!r:.40}; there are {', '.join(Op)}") from None
