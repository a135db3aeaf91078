"""`/api/v1/integrations/registry/assets`: what the registry said of its assets."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.model.asset import AssetFilter, VersionFilter
from llm_analytics_hub.query.assets import MAX_ASSETS, AssetLists

PATHS = ("/api/v1/integrations/registry/assets", "/api/v1/assets")
"""Where the documents look for assets, and a shorter way there."""

Text = Annotated[str | None, Query(max_length=1024)]
Limit = Annotated[int, Query(ge=1, le=MAX_ASSETS)]
Cursor = Annotated[str | None, Query(max_length=8192)]
_NO_ASSET: dict[int | str, dict[str, Any]] = {404: {"description": "no such asset"}}


def registry_routes(lists: AssetLists) -> APIRouter:
    """Routes that show assets, at both paths; each reads in a thread."""
    routes = APIRouter()
    for path in PATHS:
        routes.include_router(_asset_routes(lists), prefix=path, tags=["registry"])
    return routes


def _asset_routes(lists: AssetLists) -> APIRouter:
    routes = APIRouter()

    @routes.get("", summary="Assets, by id", response_model=None)
    async def page(
        request: Request,
        asset_type: Text = None,
        status: Text = None,
        owner: Text = None,
        tag: Text = None,
        name_prefix: Text = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Response:
        wanted = AssetFilter(
            tenant_of(request), None, asset_type, status, owner, tag, name_prefix, limit
        )
        return as_json(await asyncio.to_thread(lists.page, wanted, cursor))

    # Paths: ids are the registry's, which may put slashes into them.
    @routes.get(
        "/{asset_id:path}/versions",
        summary="Versions of an asset, newest first",
        response_model=None,
        responses=_NO_ASSET,
    )
    async def versions(
        asset_id: str, request: Request, limit: Limit = 100, cursor: Cursor = None
    ) -> Response:
        wanted = VersionFilter(tenant_of(request), asset_id, limit)
        return as_json(await asyncio.to_thread(lists.versions, wanted, cursor))

    @routes.get("/{asset_id:path}", summary="An asset", response_model=None, responses=_NO_ASSET)
    async def one(asset_id: str, request: Request) -> Response:
        return as_json(await asyncio.to_thread(lists.one, tenant_of(request), asset_id))

    return routes
