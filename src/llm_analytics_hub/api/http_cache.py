"""Answers to GET that a client may keep: validators, `Cache-Control`, 304 (RFC 9110, RFC 9111)."""

from collections.abc import Callable
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from llm_analytics_hub.api.body import TENANT_HEADER

VARY = f"Accept, Accept-Encoding, Authorization, {TENANT_HEADER}"
"""What an answer depends on besides its address: a kept one is never another tenant's."""


def conditional(
    request: Request, etag: str, max_age: timedelta, make: Callable[[], Response]
) -> Response:
    """304 without a body where the client has the answer of `etag`; else what `make` gives.

    `etag` is quoted as on the wire, `"…"` or `W/"…"`. `max_age` of 0: the client may keep the answer,
    but asks each time whether it still holds. Only for GET and HEAD.
    """
    is_known = _is_known(request.headers.getlist("if-none-match"), etag)
    response = Response(status_code=304) if is_known else make()
    seconds = int(max_age.total_seconds())
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = (
        f"private, max-age={seconds}" if seconds else "private, no-cache"
    )
    response.headers["Vary"] = VARY
    return response


def _is_known(sent: list[str], etag: str) -> bool:
    """Whether `etag` is in If-None-Match, by weak comparison (RFC 9110 §8.8.3.2)."""
    tags = [tag.strip() for line in sent for tag in line.split(",")]
    return "*" in tags or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in tags}
