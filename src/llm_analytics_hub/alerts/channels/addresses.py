"""Addresses that notices are sent to: secret, as the path of many a webhook is its password."""

from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, SecretStr

LONGEST = 2000


def _checked(url: SecretStr) -> SecretStr:
    parts = _split(url.get_secret_value())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        raise ValueError("must be http:// or https:// and a host")
    if "@" in parts.netloc:
        raise ValueError("has no place for a password: set it in headers")
    return url


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"must be at most {LONGEST} printable ASCII characters without blanks")
    parts = urlsplit(url)
    _ = parts.port  # raises ValueError where it is none
    return parts


WebAddress = Annotated[SecretStr, AfterValidator(_checked)]
"""An http:// or https:// address; it may have a path and parameters, which are never shown."""


def place_of(url: str) -> str:
    """Scheme, host and port: what may be shown of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
