"""What requests about alerts say: who, which version, an object, a place in a list."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request

from llm_analytics_hub.api.body import BodyLimits, read_body
from llm_analytics_hub.errors import InvalidInputError, UndecodableError, about

BY_API = "api"
"""Who changed something, where nobody says: there is no login yet."""

USER_HEADER = "X-User"
LONGEST_USER = 100
MAX_PAGE = 1_000
_LIMITS = BodyLimits(wire_bytes=4 * 1024**2, plain_bytes=8 * 1024**2)
_TAG = re.compile(r'(?:W/)?"(\d{1,9})"|(\d{1,9})')


def user_of(request: Request) -> str:
    """Who asks, by the header. Raises: InvalidInputError for a name that cannot be shown."""
    named = request.headers.getlist(USER_HEADER)
    if not named:
        return BY_API
    name = _as_utf8(",".join(named)).strip()
    if not 0 < len(name) <= LONGEST_USER or not name.isprintable():
        with about(USER_HEADER):
            text = f"{USER_HEADER} is a name of 1 to {LONGEST_USER} printable characters"
            raise InvalidInputError(text)
    return name


def expected_version(request: Request, expected: int | None) -> int | None:
    """The version that must be the newest: `If-Match`, `If-None-Match: *` (0 = none), or `expected`.

    None for any. Raises: InvalidInputError for a tag that is none, and where they differ.
    """
    said = {expected} - {None}
    if tags := request.headers.getlist("if-match"):
        said.add(_version(tags))
    if request.headers.get("if-none-match") == "*":
        said.add(0)
    if len(said) > 1:
        with about("expected"):
            raise InvalidInputError("expected, If-Match and If-None-Match name different versions")
    return next(iter(said), None)


async def object_of(request: Request) -> Mapping[str, Any]:
    """The JSON object in the body, at most 4 MiB. Raises: UndecodableError, TooLargeError."""
    content = await read_body(request, _LIMITS)
    try:
        found = msgspec.json.decode(content) if content else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError(f"the body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise UndecodableError("the body is no JSON object: write {…}")
    return found


def _version(tags: list[str]) -> int:
    found = _TAG.fullmatch(",".join(tags).strip())
    if found is None:
        with about("If-Match"):
            text = 'If-Match is the ETag of the version that you read, such as "3"'
            raise InvalidInputError(text)
    return int(found[1] or found[2])


def _as_utf8(header: str) -> str:
    """What a sender of UTF-8 meant: HTTP gives the bytes as Latin-1."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeDecodeError:
        return header
