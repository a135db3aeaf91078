"""Types of what was stored: events, traces, assets, and the answer to a question.

Resolvers give the JSON objects of the REST doors; `member` finds a field in them.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import strawberry
from strawberry.types import Info

from llm_analytics_hub.api.graphql.fields import told_as
from llm_analytics_hub.api.graphql.paging import After, First, PageInfo, checked, page_of
from llm_analytics_hub.api.graphql.scalars import Json, Long, Moment
from llm_analytics_hub.api.graphql.services import Asker
from llm_analytics_hub.model.asset import VersionFilter
from llm_analytics_hub.model.event import EVENT_SCHEMA

_HIDDEN = frozenset({"tenant", "event_key", "key_until", "expires_on"})
_ALWAYS = frozenset({"source", "stream", "event_id", "event_type", "occurred_at", "received_at"})


def member(source: Any, name: str) -> Any:
    """The value of a field: an attribute, or a member of a JSON object in either spelling."""
    if not isinstance(source, Mapping):
        return getattr(source, name)
    value = source.get(name, source.get(_camel(name)))
    is_no_number = isinstance(value, float) and not math.isfinite(value)
    return None if is_no_number else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _event_type() -> type:
    """`Event`, from the columns of an event: what is unknown is null."""
    shown = [one for one in EVENT_SCHEMA if one.name not in _HIDDEN]
    kinds = {one.name: _kind(one) if one.name in _ALWAYS else _kind(one) | None for one in shown}
    members = {"__annotations__": kinds, "__module__": __name__}
    described = "An event as it is kept: money exact, times with microseconds, unknown is null."
    return strawberry.type(type("Event", (), members), description=described)


def _kind(column: pa.Field) -> Any:
    if column.name == "attributes":
        return Json
    if pa.types.is_timestamp(column.type):
        return Moment
    if pa.types.is_decimal(column.type):
        return Decimal
    if pa.types.is_floating(column.type):
        return float
    return Long if pa.types.is_integer(column.type) else str


Event = _event_type()


@strawberry.type(description="Events, newest first.")
class EventPage:
    """A page of events."""

    nodes: list[Event]  # type: ignore[valid-type]
    page_info: PageInfo


@strawberry.type(description="The spans of a trace.")
class Trace:
    """A trace."""

    trace_id: strawberry.ID
    spans: int = strawberry.field(description="how many spans it has")
    roots: Json = strawberry.field(
        description="the spans as a forest of events, earliest first; `children` of each, as "
        "`GET /api/v1/traces/{id}` tells them"
    )


@strawberry.type
class Storage:
    """Where an asset lies."""

    backend: str | None
    uri: str | None


@strawberry.type
class Checksum:
    """What an asset's bytes hash to."""

    algorithm: str | None
    value: str | None


@strawberry.type(description="A version of an asset, or the asset as its newest version has it.")
class AssetVersion:
    """What the registry said; unknown is null."""

    asset_id: strawberry.ID
    asset_name: str | None
    version: str | None
    asset_type: str | None
    category: str | None
    status: str | None
    owner: str | None
    description: str | None
    license: str | None
    tags: Json | None
    metadata: Json | None
    size_bytes: Long | None
    content_type: str | None
    storage: Storage | None
    checksum: Checksum | None
    provenance: Json | None
    dependencies: Json | None
    created_at: Moment | None
    updated_at: Moment | None
    deprecated_at: Moment | None
    first_seen: Moment | None
    last_seen: Moment | None


@strawberry.type(description="Versions of an asset, newest first.")
class VersionPage:
    """A page of versions."""

    nodes: list[AssetVersion]
    page_info: PageInfo


@strawberry.type(description="An asset of the registry, as its newest version has it.")
class Asset(AssetVersion):
    """An asset."""

    @told_as(VersionPage, "its versions, newest first")
    def versions(self, info: Info[Asker, None], first: First = 100, after: After = None) -> Any:
        """Its versions; each page is a question to the store."""
        asker, asset = info.context, self
        asker.check()
        wanted = VersionFilter(asker.tenant, str(member(asset, "asset_id")), checked(first))
        return page_of(asker.services.assets.versions(wanted, after), "versions")


@strawberry.type(description="Assets, by id.")
class AssetPage:
    """A page of assets."""

    nodes: list[Asset]
    page_info: PageInfo


@strawberry.type
class Column:
    """A column of an answer."""

    name: str
    type: str
    unit: str | None


@strawberry.type(description="The answer of `POST /api/v1/query`.")
class Answer:
    """The answer to a question."""

    columns: list[Column]
    rows: Json = strawberry.field(description="a list of rows; each a list of values, by column")
    meta: Json = strawberry.field(description="what the answer cost, and how it was found")


@strawberry.type
class Measure:
    """A number that can be asked for."""

    name: str
    type: str
    unit: str | None
    means: str


@strawberry.type(description="What can be asked.")
class Catalog:
    """The catalogue."""

    measures: list[Measure]
    dimensions: list[str]
    granularities: list[str]
    operators: list[str]
