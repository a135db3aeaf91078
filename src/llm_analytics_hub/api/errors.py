"""Errors as problem documents (RFC 9457): the only place that knows status codes."""

from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from llm_analytics_hub.errors import (
    ConflictError,
    DeniedError,
    HubError,
    InvalidInputError,
    NotFoundError,
    QueryTimeoutError,
    SaturatedError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedError,
    UnsupportedMediaTypeError,
)

log = structlog.get_logger(__name__)

DEFECT = "the hub made a mistake; it is in its log"

_STATUS: tuple[tuple[type[HubError], int, str], ...] = (
    (TooLargeError, 413, "Content too large"),
    (UnsupportedMediaTypeError, 415, "Unsupported media type"),
    (InvalidInputError, 400, "Bad request"),
    (NotFoundError, 404, "Not found"),
    (ConflictError, 409, "Conflict"),
    (UnauthenticatedError, 401, "Unauthorized"),
    (DeniedError, 403, "Forbidden"),
    (SaturatedError, 429, "Too many requests"),
    (QueryTimeoutError, 504, "Gateway timeout"),
    (UnavailableError, 503, "Service unavailable"),
    (UnsupportedError, 501, "Not implemented"),
)


def status_of(error: HubError) -> tuple[int, str]:
    """The status code of an error and its title."""
    for kind, status, title in _STATUS:
        if isinstance(error, kind):
            return status, title
    return 500, "Internal error"


def headers_of(error: HubError) -> dict[str, str]:
    """`Retry-After` in whole seconds, for errors that pass."""
    seconds = retry_after_seconds(error)
    return {} if seconds is None else {"Retry-After": str(seconds)}


def retry_after_seconds(error: HubError) -> int | None:
    """Whole seconds after which the same may be sent again; None if that would not help."""
    if isinstance(error, SaturatedError):
        return max(1, round(error.retry_after_seconds))
    return 1 if error.retryable else None


def problem(
    status: int,
    title: str,
    code: str,
    detail: str,
    headers: dict[str, str] | None = None,
    field: str | None = None,
) -> Response:
    """A problem document; `field` is the member at fault, where one is."""
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    body |= {"field": field} if field else {}
    return Response(
        msgspec.json.encode(body), status, headers, media_type="application/problem+json"
    )


async def on_hub_error(_: Request, error: Exception) -> Response:
    """The answer to an error of the tree."""
    assert isinstance(error, HubError)  # noqa: S101 - registered for HubError only
    status, title = status_of(error)
    return problem(status, title, error.code, error.message, headers_of(error), error.field)


async def on_http_error(_: Request, error: Exception) -> Response:
    """The answer to what the framework refuses: 404, 405, a body that is no JSON."""
    status = getattr(error, "status_code", 500)
    title = HTTPStatus(status).phrase
    detail = str(getattr(error, "detail", title))
    code = title.lower().replace(" ", "_")
    return problem(status, title, code, detail, dict(getattr(error, "headers", None) or {}))


async def on_validation_error(_: Request, error: Exception) -> Response:
    """The answer to a body or parameter of the wrong shape: the first fault, in words."""
    faults: list[dict[str, Any]] = getattr(error, "errors", list)()
    fault = faults[0] if faults else {"loc": (), "msg": str(error)}
    place = ".".join(str(part) for part in fault["loc"])
    return problem(400, "Bad request", "invalid_request", f"{place}: {fault['msg']}", field=place)


async def on_defect(request: Request, error: Exception) -> Response:
    """The answer to a defect of the hub: no internals, the rest is in the log."""
    log.error("request failed", path=request.url.path, exc_info=error)
    return problem(500, "Internal error", "internal_error", DEFECT)
