"""A question in the parameters of an address, as the body of `POST /api/v1/query`."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.datastructures import QueryParams

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.query.words import to_condition, to_having, to_order, to_top, whole_number

LISTS = ("measures", "dimensions")
TIMES = ("from", "to", "last", "period")
PLAIN = ("granularity", "time_zone", "compare")
KNOWN = frozenset(
    (*LISTS, *TIMES, *PLAIN, "where", "having", "order_by", "limit", "top", "fill_gaps", "format")
)


def question_of(params: QueryParams) -> dict[str, Any]:
    """The question that parameters ask. Raises: InvalidQueryError that names the parameter."""
    if unknown := sorted(set(params.keys()) - KNOWN):
        text = f"no parameter {unknown[0][:80]!r}; there are {', '.join(sorted(KNOWN))}"
        raise InvalidQueryError(text)
    body: dict[str, Any] = {name: _listed(params, name) for name in LISTS}
    body["time_range"] = {name: params[name] for name in TIMES if name in params}
    body |= {name: params[name] for name in PLAIN if name in params}
    body["filters"] = [to_condition(text) for text in params.getlist("where")]
    body["order_by"] = [to_order(text) for text in _listed(params, "order_by")]
    return (
        body
        | {name: read(params[name]) for name, read in _READ.items() if name in params}
        | ({"having": [to_having(text) for text in params.getlist("having")]})
    )


def _listed(params: QueryParams, name: str) -> list[str]:
    """Values of a parameter that comes again or holds several, with commas between."""
    return [part for text in params.getlist(name) for part in text.split(",") if part]


def _flag(text: str) -> bool:
    if text.lower() in ("true", "1", "yes", ""):
        return True
    if text.lower() in ("false", "0", "no"):
        return False
    raise InvalidQueryError(f"fill_gaps {text[:40]!r}: write true or false")


_READ: Mapping[str, Callable[[str], object]] = {
    "limit": whole_number,
    "top": to_top,
    "fill_gaps": _flag,
}
