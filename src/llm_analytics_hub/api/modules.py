"""`POST /api/v1/ingest/{module}`: what the platform's modules send, in their own shapes.

The same at the paths of other services at which the hub takes a module's messages in their stead.
"""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from llm_analytics_hub.api.ingest import IngestDoor
from llm_analytics_hub.ingest.receipt import Receipt, Rejection
from llm_analytics_hub.ingest.submission import Decoded
from llm_analytics_hub.integrations.catalog import INTEGRATIONS, integration
from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.native import decode_native


class ModuleAnswer(msgspec.Struct):
    """A receipt, and the ids of the events that are stored, now or before."""

    accepted: int
    duplicates: int
    rejected: list[Rejection]
    event_ids: list[str]


def module_routes(door: IngestDoor) -> list[Route]:
    """The routes of all integrations."""

    async def take(request: Request) -> Response:
        return await take_native(door, request, integration(request.path_params["module"]))

    return [Route("/api/v1/ingest/{module}", take, methods=["POST"]), *_sinks(door)]


def _sinks(door: IngestDoor) -> Iterable[Route]:
    for one in INTEGRATIONS.values():
        for path in one.sinks:
            yield Route(path, _taker(door, one), methods=["POST"])


def _taker(door: IngestDoor, module: Integration) -> Callable[[Request], Awaitable[Response]]:
    async def take(request: Request) -> Response:
        return await take_native(door, request, module)

    return take


async def take_native(door: IngestDoor, request: Request, module: Integration) -> Response:
    """Store what a request brings in a module's shapes. Raises: as `IngestDoor.take`."""
    subject = request.query_params.get(
        "subject", "" if "module" in request.path_params else request.url.path
    )

    def decode(body: bytes, content_type: str, now: datetime) -> Decoded:
        return decode_native(module, body, content_type, now, subject)

    decoded, receipt = await door.take(request, f"ingest/{module.name}", decode, module.name)
    return Response(msgspec.json.encode(_answer(decoded, receipt)), media_type="application/json")


def _answer(decoded: Decoded, receipt: Receipt) -> ModuleAnswer:
    gone = {rejection.index for rejection in receipt.rejected}
    stored = [
        str(row["event_id"])
        for number, row in enumerate(decoded.rows)
        if decoded.place(number) not in gone
    ]
    return ModuleAnswer(receipt.accepted, receipt.duplicates, receipt.rejected, stored)
