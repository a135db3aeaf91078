"""What is sent to a hub: a function for each thing it can be asked; both clients have them as methods."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, ParamSpec
from urllib.parse import quote

import msgspec

from llm_analytics_hub.client.answers import (
    ARROW,
    JSON,
    Answer,
    Receipt,
    read_answer,
    read_object,
    read_receipt,
)
from llm_analytics_hub.client.call import ATTEMPTS, NOTHING, Call
from llm_analytics_hub.client.filters import Filter, Where, joined, to_json
from llm_analytics_hub.client.lists import read_asset, read_trace
from llm_analytics_hub.client.times import Moment, Span, to_moment, to_time_range
from llm_analytics_hub.errors import InvalidInputError

P = ParamSpec("P")

LINES = "application/x-ndjson"

Order = str | tuple[str, str] | Mapping[str, str]
"""A column to sort by: "model", "-cost_usd" for the largest first, or ("cost_usd", "desc")."""

_QUESTIONS = msgspec.json.Encoder(decimal_format="number")
_EVENTS = msgspec.json.Encoder()  # decimals as text: the hub reads them with all their digits
_SILENCES = (
    3  # three times 90 s are within 5 minutes, the shortest window in which repeats are known
)
_NEEDED = {"measures", "time_range"}
_FORMS = f"{ARROW}, {JSON};q=0.9"


def query(
    *,
    measures: str | Sequence[str],
    dimensions: str | Sequence[str] = (),
    where: Where = (),
    last: Span | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    period: str | None = None,
    granularity: str | None = None,
    time_zone: str | None = None,
    order_by: Order | Sequence[Order] = (),
    limit: int | None = None,
    having: Where = (),
    top: Mapping[str, Any] | None = None,
    compare: str | None = None,
    fill_gaps: bool = False,
    filters: Where = (),
    time_range: Mapping[str, Any] = NOTHING,
) -> Call[Answer]:
    """The answer to a question: `measures` of the events in a time range, by `dimensions`.

    The range is `last` ("7d"), a `period` of the calendar ("last_month"), or from `start`
    (included) to `end` (excluded); `time_range` is the same as the hub has it. `where` and
    `filters` must both hold. The rest: docs/client.md.
    Raises: InvalidQueryError for what cannot be asked; SaturatedError, QueryTimeoutError,
    UnavailableError.
    """
    said = {
        "measures": _several(measures),
        "dimensions": _several(dimensions),
        "filters": joined(where, filters),
        "time_range": {**time_range, **to_time_range(last, start, end, period)},
        "granularity": granularity,
        "time_zone": time_zone,
        "order_by": [_order(one) for one in _orders(order_by)],
        "limit": limit,
        "having": to_json(having),
        "top": top,
        "compare": compare,
        "fill_gaps": fill_gaps,
    }
    body = {name: value for name, value in said.items() if value or name in _NEEDED}
    return asked("/api/v1/query", body, _FORMS)


def _explained(make: Callable[P, Call[Answer]]) -> Callable[P, Call[dict[str, Any]]]:
    @functools.wraps(make)
    def explain(*args: P.args, **kwargs: P.kwargs) -> Call[dict[str, Any]]:
        call = make(*args, **kwargs)
        headers = {"content-type": JSON}
        return Call(
            "POST", f"{call.path}/explain", read_object, headers=headers, content=call.content
        )

    explain.__name__ = "explain"
    explain.__doc__ = (
        "How a question would be answered: which table, and why. Takes what `query` takes."
    )
    return explain


explain = _explained(query)


def asked(path: str, body: Mapping[str, Any], forms: str = JSON) -> Call[Answer]:
    """A question by its JSON body, and the forms of answer it takes."""
    headers = {"accept": forms, "content-type": JSON}
    return Call("POST", path, read_answer, headers=headers, content=as_json(body))


def analyze(
    method: str,
    *,
    measures: str | Sequence[str],
    granularity: str,
    dimensions: str | Sequence[str] = (),
    where: Where = (),
    last: Span | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    period: str | None = None,
    time_zone: str | None = None,
    top: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] = NOTHING,
) -> Call[Answer]:
    """What `method` (anomalies, trend, forecast, correlation) finds in a measure over time.

    `options` are the method's; `meta` of the answer names what was computed and how.
    Raises: InvalidQueryError, too for too few points; else as `query`.
    """
    said = {
        "measures": _several(measures),
        "dimensions": _several(dimensions),
        "filters": joined(where),
        "time_range": to_time_range(last, start, end, period),
        "granularity": granularity,
        "time_zone": time_zone,
        "top": top,
    }
    series = {name: value for name, value in said.items() if value or name in _NEEDED}
    options = {name: _option(value) for name, value in options.items()}
    return asked("/api/v1/analyze", {"method": method, "query": series, "options": options})


def sql(text: str, *, args: Mapping[str, Any] = NOTHING, limit: int | None = None) -> Call[Answer]:
    """The answer to a SELECT on the views of the tenant; `args` are the values of its `{name:Type}`.

    Raises: InvalidQueryError for a statement that is none or may not be asked; else as `query`.
    """
    more = {"args": dict(args), "limit": limit}
    return asked("/api/v1/sql", {"sql": text, **{n: v for n, v in more.items() if v}})


def catalog() -> Call[dict[str, Any]]:
    """What can be asked: measures with unit and meaning, dimensions, granularities, operators."""
    return Call("GET", "/api/v1/catalog", read_object)


def trace(trace_id: str) -> Call[dict[str, Any]]:
    """A trace as a tree: its `roots`, each span with its `children`. Raises: NotFoundError."""
    return Call("GET", f"/api/v1/traces/{quoted(trace_id)}", read_trace)


def asset(asset_id: str) -> Call[dict[str, Any]]:
    """What is known of an asset. Raises: NotFoundError."""
    return Call("GET", f"/api/v1/assets/{quoted(asset_id)}", read_asset)


def health() -> Call[dict[str, Any]]:
    """Whether the hub takes and answers: `status` is READY or NOT_READY, `checks` says why."""
    return Call("GET", "/health/ready", read_object, expects=frozenset({503}))


Events = Mapping[str, Any] | Iterable[Mapping[str, Any]] | bytes
"""An event, several, or bytes in the form that `content_type` names."""


def send(
    events: Events,
    *,
    module: str | None = None,
    content_type: str = LINES,
    deduplicate: str = "window",
) -> Call[Receipt]:
    """What became of events, after those accepted are stored.

    With `module` they are in that module's own shapes. `deduplicate="always"`, for imports, knows
    repeats as long as events are kept. After a silence the same is sent again: repeats count once.
    Raises: InvalidInputError, TooLargeError (send fewer at once), SaturatedError, UnavailableError.
    """
    path = "/api/v1/events" if module is None else f"/api/v1/ingest/{quoted(module)}"
    return Call(
        "POST", path, read_receipt, params={"deduplicate": deduplicate},
        headers={"content-type": content_type},
        content=events if isinstance(events, bytes) else _lines(events),
        silences=ATTEMPTS if deduplicate == "always" else _SILENCES,
    )  # fmt: skip


def quoted(text: str) -> str:
    """`text` as one part of a path."""
    return quote(text, safe="")


def as_json(value: object) -> bytes:
    """JSON, decimals as numbers. Raises: InvalidInputError for what is no JSON."""
    return _encoded(_QUESTIONS, value)


def _encoded(encoder: msgspec.json.Encoder, value: object) -> bytes:
    try:
        return encoder.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInputError(f"this cannot be sent as JSON: {error}") from error


def _lines(events: Mapping[str, Any] | Iterable[Mapping[str, Any]]) -> bytes:
    many = [events] if isinstance(events, Mapping) else events
    return b"\n".join(_encoded(_EVENTS, _event(event)) for event in many)


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event whose times have zones. Raises: InvalidQueryError."""
    return {
        name: to_moment(value) if isinstance(value, date) else value
        for name, value in event.items()
    }


def _orders(order_by: Order | Sequence[Order]) -> Sequence[Order]:
    is_one = isinstance(order_by, str | Mapping) or _is_pair(order_by)
    return [order_by] if is_one else order_by  # type: ignore[list-item, return-value]


def _order(one: Order) -> Mapping[str, str]:
    if isinstance(one, Mapping):
        return one
    if isinstance(one, str):
        return {"field": one.removeprefix("-"), "direction": "desc" if one[:1] == "-" else "asc"}
    field, direction = one
    return {"field": field, "direction": direction}


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and value[1] in {"asc", "desc"}


def _option(value: Any) -> Any:
    return to_json(value) if isinstance(value, Filter) else value


def _several(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)
