"""Reading a request: its tenant, and its body within bounds."""

import re
from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request

from llm_analytics_hub.errors import InvalidInputError, TooLargeError
from llm_analytics_hub.ingest.codecs.compression import decompress

_TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
TENANT_HEADER = "x-tenant"
DEFAULT_TENANT = "default"


@dataclass(frozen=True)
class BodyLimits:
    """Most bytes of a body as sent, and unpacked."""

    wire_bytes: int = 32 * 1024 * 1024
    plain_bytes: int = 64 * 1024 * 1024


def tenant_of(request: HTTPConnection) -> str:
    """The tenant a request is for. Raises: InvalidInputError for a name that is none."""
    # All of them: two names that a proxy and a sender wrote are no name together.
    named = request.headers.getlist(TENANT_HEADER)
    return tenant_named(",".join(named) if named else DEFAULT_TENANT)


def tenant_named(name: str) -> str:
    """The tenant of that name. Raises: InvalidInputError for a name that is none."""
    if not _TENANT.fullmatch(name):
        message = "X-Tenant is up to 63 lower-case letters, digits, '-' and '_'"
        raise InvalidInputError(message, code="invalid_tenant")
    return name


async def read_body(request: Request, limits: BodyLimits) -> bytes:
    """The body, unpacked. Raises: TooLargeError, UndecodableError, UnsupportedMediaTypeError."""
    body = await _read(request, limits.wire_bytes)
    return decompress(body, request.headers.get("content-encoding", ""), limit=limits.plain_bytes)


async def _read(request: Request, limit: int) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        elif size > 8 * limit:
            break  # no sender is owed that much patience
        else:
            # Read on without keeping: a sender still sending would not see the answer.
            chunks.clear()
    if size > limit:
        raise TooLargeError(f"the body is larger than {limit} bytes; send smaller batches")
    return b"".join(chunks)
