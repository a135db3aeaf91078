"""Whether a page of another site asks: a browser would let it read what its user may.

For WebSockets a browser asks nobody before it connects, so the hub has to look at the origin.
Source: RFC 6455, 10.2.
"""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from llm_analytics_hub.errors import DeniedError

_PORTS = {"http": 80, "https": 443}


def check_origin(connection: HTTPConnection) -> None:
    """Raises: DeniedError, code `foreign_origin`, for a page that did not come from this address."""
    origin = connection.headers.get("origin")
    if origin is not None and not _is_own(origin, connection.headers.get("host", "")):
        text = f"a page of {origin[:80]!r} may not read this stream: only pages of the hub may"
        raise DeniedError(text, code="foreign_origin")


def _is_own(origin: str, host: str) -> bool:
    try:
        page, here = urlsplit(origin), urlsplit(f"//{host}")
        usual = _PORTS.get(page.scheme)
        # A proxy that ends TLS speaks plainly to the hub: the scheme is the one of the page.
        ours, theirs = (here.hostname, here.port or usual), (page.hostname, page.port or usual)
    except ValueError:
        return False
    return usual is not None and page.hostname is not None and ours == theirs
