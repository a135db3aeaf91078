"""`/api/v1/exports`: large answers as files, made in the background."""

import asyncio
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.query.exports.desk import ExportDesk, ExportFile
from llm_analytics_hub.query.exports.export import Export, to_api
from llm_analytics_hub.query.exports.request import ExportBody

PATH = "/api/v1/exports"


def export_routes(desk: ExportDesk) -> APIRouter:
    """Routes that make, show, hand out and drop exports of the tenant."""
    routes = APIRouter(prefix=PATH, tags=["exports"])

    @routes.post("", summary="Make an export", status_code=202, response_model=None)
    async def make(body: ExportBody, request: Request) -> Response:
        export = await asyncio.to_thread(desk.make, body, tenant_of(request))
        return _shown(export, 202, {"Location": f"{PATH}/{export.id}"})

    @routes.get("", summary="Exports, newest first", response_model=None)
    async def exports(request: Request) -> Response:
        found = await asyncio.to_thread(desk.all, tenant_of(request))
        return _as_json({"exports": [_told(export) for export in found]})

    @routes.get("/{export_id}", summary="How far an export is", response_model=None)
    async def one(export_id: str, request: Request) -> Response:
        export = await asyncio.to_thread(desk.one, tenant_of(request), export_id)
        return _shown(export)

    @routes.get("/{export_id}/data", summary="The file, or a range of it", response_model=None)
    @routes.head("/{export_id}/data", include_in_schema=False, response_model=None)
    async def data(export_id: str, request: Request) -> Response:
        found = await asyncio.to_thread(desk.data, tenant_of(request), export_id)
        return _file(found, request)

    @routes.delete("/{export_id}", summary="End and forget an export", status_code=204)
    async def drop(export_id: str, request: Request) -> Response:
        await asyncio.to_thread(desk.drop, tenant_of(request), export_id)
        return Response(status_code=204)

    return routes


def _told(export: Export) -> dict[str, Any]:
    told = to_api(export)
    if export.file_at_hand:
        told["data"] = f"{PATH}/{export.id}/data"
    return told


def _shown(export: Export, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return _as_json(_told(export), status, headers)


def _as_json(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(value), status, headers, media_type="application/json")


def _file(found: ExportFile, request: Request) -> Response:
    """The file, or 304 to who has it; its ETag is its checksum, for it never changes."""
    export = found.export
    etag = f'"{export.sha256}"'
    known = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return Response(status_code=304, headers={"ETag": etag})
    headers = {"ETag": etag, "X-Row-Count": str(export.rows)}
    name = f"{export.what}-{export.file_name}"
    return FileResponse(found.path, 200, headers, export.format.media_type, filename=name)
