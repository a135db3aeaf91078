"""`/api/v1/query`, `/api/v1/query/explain`, `/api/v1/catalog`: questions."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from llm_analytics_hub.api.body import BodyLimits, read_body, tenant_of
from llm_analytics_hub.api.disconnect import while_connected
from llm_analytics_hub.api.http_cache import conditional
from llm_analytics_hub.api.question_schema import ASKED, ASKED_BRIEFLY
from llm_analytics_hub.api.question_words import question_of
from llm_analytics_hub.errors import UndecodableError
from llm_analytics_hub.query.answered import Answered, rows_of
from llm_analytics_hub.query.catalog import catalog
from llm_analytics_hub.query.formats.format import Format, format_accepted, format_named
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.cancellation import Cancellation

_JSON = "json"
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_LIMITS = BodyLimits(wire_bytes=1024**2, plain_bytes=1024**2)


def as_json(value: object) -> Response:
    """A JSON answer; decimals as exact JSON numbers."""
    return Response(_ENCODER.encode(value), media_type="application/json")


def query_routes(queries: QueryService) -> APIRouter:
    """Routes that ask; each runs its question in a thread, so that ingest is not held up."""
    routes = APIRouter(prefix="/api/v1", tags=["questions"])

    @routes.post("/query", summary="Ask a question", response_model=None, openapi_extra=ASKED)
    async def ask(request: Request) -> Response:
        return await _answer(queries, request, await _body_of(request))

    @routes.get(
        "/query", summary="Ask a short question", response_model=None, openapi_extra=ASKED_BRIEFLY
    )
    async def ask_briefly(request: Request) -> Response:
        return await _answer(queries, request, question_of(request.query_params))

    @routes.post(
        "/query/explain", summary="How a question would be answered", response_model=None,
        openapi_extra=ASKED,
    )  # fmt: skip
    async def explain(request: Request) -> Response:
        tenant, body = tenant_of(request), await _body_of(request)
        return as_json(await asyncio.to_thread(queries.explain, body, tenant=tenant))

    @routes.get("/catalog", summary="What can be asked")
    async def what_can_be_asked() -> dict[str, Any]:
        return catalog()

    return routes


async def _answer(queries: QueryService, request: Request, body: Mapping[str, Any]) -> Response:
    """The answer in the form that is wanted: JSON, or a file of rows."""
    tenant, form = tenant_of(request), _form_of(request)

    # What is in memory needs no thread.
    kept = queries.kept(body, form or _JSON, tenant=tenant)
    if kept is not None:
        return _response(request, queries, kept, form)

    def work(gone: Cancellation) -> Response:
        answered = queries.answer(body, tenant=tenant, cancellation=gone)
        return _response(request, queries, answered, form)

    return await while_connected(request, work)


def _response(
    request: Request, queries: QueryService, answered: Answered, form: Format | None
) -> Response:
    if request.method != "GET" or answered.found is None:
        return _encoded(queries, answered, form)
    etag = f'{answered.found.etag[:-1]}-{form or _JSON}"'
    return conditional(request, etag, timedelta(0), lambda: _encoded(queries, answered, form))


def _encoded(queries: QueryService, answered: Answered, form: Format | None) -> Response:
    if form is None:
        body = queries.encoded(answered, _JSON, _columns_and_rows)
        meta = _ENCODER.encode(answered.meta)
        return Response(b'%b,"meta":%b}' % (body[:-1], meta), media_type="application/json")
    from llm_analytics_hub.query.formats.answer import encode_answer

    content = queries.encoded(answered, form, lambda found: encode_answer(found, form)[0])
    return Response(content, media_type=form.media_type)


def _columns_and_rows(answered: Answered) -> bytes:
    return _ENCODER.encode({"columns": answered.columns, "rows": rows_of(answered.rows)})


def _form_of(request: Request) -> Format | None:
    name = request.query_params.get("format", "")
    if name == "json":
        return None
    return format_named(name) if name else format_accepted(request.headers.get("accept", ""))


async def _body_of(request: Request) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(await read_body(request, _LIMITS))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError(f"the body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise UndecodableError('the body is no JSON object: write {"measures": […], …}')
    return found
