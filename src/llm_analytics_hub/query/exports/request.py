"""The body of `POST /api/v1/exports`, checked, to an `Export`."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.asset import ASSET_SCHEMA
from llm_analytics_hub.model.event import EVENT_SCHEMA
from llm_analytics_hub.model.query import Query
from llm_analytics_hub.query.answered import range_of
from llm_analytics_hub.query.body import QueryBody, TimeRangeBody
from llm_analytics_hub.query.exports.export import Export, What
from llm_analytics_hub.query.exports.settings import AnyDestination
from llm_analytics_hub.query.formats.format import Format
from llm_analytics_hub.query.parse import parse_question

DOWNLOAD = "download"
_PREFIX = re.compile(r"([A-Za-z0-9_=-][A-Za-z0-9._=-]{0,127}/){0,10}")
_HIDDEN = frozenset({"event_key", "key_until", "expires_on", "tenant"})
_SHOWN = {
    What.EVENTS: tuple(name for name in EVENT_SCHEMA.names if name not in _HIDDEN),
    What.ASSETS: tuple(name for name in ASSET_SCHEMA.names if name != "tenant"),
}


class ExportBody(BaseModel):
    """What to export, in which format, and where to."""

    model_config = ConfigDict(extra="forbid")
    what: What
    format: Format
    time_range: TimeRangeBody | None = Field(None, description="of events: when they occurred")
    filters: list[dict[str, Any]] | dict[str, Any] = Field(default=[], description="of events")
    columns: list[str] | None = Field(
        None, min_length=1, max_length=100, description="of events and assets; none: all"
    )
    question: QueryBody | None = Field(None, description="of a query: as POST /api/v1/query")
    destination: str = Field(DOWNLOAD, description="download, or a name the hub's settings have")
    prefix: str = Field("", description="at a destination: folders, such as daily/2025-11-19/")


def to_export(
    body: ExportBody,
    export_id: str,
    *,
    tenant: str,
    now: datetime,
    destinations: Mapping[str, AnyDestination],
) -> Export:
    """A new export of `body`, its relative times made absolute. Raises: InvalidQueryError."""
    _check_destination(body, tenant, destinations)
    return Export(
        id=export_id,
        tenant=tenant,
        what=body.what,
        format=body.format,
        made_at=now,
        question=_question(body, tenant, now),
        destination=body.destination,
        prefix=body.prefix,
    )


def shown_columns(export: Export) -> list[str]:
    """The columns of an export of events or assets."""
    return list(export.question.get("columns") or _SHOWN[export.what])


def chosen_events(export: Export) -> Query:
    """The filter and the time range of an export of events, checked."""
    return parse_question(counting(export), tenant=export.tenant, now=export.made_at).query


def counting(export: Export) -> dict[str, Any]:
    """The question of how many events an export has."""
    asked = {name: export.question[name] for name in ("filters", "time_range")}
    return {"measures": ["events"], **asked}


def _question(body: ExportBody, tenant: str, now: datetime) -> dict[str, Any]:
    for name, kind in (("time_range", What.EVENTS), ("filters", What.EVENTS), ("question", What.QUERY)):  # fmt: skip
        if getattr(body, name) and body.what is not kind:
            raise InvalidQueryError(f"{name} is of an export of {kind}, not of {body.what}")
    if body.what is What.QUERY:
        return _of_query(body, tenant, now)
    chosen = {"columns": _checked(body.columns, body.what)} if body.columns else {}
    if body.what is What.ASSETS:
        return chosen
    if body.time_range is None:
        raise InvalidQueryError("an export of events needs a time_range, such as {last: 7d}")
    asked = {"filters": body.filters, "time_range": _as_sent(body.time_range)}
    return (
        chosen | asked | {"time_range": _absolute({"measures": ["events"], **asked}, tenant, now)}
    )


def _of_query(body: ExportBody, tenant: str, now: datetime) -> dict[str, Any]:
    if body.question is None or body.columns:
        raise InvalidQueryError("an export of a query needs a question, and takes no columns")
    asked = _as_sent(body.question)
    span = _absolute(asked, tenant, now)
    # A period of the calendar stays: what it is compared with is one, too.
    return asked | {"time_range": span} if "last" in asked["time_range"] else asked


def _absolute(asked: Mapping[str, Any], tenant: str, now: datetime) -> dict[str, str]:
    """The time range of a question, once and for all. Raises: InvalidQueryError."""
    found = parse_question(asked, tenant=tenant, now=now).query.time_range
    return range_of(found)


def _as_sent(part: BaseModel) -> dict[str, Any]:
    return part.model_dump(by_alias=True, exclude_unset=True)


def _checked(columns: list[str], what: What) -> list[str]:
    unknown = [name for name in columns if name not in _SHOWN[what]]
    if unknown:
        raise InvalidQueryError(
            f"columns: no {unknown[0][:60]!r}; there are {', '.join(_SHOWN[what])}"
        )
    return list(dict.fromkeys(columns))


def _check_destination(
    body: ExportBody, tenant: str, destinations: Mapping[str, AnyDestination]
) -> None:
    if not _PREFIX.fullmatch(body.prefix):
        raise InvalidQueryError(
            "prefix is folders of letters, digits and ._=-, each with a / behind"
        )
    if body.destination == DOWNLOAD:
        if body.prefix:
            raise InvalidQueryError("prefix is for a destination, not for a download")
        return
    allowed = [DOWNLOAD, *(n for n, one in destinations.items() if is_allowed(one, tenant))]
    if body.destination not in allowed:
        raise InvalidQueryError(
            f"no destination {body.destination[:60]!r}; there are {', '.join(allowed)}"
        )


def is_allowed(destination: AnyDestination, tenant: str) -> bool:
    """Whether a tenant may send there."""
    return destination.tenants is None or tenant in destination.tenants
