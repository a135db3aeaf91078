"""A question in the words of an address and of the command line, where those can say it."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

_SIGNS = {"eq": "=", "ne": "!=", "gt": ">", "ge": ">=", "lt": "<", "le": "<=", "contains": "~", "prefix": "^="}  # fmt: skip
_ORDERED = {"gt", "ge", "lt", "le"}

Words = dict[str, list[str]]


def words_of(body: Mapping[str, Any]) -> Words | None:
    """Parameters with their values; None for what has no short form."""
    where, having = _conditions(body.get("filters", [])), _conditions(body.get("having", []))
    top = body.get("top", {})
    if where is None or having is None or top.get("other") is False:
        return None
    found: Words = {name: [str(text)] for name, text in body["time_range"].items()}
    found |= {name: [str(body[name])] for name in ("granularity", "time_zone", "compare", "limit") if name in body}  # fmt: skip
    found |= {"measures": body["measures"], "dimensions": body["dimensions"]}
    found |= {"order_by": [_order(one) for one in body.get("order_by", [])]}
    found |= {"top": [_top(top)]} if top else {}
    found |= {"fill_gaps": ["true"]} if body.get("fill_gaps") else {}
    return found | {"where": where, "having": having}


def _conditions(given: Any) -> list[str] | None:
    if not isinstance(given, list) or not all("field" in one and _can(one) for one in given):
        return None
    return [_condition(one) for one in given]


def _can(one: Mapping[str, Any]) -> bool:
    """Of an attribute the short form knows numbers only where they are put in an order."""
    is_path, value = one["field"].startswith("attributes."), one.get("value")
    return not is_path or isinstance(value, str) or one["op"] in _ORDERED


def _condition(one: Mapping[str, Any]) -> str:
    field, op, value = one["field"], one["op"], one.get("value")
    if op == "exists":
        return f"{field} exists"
    if isinstance(value, list):
        return f"{field} {op.replace('_', ' ')} {_listed(value)}"
    return f"{field}{_SIGNS[op]}{value}"


def _listed(values: Sequence[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="", quoting=csv.QUOTE_ALL).writerow(values)
    return line.getvalue()


def _order(one: Mapping[str, str]) -> str:
    return f"{one['field']}:{one.get('direction', 'asc')}"


def _top(top: Mapping[str, Any]) -> str:
    by = f":{top['by']}" if "by" in top else ""
    return f"{top['dimension']}:{top.get('limit', 5)}{by}"
