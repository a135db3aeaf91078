"""`POST /api/v1/webhooks/{name}`: messages that a module signs with a secret the hub knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from llm_analytics_hub.api.ingest import IngestDoor
from llm_analytics_hub.errors import NotFoundError, UnauthenticatedError
from llm_analytics_hub.ingest.submission import Decoded
from llm_analytics_hub.integrations.catalog import integration
from llm_analytics_hub.integrations.native import decode_native
from llm_analytics_hub.integrations.wires import Signature


@dataclass(frozen=True)
class Webhook:
    """A webhook as it is set up: whose messages, for whom, and what they are signed with."""

    module: str
    tenant: str
    secret: bytes
    signature: Signature

    def check(self, body: bytes, header: str) -> None:
        """Pass a body that `header` signs. Raises: UnauthenticatedError."""
        if not self.signature.signs(body, header, self.secret):
            message = f"{self.signature.header} does not sign this body with the secret that is set"
            raise UnauthenticatedError(message, code="bad_signature")


def webhook_routes(door: IngestDoor, webhooks: Mapping[str, Webhook]) -> APIRouter:
    """The route of all webhooks; what is not signed as it should be is stored nowhere."""

    async def take(request: Request) -> Response:
        chosen = webhooks.get(request.path_params["name"])
        if chosen is None:
            raise NotFoundError("there is no such webhook; `webhooks` in the settings has them")
        module = integration(chosen.module)
        header = request.headers.get(chosen.signature.header, "")

        def decode(body: bytes, content_type: str, now: datetime) -> Decoded:
            chosen.check(body, header)
            return decode_native(module, body, content_type, now, request.url.path)

        _, receipt = await door.take(
            request, f"ingest/{module.name}", decode, module.name, chosen.tenant
        )
        return Response(msgspec.json.encode(receipt), media_type="application/json")

    return APIRouter(routes=[Route("/api/v1/webhooks/{name}", take, methods=["POST", "PUT"])])
