"""Every error of the hub, as a tree, sorted by what the caller does next.

`code` is a stable, low-cardinality slug: metric label, `code` of the problem document and of a
refused event. `retryable` says whether the same call may succeed later.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

CANCELLED = "cancelled"
"""Code of a question that was ended because who asked it went away."""


class HubError(Exception):
    """Root of the tree; never raised itself."""

    code: str = "error"
    retryable: ClassVar[bool] = False
    field: str | None = None
    """The member of the input that is at fault, where one is."""

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


@contextmanager
def about(field: str) -> Iterator[None]:
    """Errors of the block are about this member, unless they name one themselves."""
    try:
        yield
    except HubError as error:
        error.field = error.field or field
        raise


class InvalidInputError(HubError):
    """The input is wrong and stays wrong: answer 400, keep it as a dead letter."""

    code = "invalid_input"


class UndecodableError(InvalidInputError):
    """The bytes are not what their content type says."""

    code = "undecodable"


class UnsupportedMediaTypeError(InvalidInputError):
    """The content type or encoding is none that this door reads (415)."""

    code = "unsupported_media_type"


class TooLargeError(InvalidInputError):
    """The body, or what it unpacks to, is over the limit (413)."""

    code = "too_large"


class InvalidQueryError(InvalidInputError):
    """The question cannot be asked; the message says what to change."""

    code = "invalid_query"


class NotFoundError(HubError):
    """There is no such thing (404)."""

    code = "not_found"


class ConflictError(HubError):
    """The thing is in a state that forbids this (409)."""

    code = "conflict"


class DeniedError(HubError):
    """The caller may not do this (401, 403)."""

    code = "denied"


class UnauthenticatedError(DeniedError):
    """Who the caller is was not shown (401)."""

    code = "unauthenticated"


class SaturatedError(HubError):
    """The hub is full: wait `retry_after_seconds`, then send the same again (429)."""

    code = "saturated"
    retryable = True

    def __init__(self, message: str, *, retry_after_seconds: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class UnavailableError(HubError):
    """Something the hub needs is away: try again later (503)."""

    code = "unavailable"
    retryable = True


class QueryTimeoutError(UnavailableError):
    """The answer took longer than its door allows: ask for less, or try again later (504)."""

    code = "query_timeout"


class UnsupportedError(HubError):
    """This installation cannot do that (501)."""

    code = "unsupported"


class SettingsError(HubError):
    """The settings are wrong; the process must not start (exit 2)."""

    code = "invalid_settings"
