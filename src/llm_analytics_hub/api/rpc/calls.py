"""A call of a service: its tenant and request read, its work done in a thread, its answer written."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any, TypeVar

import grpc
import structlog
from google.protobuf.message import DecodeError

from llm_analytics_hub.api.body import tenant_named
from llm_analytics_hub.api.otlp_grpc import tenant_name
from llm_analytics_hub.api.rpc.statuses import abort
from llm_analytics_hub.api.rpc_errors import abort_on_defect
from llm_analytics_hub.errors import (
    HubError,
    InvalidInputError,
    QueryTimeoutError,
    TooLargeError,
    UndecodableError,
)
from llm_analytics_hub.storage.cancellation import Cancellation

log = structlog.get_logger(__name__)

REQUEST_BYTES = 1024 * 1024
"""Most bytes of a request: it is a question or a report, never a batch."""

Done = TypeVar("Done")
Message = Any
Ask = Callable[[str, Message, Cancellation], Message]
"""From a tenant and a request to the answer; called in a thread. Cancelled when the caller leaves."""
Pieces = Iterator[Message] | AsyncGenerator[Message, None]
AskMany = Callable[[str, Message, Cancellation], Pieces]
"""The same to the pieces of the answer; each is made in a thread, when the caller has taken the last.

Those of an asynchronous generator come on the event loop: it waits for them, and needs no turn.
"""
Take = Callable[[str, Message], Awaitable[Message]]
"""From a tenant and a request to the answer, on the event loop: for what waits for the intake."""
Handlers = Mapping[str, Any]


class Calls:
    """Makes the handlers of methods; at most `at_once` of their calls work at a time.

    Reading has turns of its own: who sends nothing for `read_seconds` holds up no work.
    """

    def __init__(self, at_once: int, read_seconds: float = 10) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._reading = asyncio.Semaphore(at_once)
        self._read_seconds = read_seconds

    def ask(self, request: type[Message], work: Ask) -> Any:
        """A method that answers once."""

        async def run(tenant: str, asked: Message) -> bytes:
            gone = Cancellation()
            return await self._run(lambda: _bytes(work(tenant, asked, gone)), gone)

        return grpc.stream_unary_rpc_method_handler(partial(self._one, request, run))

    def take(self, request: type[Message], work: Take) -> Any:
        """A method that stores something, and answers after that."""

        async def run(tenant: str, asked: Message) -> bytes:
            return _bytes(await work(tenant, asked))

        return grpc.stream_unary_rpc_method_handler(partial(self._one, request, run))

    def stream(self, request: type[Message], work: AskMany) -> Any:
        """A method that answers in pieces; it stops where its caller stops."""
        return grpc.stream_stream_rpc_method_handler(partial(self._many, request, work))

    async def _one(
        self,
        request: type[Message],
        run: Callable[[str, Message], Awaitable[bytes]],
        messages: AsyncIterator[bytes],
        context: Any,
    ) -> bytes:
        try:
            return await run(*await self._asked(request, messages, context))
        except HubError as error:
            return await abort(context, error)
        except Exception:
            log.exception("call failed")
            return await abort_on_defect(context)

    async def _many(
        self,
        request: type[Message],
        work: AskMany,
        messages: AsyncIterator[bytes],
        context: Any,
    ) -> AsyncIterator[bytes]:
        try:
            gone = Cancellation()
            pieces = work(*await self._asked(request, messages, context), gone)
            async with aclosing(self._each(pieces, gone)) as bodies:
                async for body in bodies:
                    yield body
        except HubError as error:
            await abort(context, error)
        except Exception:
            log.exception("call failed")
            await abort_on_defect(context)

    async def _each(self, pieces: Pieces, gone: Cancellation) -> AsyncGenerator[bytes, None]:
        if isinstance(pieces, AsyncGenerator):
            async with aclosing(pieces):
                async for piece in pieces:
                    yield _bytes(piece)
            return
        while (body := await self._run(lambda: _next(pieces), gone)) is not None:
            yield body

    async def _run(self, work: Callable[[], Done], gone: Cancellation) -> Done:
        """What `work` gives; a caller that leaves before its turn costs nothing."""
        async with self._turns:
            try:
                return await asyncio.to_thread(work)
            except asyncio.CancelledError:
                # Not waited for: gRPC wants its call back, and the engine may take a moment.
                asyncio.get_running_loop().run_in_executor(None, gone.cancel)
                raise

    async def _asked(
        self, request: type[Message], messages: AsyncIterator[bytes], context: Any
    ) -> tuple[str, Message]:
        """Whose call it is, and what it asks. Raises: InvalidInputError, QueryTimeoutError."""
        tenant = tenant_named(tenant_name(context))
        async with self._reading:  # its sender keeps a message until then
            body = await self._read(messages)
        if body is None:
            raise InvalidInputError("the call brought no message that could be read")
        return tenant, parsed(request, body)

    async def _read(self, messages: AsyncIterator[bytes]) -> bytes | None:
        try:
            async with asyncio.timeout(self._read_seconds):
                return await anext(messages, None)
        except TimeoutError as error:
            text = f"the call brought no message within {self._read_seconds:g} s"
            raise QueryTimeoutError(text) from error


def parsed(request: type[Message], body: bytes) -> Message:
    """The message of these bytes.

    Raises: TooLargeError; UndecodableError; InvalidInputError, code `unknown_field`, for members
    this hub does not know: to leave them out would answer another question.
    """
    if len(body) > REQUEST_BYTES:
        raise TooLargeError(f"the request is larger than {REQUEST_BYTES} bytes")
    try:
        message = request.FromString(body)
    except DecodeError as error:
        raise UndecodableError(f"the request is no {request.DESCRIPTOR.full_name}") from error
    size = message.ByteSize()
    message.DiscardUnknownFields()
    if message.ByteSize() != size:
        text = f"the request has members that no {request.DESCRIPTOR.full_name} of this hub has"
        raise InvalidInputError(text, code="unknown_field")
    return message


def _bytes(message: Message) -> bytes:
    serialized: bytes = message.SerializeToString()
    return serialized


def _next(pieces: Iterator[Message]) -> bytes | None:
    piece = next(pieces, None)
    return None if piece is None else _bytes(piece)
