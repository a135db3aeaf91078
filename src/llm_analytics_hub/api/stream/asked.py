"""What a stream is asked for, in the parameters of its address: a filter, and a place to go on from."""

from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import HTTPConnection

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.errors import InvalidQueryError, about
from llm_analytics_hub.live.frames import from_cursor
from llm_analytics_hub.live.matching import check_live
from llm_analytics_hub.model.query import All, Filter, Place
from llm_analytics_hub.query.filters import to_filter
from llm_analytics_hub.query.words import to_condition

NAMED = ("source", "stream", "event_type", "event_id", "asset_id", "trace_id", "severity")
KNOWN = frozenset((*NAMED, "where", "filters", "cursor"))
LAST_ID = "last-event-id"
MAX_CURSOR = 4096


@dataclass(frozen=True)
class Asked:
    """Which events, of whom, and after which place; None for from now on."""

    tenant: str
    where: Filter
    after: Place | None


def asked_of(connection: HTTPConnection) -> Asked:
    """What a request asks. Raises: InvalidInputError that names the parameter at fault."""
    params = connection.query_params
    if unknown := sorted(set(params.keys()) - KNOWN):
        text = f"no parameter {unknown[0][:80]!r}; there are {', '.join(sorted(KNOWN))}"
        with about(unknown[0][:80]):
            raise InvalidQueryError(text)
    parts = [_named(params, name) for name in NAMED if params.get(name)]
    parts.append(_in_words(params.getlist("where")))
    if filters := params.get("filters"):
        parts.append(_checked("filters", _decoded(filters)))
    return Asked(tenant_of(connection), All(tuple(parts)), _after(connection))


def _named(params: QueryParams, name: str) -> Filter:
    values = [part for text in params.getlist(name) for part in text.split(",") if part]
    return _checked(name, {"field": name, "op": "in", "value": values})


def _in_words(texts: list[str]) -> Filter:
    with about("where"):
        return _checked("where", [to_condition(text) for text in texts])


def _checked(name: str, body: object) -> Filter:
    with about(name):
        return check_live(to_filter(body))


def _decoded(text: str) -> Any:
    with about("filters"):
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
            raise InvalidQueryError(f"filters is JSON, as of a question: {error}") from error


def _after(connection: HTTPConnection) -> Place | None:
    """Where to go on; an EventSource that comes again says it in a header, which is the newer one."""
    cursor = connection.headers.get(LAST_ID) or connection.query_params.get("cursor")
    if not cursor:
        return None
    with about("cursor"):
        if len(cursor) > MAX_CURSOR:
            raise InvalidQueryError("the cursor is none of this stream", code="invalid_cursor")
        return from_cursor(cursor)
