"""GraphQL over HTTP: what a request asks, and how its answer is sent.

Statuses follow the GraphQL-over-HTTP draft: whoever accepts `application/graphql-response+json` sees
400 where nothing was executed; in plain `application/json` every well-formed request gets 200.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import msgspec
from graphql import DocumentNode
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from llm_analytics_hub.api.body import BodyLimits, read_body, tenant_of
from llm_analytics_hub.api.errors import headers_of, status_of
from llm_analytics_hub.api.graphql.limits import Cost
from llm_analytics_hub.api.graphql.schema import HubSchema, Json, Operation
from llm_analytics_hub.api.graphql.services import Asker, Services
from llm_analytics_hub.api.integrations.gate import QuestionGate
from llm_analytics_hub.errors import (
    HubError,
    InvalidInputError,
    UndecodableError,
    UnsupportedMediaTypeError,
)
from llm_analytics_hub.storage.cancellation import Cancellation

MAX_BATCH = 10
MAX_BODY = 4 * 1024 * 1024
"""Bytes of a request, which is read on the event loop: what is longer is no question."""

AT_ONCE, WAITING, SECONDS = 8, 100, 60.0
"""How many requests are answered at once, wait, and for how long; the store limits each question."""

SPECIFIC = "application/graphql-response+json"
_MEMBERS = frozenset({"query", "variables", "operationName", "extensions"})
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class GraphqlDoor:
    """Answers requests at `/api/v1/graphql`. Making one imports what GraphQL needs."""

    def __init__(
        self, services: Services, limits: BodyLimits, gate: QuestionGate | None = None
    ) -> None:
        self._schema = HubSchema()
        self._services = services
        self._limits = BodyLimits(
            min(limits.wire_bytes, MAX_BODY), min(limits.plain_bytes, MAX_BODY)
        )
        self._gate = gate or QuestionGate(AT_ONCE, WAITING, SECONDS)

    async def answer(self, request: Request) -> Response:
        """The response to a GET or POST; what is wrong with it is told as GraphQL errors."""
        try:
            tenant = tenant_of(request)
            asked = await self._asked(request)
        except HubError as error:
            return _refused(request, error)
        many = asked if isinstance(asked, list) else [asked]
        try:
            told = await self._gate.run(
                lambda late: _answers(self._schema, many, Asker(self._services, tenant, late))
            )
        except HubError as error:
            return _refused(request, error)
        return _sent(request, told if isinstance(asked, list) else told[0])

    async def answered(self, tenant: str, asked: Operation) -> Json:
        """The response to one operation. Raises: SaturatedError, QueryTimeoutError."""
        (told,) = await self._gate.run(
            lambda late: _answers(self._schema, [asked], Asker(self._services, tenant, late))
        )
        return told

    async def prepared(self, asked: Operation) -> DocumentNode | Json:
        """See `HubSchema.prepared`."""
        return await asyncio.to_thread(self._schema.prepared, asked)

    def subscribed(
        self, tenant: str, document: DocumentNode, asked: Operation
    ) -> AsyncGenerator[Json, None]:
        """See `HubSchema.subscribed`."""
        asker = Asker(self._services, tenant, Cancellation())
        return self._schema.subscribed(document, asked, asker)

    def sdl(self) -> Response:
        """The schema in GraphQL's own language."""
        return PlainTextResponse(self._schema.text)

    async def _asked(self, request: Request) -> Operation | list[Operation]:
        if request.method == "GET":
            return _of_parameters(request.query_params)
        _check_type(request)
        body = _decoded(await read_body(request, self._limits))
        if not isinstance(body, list):
            return operation_of(body)
        if not 1 <= len(body) <= MAX_BATCH:
            text = f"a batch has 1 to {MAX_BATCH} operations, not {len(body)}"
            raise InvalidInputError(text, code="invalid_request")
        return [operation_of(one) for one in body]


def _answers(schema: HubSchema, asked: Sequence[Operation], asker: Asker) -> list[Json]:
    cost = Cost()
    return [schema.answer(one, asker, cost) for one in asked]


def _check_type(request: Request) -> None:
    """Nothing but JSON: a form of another site cannot send that without asking first."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UnsupportedMediaTypeError("send application/json")


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise UndecodableError(f"the body is no JSON: {error}") from error


def _of_parameters(given: Mapping[str, str]) -> Operation:
    """The operation of a GET; `variables` and `extensions` are JSON text."""
    body: dict[str, Any] = {name: text for name, text in given.items() if name in _MEMBERS}
    for name in ("variables", "extensions"):
        if name in body:
            body[name] = _decoded(body[name].encode()) if body[name] else None
    return operation_of(body)


def operation_of(body: object) -> Operation:
    """The operation that a request is. Raises: InvalidInputError."""
    if not isinstance(body, dict):
        raise InvalidInputError("a request is an object with `query`", code="invalid_request")
    document, name = body.get("query"), body.get("operationName")
    variables = body.get("variables")
    if not isinstance(document, str) or not document:
        raise InvalidInputError("`query` is the document, a text", code="invalid_request")
    if not isinstance(variables, dict | None):
        raise InvalidInputError("`variables` is an object", code="invalid_request")
    if not isinstance(name, str | None):
        raise InvalidInputError("`operationName` is a text", code="invalid_request")
    if not isinstance(body.get("extensions"), dict | None):
        raise InvalidInputError("`extensions` is an object", code="invalid_request")
    return Operation(document, variables or {}, name or None)


def _refused(request: Request, error: HubError) -> Response:
    """A request that was not looked into: its status is the one of the other doors."""
    told = {"message": error.message, "extensions": {"code": error.code}}
    return _encoded(request, {"errors": [told]}, status_of(error)[0], headers_of(error))


def _sent(request: Request, told: Json | list[Json]) -> Response:
    was_executed = isinstance(told, list) or "data" in told
    status = 200 if was_executed or not _is_specific(request) else 400
    return _encoded(request, told, status)


def _encoded(
    request: Request, told: object, status: int, headers: dict[str, str] | None = None
) -> Response:
    kind = SPECIFIC if _is_specific(request) else "application/json"
    return Response(_ENCODER.encode(told), status, headers, media_type=kind)


def _is_specific(request: Request) -> bool:
    return SPECIFIC in request.headers.get("accept", "")
