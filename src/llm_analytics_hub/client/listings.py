"""Lists of a hub, as values: what each page asks for, and how items become columns."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from llm_analytics_hub.client.answers import JSON
from llm_analytics_hub.client.call import Call, Listing, Page
from llm_analytics_hub.client.filters import Where, joined
from llm_analytics_hub.client.lists import read_assets, read_events, read_versions
from llm_analytics_hub.client.requests import as_json, quoted
from llm_analytics_hub.client.times import Moment, Span, before, to_moment
from llm_analytics_hub.clock import SystemClock
from llm_analytics_hub.errors import InvalidQueryError

Objects = Listing[dict[str, Any]]
PAGE_SIZE = 1000


def events(
    *,
    source: str | None = None,
    stream: str | None = None,
    event_type: str | None = None,
    event_id: str | None = None,
    asset_id: str | None = None,
    trace_id: str | None = None,
    severity: str | None = None,
    where: Where = (),
    last: Span | None = None,
    start: Moment | None = None,
    end: Moment | None = None,
    limit: int | None = None,
    page_size: int = PAGE_SIZE,
) -> Objects:
    """Events, newest first; all that there are, unless `limit` says how many.

    `last` counts back from the clock of this machine. With `where`, both ends of the range are
    needed, or none. Raises: InvalidQueryError.
    """
    since, until = _moments(last, start, end)
    named = {
        "source": source, "stream": stream, "event_type": event_type, "event_id": event_id,
        "asset_id": asset_id, "trace_id": trace_id, "severity": severity,
    }  # fmt: skip
    asked = {name: value for name, value in named.items() if value is not None}
    limits = {name: value for name, value in (("from", since), ("to", until)) if value is not None}
    filters = joined(where)

    def page(size: int, cursor: str | None) -> Call[Page[dict[str, Any]]]:
        if filters:
            named = [{"field": name, "op": "eq", "value": value} for name, value in asked.items()]
            return _search([*named, *filters], limits, _params({}, size, cursor))
        params = _params({**asked, **limits}, size, cursor)
        return Call("GET", "/api/v1/events", read_events, params=params)

    return Listing(page, _events_table, page_size, limit)


def _search(
    filters: Sequence[Any], limits: Mapping[str, Any], page: Mapping[str, Any]
) -> Call[Page[dict[str, Any]]]:
    body = {"filters": filters, **({"time_range": limits} if limits else {}), **page}
    return Call(
        "POST", "/api/v1/events/search", read_events, headers={"content-type": JSON},
        content=as_json(body),
    )  # fmt: skip


def assets(
    *,
    asset_type: str | None = None,
    status: str | None = None,
    owner: str | None = None,
    tag: str | None = None,
    name_prefix: str | None = None,
    limit: int | None = None,
    page_size: int = PAGE_SIZE,
) -> Objects:
    """Assets that the registry told of, by id."""
    asked = {
        "asset_type": asset_type, "status": status, "owner": owner, "tag": tag,
        "name_prefix": name_prefix,
    }  # fmt: skip

    def page(size: int, cursor: str | None) -> Call[Page[dict[str, Any]]]:
        return Call("GET", "/api/v1/assets", read_assets, params=_params(asked, size, cursor))

    return Listing(page, _objects_table, page_size, limit)


def versions(asset_id: str, *, limit: int | None = None, page_size: int = PAGE_SIZE) -> Objects:
    """Versions of an asset, newest first. Raises: NotFoundError once it is read."""
    path = f"/api/v1/assets/{quoted(asset_id)}/versions"

    def page(size: int, cursor: str | None) -> Call[Page[dict[str, Any]]]:
        return Call("GET", path, read_versions, params=_params({}, size, cursor))

    return Listing(page, _objects_table, page_size, limit)


def _params(
    asked: Mapping[str, str | float | None], size: int, cursor: str | None
) -> dict[str, str | int]:
    said = {name: str(value) for name, value in asked.items() if value is not None}
    return said | {"limit": size} | ({"cursor": cursor} if cursor else {})


def _moments(
    last: Span | None, start: Moment | None, end: Moment | None
) -> tuple[str | float | None, str | float | None]:
    if last is None:
        return _moment(start), _moment(end)
    if start is not None or end is not None:
        raise InvalidQueryError("say `last`, or `start` and `end`, not both")
    now = SystemClock().now()
    return before(now, last), to_moment(
        now + timedelta(days=1)
    )  # what occurred a moment ahead, too


def _moment(value: Moment | None) -> str | float | None:
    return None if value is None else to_moment(value)


def _events_table(items: Sequence[Mapping[str, Any]]) -> Any:
    from llm_analytics_hub.client.arrow import events_table

    return events_table(items)


def _objects_table(items: Sequence[Mapping[str, Any]]) -> Any:
    from llm_analytics_hub.client.arrow import objects_table

    return objects_table(items)
