"""The standard health service: SERVING while `/health/ready` says READY.

Source: grpc.health.v1, the "GRPC Health Checking Protocol".
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from typing import Any

import grpc
from grpc_health.v1 import health_pb2

from llm_analytics_hub.api.health import HealthDoor

SERVICE = "grpc.health.v1.Health"
Response = health_pb2.HealthCheckResponse


@dataclass(frozen=True)
class HealthService:
    """Tells the health of `services` and of the whole, "": they are as ready as the hub is.

    Who watches is told of a change within `every_seconds`.
    """

    door: HealthDoor
    services: Collection[str]
    every_seconds: float = 1.0

    def handler(self) -> grpc.GenericRpcHandler:
        """What the server calls."""
        reading = health_pb2.HealthCheckRequest.FromString
        writing = Response.SerializeToString
        methods = {
            "Check": grpc.unary_unary_rpc_method_handler(self.check, reading, writing),
            "Watch": grpc.unary_stream_rpc_method_handler(self.watch, reading, writing),
        }
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    async def check(self, request: Any, context: Any) -> Any:
        """The state of a service; NOT_FOUND for one that is none."""
        if not self._knows(request.service):
            await context.abort(grpc.StatusCode.NOT_FOUND, f"no service {request.service[:80]!r}")
        return await self._state()

    async def watch(self, request: Any, context: Any) -> AsyncIterator[Any]:
        """The state of a service now, and whenever it is another; ends when the hub stops."""
        if not self._knows(request.service):
            yield Response(status=Response.SERVICE_UNKNOWN)
            return
        told = None
        while True:
            state = await self._state()
            if state != told:
                yield state
                told = state
            elif self.door.stopping:
                return
            else:
                await asyncio.sleep(self.every_seconds)

    def _knows(self, service: str) -> bool:
        return service == "" or service in self.services

    async def _state(self) -> Any:
        is_ready, _ = await self.door.readiness()
        return Response(status=Response.SERVING if is_ready else Response.NOT_SERVING)
