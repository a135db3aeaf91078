"""A question in the words of the command line, as the body of `POST /api/v1/query`."""

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
_WORDS = re.compile(r"\s*(.+?)\s+(not in|in|exists)\b\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def to_condition(text: str) -> dict[str, Any]:
    """`field=value` and its kin as a filter. Raises: InvalidQueryError."""
    if found := _COMPARISON.fullmatch(text):
        field, op = found[1], _OPERATORS[found[2]]
        return {"field": field, "op": op, "value": _value(field, op, found[3])}
    if found := _WORDS.fullmatch(text):
        return _in_words(found[1], found[2].replace(" ", "_"), found[3])
    raise InvalidQueryError(
        f"--where {text!r}: write field=value, or one of != > >= < <= ~ (contains) ^= (prefix), "
        "'field in a,b', 'field not in a,b', 'field exists'"
    )


def to_order(text: str) -> dict[str, str]:
    """`column` or `column:desc` as an order; the hub checks the rest."""
    field, _, direction = text.partition(":")
    return {"field": field, "direction": direction or "asc"}


def to_time_range(last: str | None, start: str | None, end: str | None) -> Mapping[str, str]:
    """The time range of --last, or of --from and --to. Raises: InvalidQueryError."""
    if last and not (start or end):
        return {"last": last}
    if start and end and not last:
        return {"from": start, "to": end}
    raise InvalidQueryError(
        "say the time range: --last 7d, or --from 2025-11-01 and --to 2025-12-01"
    )


def _in_words(field: str, op: str, rest: str) -> dict[str, Any]:
    if op == "exists":
        return {"field": field, "op": op}
    values = next(csv.reader([rest], skipinitialspace=True), [])
    return {
        "field": field,
        "op": op,
        "value": [_value(field, op, value.strip()) for value in values],
    }


def _value(field: str, op: str, text: str) -> str | float:
    """A number where the field holds numbers, or where an attribute is put in an order."""
    is_number = field in NUMBER_FIELDS or (field.startswith(ATTRIBUTE_PREFIX) and op in _ORDERED)
    return float(text) if is_number and _NUMBER.fullmatch(text) else text
