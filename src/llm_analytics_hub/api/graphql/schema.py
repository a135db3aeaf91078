"""The schema, and the answer to one operation: data, and errors with the hub's codes."""

from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import strawberry
import structlog
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    subscribe,
)
from graphql import parse as parse_document
from graphql import validate as validate_document
from graphql.execution import execute_sync
from strawberry.schema.config import StrawberryConfig

from llm_analytics_hub.api.errors import DEFECT, retry_after_seconds
from llm_analytics_hub.api.graphql.answers import member
from llm_analytics_hub.api.graphql.limits import Cost, check_text, check_values
from llm_analytics_hub.api.graphql.query import Query
from llm_analytics_hub.api.graphql.scalars import SCALARS
from llm_analytics_hub.api.graphql.services import Asker
from llm_analytics_hub.api.graphql.subscriptions import Subscription
from llm_analytics_hub.errors import HubError, InvalidQueryError

log = structlog.get_logger(__name__)

Json = dict[str, Any]

PROTOCOL = "graphql-transport-ws"
"""The subprotocol of WebSockets that carry operations."""

MAX_MESSAGE = 500
MAX_ERRORS = 20
KEPT_DOCUMENTS, KEPT_CHARACTERS = 256, 8_000
"""How many documents are remembered as valid, and up to which length: clients send few, often."""


@dataclass(frozen=True)
class Operation:
    """One operation as it was sent."""

    document: str
    variables: Mapping[str, Any]
    name: str | None = None


class HubSchema:
    """The schema of the hub. Making it takes a tenth of a second. Safe for many threads."""

    def __init__(self) -> None:
        config = StrawberryConfig(default_resolver=member, scalar_map=SCALARS)
        made = strawberry.Schema(Query, subscription=Subscription, config=config)
        # Executed without strawberry's own runner: that one checks every document anew.
        self._schema: GraphQLSchema = made._schema  # noqa: SLF001
        self.text = f"{made.as_str()}\n"
        self._remembered = lru_cache(KEPT_DOCUMENTS)(self._faults)

    def answer(self, asked: Operation, asker: Asker, cost: Cost) -> Json:
        """The response: `data` where it was executed, and `errors` where there are any.

        `cost` is what the request has asked for so far.
        """
        document = self._checked(asked, cost)
        if isinstance(document, dict):
            return document
        if is_subscription(document, asked.name):
            error = InvalidQueryError(
                f"a subscription needs a WebSocket ({PROTOCOL}) at this address"
            )
            return {"errors": [hub_error(error)]}
        return self._executed(document, asked, asker)

    def prepared(self, asked: Operation) -> DocumentNode | Json:
        """The document, valid and not too complex; else a response that says what is wrong."""
        return self._checked(asked, Cost())

    async def subscribed(
        self, document: DocumentNode, asked: Operation, asker: Asker
    ) -> AsyncGenerator[Json, None]:
        """Responses of a subscription. Raises: HubError where its source ends with one."""
        made = subscribe(
            self._schema,
            document,
            context_value=asker,
            variable_values=dict(asked.variables),
            operation_name=asked.name,
        )
        source = await made if isinstance(made, Awaitable) else made
        if isinstance(source, ExecutionResult):
            yield _response(source)
            return
        async with aclosing(source):  # type: ignore[type-var]  # graphql-core's is a generator
            async for result in source:
                yield _response(result)

    def _checked(self, asked: Operation, cost: Cost) -> DocumentNode | Json:
        try:
            document = _parsed(asked, cost)
        except HubError as error:
            return {"errors": [hub_error(error)]}
        except GraphQLError as error:
            return {"errors": [_located(error) | {"extensions": {"code": "invalid_document"}}]}
        is_short = len(asked.document) <= KEPT_CHARACTERS
        faults = (self._remembered if is_short else self._faults)(_Text(asked.document, document))
        return {"errors": [_told(error) for error in faults]} if faults else document

    def _faults(self, text: "_Text") -> Sequence[GraphQLError]:
        return validate_document(self._schema, text.parsed, max_errors=MAX_ERRORS)

    def _executed(self, document: DocumentNode, asked: Operation, asker: Asker) -> Json:
        result = execute_sync(
            self._schema,
            document,
            context_value=asker,
            variable_values=dict(asked.variables),
            operation_name=asked.name,
        )
        return _response(result)


def is_subscription(document: DocumentNode, name: str | None) -> bool:
    """Whether the operation of that name is one."""
    found = get_operation_ast(document, name)
    return found is not None and found.operation is OperationType.SUBSCRIPTION


def _response(result: ExecutionResult) -> Json:
    errors = result.errors or []
    was_begun = result.data is not None or any(error.path for error in errors)
    response: Json = {"data": result.data} if was_begun else {}
    told = [_told(error) for error in errors]
    return response | ({"errors": told} if told else {})


@dataclass(frozen=True, eq=False)
class _Text:
    """A document that is remembered by what it says."""

    said: str
    parsed: DocumentNode

    def __hash__(self) -> int:
        return hash(self.said)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Text) and self.said == other.said


def _parsed(asked: Operation, cost: Cost) -> DocumentNode:
    """The document of an operation. Raises: GraphQLSyntaxError; InvalidQueryError, `too_complex`."""
    check_text(asked.document)
    check_values(asked.variables)
    document = parse_document(asked.document)
    cost.add(document, asked.variables)
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if len(operations) > 1 and asked.name is None:
        text = "a document of many operations needs `operationName`"
        raise InvalidQueryError(text, code="invalid_request")
    return document


def _told(error: GraphQLError) -> Json:
    cause = _cause(error)
    if isinstance(cause, HubError):
        return _located(error) | hub_error(cause)
    if cause is None or not error.path:
        return _located(error) | {"extensions": {"code": "invalid_request"}}
    log.error("field failed", path=error.path, exc_info=cause)
    return _located(error) | {"message": DEFECT, "extensions": {"code": "internal_error"}}


def _cause(error: GraphQLError) -> Exception | None:
    """What was raised in a resolver; None for what GraphQL itself found wrong."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def hub_error(error: HubError) -> Json:
    """An error of the hub as GraphQL has it."""
    wait = retry_after_seconds(error)
    told: Json = {"code": error.code, "retryable": error.retryable}
    told |= {} if wait is None else {"retryAfterSeconds": wait}
    return {"message": _short(error.message), "extensions": told}


def _located(error: GraphQLError) -> Json:
    told: Json = {**error.formatted, "message": _short(error.message)}
    told.pop("extensions", None)
    return told


def _short(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…"
