"""The gRPC server (port 4317) and what it was made for, OTLP; its other services are in `rpc/`.

The bytes of every Export call go the way of OTLP over HTTP: messages are not parsed by gRPC, the
codecs read bytes. Importing this takes a tenth of a second.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
import structlog

from llm_analytics_hub.api.body import DEFAULT_TENANT, TENANT_HEADER, tenant_named
from llm_analytics_hub.api.ingest import IngestDoor
from llm_analytics_hub.api.key_pair import KeyPair
from llm_analytics_hub.api.otlp_signals import SIGNALS, Signal
from llm_analytics_hub.api.rpc_errors import abort_on_defect, abort_on_hub_error
from llm_analytics_hub.errors import HubError, TooLargeError
from llm_analytics_hub.ingest.codecs.otlp_answer import PROTOBUF

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class GrpcLimits:
    """Most bytes of a message, unpacked, and most calls whose messages are held at a time."""

    message_bytes: int = 64 * 1024 * 1024
    calls: int = 32


class OtlpGrpcServer:
    """The gRPC server of one hub; to be made on the event loop that runs it.

    `services` are the handlers of what it serves besides OTLP.
    """

    def __init__(
        self,
        door: IngestDoor,
        limits: GrpcLimits,
        key_pair: KeyPair | None,
        services: Sequence[grpc.GenericRpcHandler] = (),
    ) -> None:
        self._door = door
        self._limits = limits
        self._key_pair = key_pair
        # A call waits for its turn before its message is read: the sender keeps it until then.
        self._turns = asyncio.Semaphore(limits.calls)
        self._server = grpc.aio.server(options=_options(limits))
        self._server.add_generic_rpc_handlers((*map(self._handler, SIGNALS), *services))

    async def start(self, address: str) -> int:
        """Listen on `address` (host:port), 0 picks a port; which it is. Raises: RuntimeError if taken."""
        if self._key_pair is None:
            port = self._server.add_insecure_port(address)
        else:
            pair = (self._key_pair.private_key, self._key_pair.certificates)
            port = self._server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
        await self._server.start()
        return int(port)

    async def stop(self, grace_seconds: float) -> None:
        """Take no more calls, answer the open ones, and cancel what is left after that time."""
        await self._server.stop(grace_seconds)

    def _handler(self, signal: Signal) -> Any:
        # On the wire one message and a stream of one are the same; a stream is read when we ask.
        export = partial(self._export, signal)
        methods = {"Export": grpc.stream_unary_rpc_method_handler(export)}
        return grpc.method_handlers_generic_handler(signal.service, methods)

    async def _export(self, signal: Signal, messages: AsyncIterator[bytes], context: Any) -> bytes:
        try:
            async with self._turns:
                return await self._take(signal, messages, context)
        except HubError as error:
            return await abort_on_hub_error(context, error)
        except Exception:
            log.exception("call failed")
            return await abort_on_defect(context)

    async def _take(self, signal: Signal, messages: AsyncIterator[bytes], context: Any) -> bytes:
        with self._door.counted("otlp"):
            tenant = tenant_named(tenant_name(context))
            body = await anext(messages, None)
            if body is None:  # gRPC has already answered RESOURCE_EXHAUSTED, not to be retried
                raise TooLargeError(f"no message of at most {self._limits.message_bytes} bytes")
        answer, _ = await self._door.take_otlp(tenant, body, PROTOBUF, signal)
        return answer


def _options(limits: GrpcLimits) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", limits.message_bytes),  # packed, and unpacked
        ("grpc.max_concurrent_streams", limits.calls),  # of one connection; its sender queues
        ("grpc.so_reuseport", 0),  # else two hubs would share a port, and nobody were told
    ]


def tenant_name(context: Any) -> str:
    """Which tenant the metadata of a call names; several names are no name together."""
    given = context.invocation_metadata() or ()
    named = [str(value) for name, value in given if name == TENANT_HEADER]
    return ",".join(named) if named else DEFAULT_TENANT
