"""Problem documents (RFC 9457) back to the errors they were made of."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import msgspec

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

_OF_STATUS: Mapping[int, type[HubError]] = {
    400: InvalidInputError,
    401: UnauthenticatedError,
    403: DeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: TooLargeError,
    415: UnsupportedMediaTypeError,
    422: InvalidInputError,
    429: SaturatedError,
    501: UnsupportedError,
    504: QueryTimeoutError,
}


class _Problem(msgspec.Struct):
    code: str
    detail: str
    field: str | None = None


def error_of(answer: httpx.Response) -> HubError | None:
    """The error that a problem document tells; None if the answer is no such document."""
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    error = _kind(answer.status_code, problem.code)(problem.detail)
    error.code = problem.code
    told: dict[str, Any] = {"detail": problem.detail, "field": problem.field}
    vars(error).update(told)
    wished = answer.headers.get("Retry-After", "")
    if isinstance(error, SaturatedError) and wished.isdigit():
        error.retry_after_seconds = float(wished)
    return error


def _kind(status: int, code: str) -> type[HubError]:
    """The class that this status is for, or the one below it that has the code as its own."""
    broad = _OF_STATUS.get(status, UnavailableError)
    return next((kind for kind in _below(broad) if kind.code == code), broad)


def _below(kind: type[HubError]) -> Iterator[type[HubError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _below(one)
