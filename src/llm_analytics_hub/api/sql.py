"""`/api/v1/sql`: SELECT statements on the views of a tenant."""

from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from fastapi import APIRouter, Request
from starlette.responses import Response

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.api.disconnect import while_connected
from llm_analytics_hub.api.queries import as_json
from llm_analytics_hub.api.turns import Turns
from llm_analytics_hub.query.sql import SqlBody, SqlService
from llm_analytics_hub.storage.cancellation import Cancellation

ARROW = "application/vnd.apache.arrow.stream"
AT_ONCE = 2
"""Statements that run at the same time; each takes one thread of the engine."""


def sql_routes(service: SqlService) -> APIRouter:
    """The route for SQL, with threads and turns of its own: it holds up no other door."""
    routes = APIRouter(prefix="/api/v1", tags=["questions"])
    threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sql")
    turns = Turns(AT_ONCE)

    @routes.post("/sql", summary="Ask in SQL", response_model=None)
    async def ask(body: SqlBody, request: Request) -> Response:
        tenant = tenant_of(request)
        wants_arrow = ARROW in request.headers.get("accept", "")

        def work(cancellation: Cancellation) -> Response:
            answered = service.answer(body, tenant=tenant, cancellation=cancellation)
            return _arrow(answered.rows) if wants_arrow else as_json(answered.as_json())

        async with turns.of(tenant):
            return await while_connected(request, work, threads)

    return routes


def _arrow(rows: pa.Table) -> Response:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return Response(sink.getvalue().to_pybytes(), media_type=ARROW)
