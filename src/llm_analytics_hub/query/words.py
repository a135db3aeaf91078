"""Conditions and orders in a few words, as the command line and addresses have them."""

import csv
import re
from collections.abc import Mapping
from typing import Any

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.catalogue import ATTRIBUTE_PREFIX, NUMBER_FIELDS

_OPERATORS = {
    "=": "eq", "!=": "ne", ">": "gt", ">=": "ge", "<": "lt", "<=": "le", "~": "contains", "^=": "prefix",
}  # fmt: skip
_ORDERED = {"gt", "ge", "lt", "le"}
_COMPARISON = re.compile(r"\s*([^=!<>~^]+?)\s*(!=|>=|<=|\^=|=|>|<|~)\s*(.*)", re.DOTALL)
# Looked for first: values may hold signs. A path may end in such a word, then a sign follows it.
_WORDS = re.compile(r"\s*([^=!<>~^]+?)\s+(not in|in|exists)\b(?!\s*[=!<>~^])\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def to_condition(text: str) -> dict[str, Any]:
    """`field=value` and its kin as a filter. Raises: InvalidQueryError."""
    if found := _WORDS.fullmatch(text):
        return _in_words(found[1], found[2].replace(" ", "_"), found[3])
    if found := _COMPARISON.fullmatch(text):
        field, op = found[1], _OPERATORS[found[2]]
        return {"field": field, "op": op, "value": _value(field, op, found[3])}
    raise InvalidQueryError(
        f"{text!r:.80} is no condition: write field=value, or one of != > >= < <= ~ (contains) ^= (prefix), "
        "'field in a,b', 'field not in a,b', 'field exists'"
    )


def to_order(text: str) -> dict[str, str]:
    """`column` or `column:desc` as an order; the hub checks the rest."""
    field, _, direction = text.partition(":")
    return {"field": field, "direction": direction or "asc"}


def to_having(text: str) -> Mapping[str, Any]:
    """`measure>number` and its kin as a condition on a measure of the answer."""
    condition = to_condition(text)
    value = condition.get("value")
    if isinstance(value, list):
        return condition | {"value": [_number(one) for one in value]}
    return condition if value is None else condition | {"value": _number(value)}


def to_top(text: str) -> dict[str, Any]:
    """`dimension`, `dimension:number` or `dimension:number:measure`. Raises: InvalidQueryError."""
    dimension, *rest = text.split(":")
    if len(rest) > 2:
        raise InvalidQueryError(f"top {text[:80]!r}: write dimension:number:measure")
    body: dict[str, Any] = {"dimension": dimension}
    body |= {"limit": whole_number(rest[0])} if rest and rest[0] else {}
    return body | ({"by": rest[1]} if rest[1:] else {})


def whole_number(text: str) -> int:
    """Raises: InvalidQueryError for what is none."""
    try:
        return int(text)
    except ValueError:
        raise InvalidQueryError(f"limit {text[:40]!r} is no whole number") from None


def _number(value: object) -> object:
    """A number of its text; what is none is left for the check that names the field."""
    return float(str(value)) if _NUMBER.fullmatch(str(value)) else value


def _in_words(field: str, op: str, rest: str) -> dict[str, Any]:
    if op == "exists":
        return {"field": field, "op": op}
    return {
        "field": field,
        "op": op,
        "value": [_value(field, op, value.strip()) for value in _listed(field, rest)],
    }


def _listed(field: str, text: str) -> list[str]:
    try:
        return next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error as error:
        message = f'{field}: write a,b, with "…" around a value that has a comma or a line break'
        raise InvalidQueryError(message) from error


def _value(field: str, op: str, text: str) -> str | float:
    """A number where the field holds numbers, or where an attribute is put in an order."""
    is_number = field in NUMBER_FIELDS or (field.startswith(ATTRIBUTE_PREFIX) and op in _ORDERED)
    return float(text) if is_number and _NUMBER.fullmatch(text) else text
