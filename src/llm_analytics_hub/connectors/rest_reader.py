"""Asking a REST API: who asks, what is waited out, what is tried again, and what is refused."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import stamina

from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.connectors.rest_credentials import Credentials
from llm_analytics_hub.errors import TooLargeError, UnavailableError

if TYPE_CHECKING:
    from httpx import AsyncClient, Response

Sleep = Callable[[float], Awaitable[None]]

ATTEMPTS = 5
"""How often a request is tried before the connector gives up for a while."""

LONGEST_RETRY_SECONDS = 30.0
WAITS = 10
"""How often in a row a request may be told to come later."""

LONGEST_WAIT_SECONDS = 3600.0
REDIRECTS = 5

_BODIES = frozenset({200, 204})
"""There is nothing in the second."""

_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_WAITED_OUT = frozenset({429, 503})


class StatusError(UnavailableError):
    """The other side answered, and not with what was asked for."""

    code = "status"

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status

    @property
    def is_about_place(self) -> bool:
        """Whether it is what was asked for that is wrong, not who asks or when."""
        return self.status in {400, 404, 410, 416, 422}


class RestReader:
    """Gets replies from one service. For one event loop."""

    def __init__(
        self,
        client: "AsyncClient",
        credentials: Credentials,
        link: Link,
        *,
        largest_bytes: int,
        timeout_seconds: float,
        sleep: Sleep,
    ) -> None:
        self._client = client
        self._credentials = credentials
        self._link = link
        self._largest_bytes = largest_bytes
        self._timeout_seconds = timeout_seconds
        self._sleep = sleep

    async def get(self, path: str, params: Mapping[str, str]) -> bytes:
        """The body of a reply that is no error.

        What passes is tried again, a little later each time; whoever says when to come again is
        taken at the word, up to an hour.
        Raises: StatusError; TooLargeError; UnavailableError for a redirect to another host; what
        the driver raises.
        """
        attempts = stamina.retry_context(
            on=self._is_passing, attempts=ATTEMPTS, timeout=None, wait_initial=0.5,
            wait_max=LONGEST_RETRY_SECONDS,
        )  # fmt: skip
        async for attempt in attempts:
            with attempt:
                return await self._patiently(path, params)
        raise AssertionError("the last attempt raises")

    def _is_passing(self, error: Exception) -> bool:
        from httpx import TransportError

        status = error.status if isinstance(error, StatusError) else 0
        if isinstance(error, TransportError | TimeoutError) or status in _PASSING:
            self._link.fault(error)
            return True
        return False

    async def _patiently(self, path: str, params: Mapping[str, str]) -> bytes:
        for _ in range(WAITS):
            reply, body = await self._as_somebody(path, params)
            if reply.status_code in _BODIES:
                return body or b"[]"
            code = reply.status_code
            error = StatusError(f"GET {path} was answered with status {code}", status=code)
            seconds = wait_of(reply.headers.get("Retry-After", ""), self._link.clock.now())
            if reply.status_code not in _WAITED_OUT or seconds is None:
                raise error
            self._link.fault(error)
            await self._sleep(seconds)
        raise error

    async def _as_somebody(self, path: str, params: Mapping[str, str]) -> tuple["Response", bytes]:
        reply, body = await self._in_time(path, params)
        if reply.status_code == 401 and await self._credentials.is_renewed():
            return await self._in_time(path, params)
        return reply, body

    async def _in_time(self, path: str, params: Mapping[str, str]) -> tuple["Response", bytes]:
        async with asyncio.timeout(self._timeout_seconds):
            return await self._followed(path, params)

    async def _followed(self, path: str, params: Mapping[str, str]) -> tuple["Response", bytes]:
        """The reply, after redirects that stay with the service: no other host learns the token."""
        url, asked = path, params or None
        for _ in range(REDIRECTS):
            headers = await self._credentials.headers()
            async with self._client.stream("GET", url, params=asked, headers=headers) as reply:
                if not reply.has_redirect_location:
                    return reply, await self._body(reply, path)
            url, asked = self._there(reply, path), None
        raise UnavailableError(f"GET {path} was sent on more than {REDIRECTS} times")

    def _there(self, reply: "Response", path: str) -> str:
        here, there = reply.url, reply.url.join(reply.headers["Location"])
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            host = there.netloc.decode("ascii", "replace")
            raise UnavailableError(
                f"GET {path} was sent on to {there.scheme}://{host}: not followed"
            )
        return str(there)

    async def _body(self, reply: "Response", path: str) -> bytes:
        """Not more of it than is allowed; packed bodies are not asked for, and not unpacked."""
        body = bytearray()
        if reply.headers.get("Content-Encoding", "identity") != "identity":
            raise UnavailableError(f"GET {path} was answered with a packed body")
        async for chunk in reply.aiter_raw():
            body += chunk
            if len(body) > self._largest_bytes:
                most = f"more than {self._largest_bytes} bytes"
                raise TooLargeError(f"GET {path} was answered with {most}: ask for fewer rows")
        return bytes(body)


def wait_of(retry_after: str, now: datetime) -> float | None:
    """Seconds to wait, from 1 to an hour, as a Retry-After header says it: a number or a date.

    None for a header that is not there or says nothing. Source: RFC 9110 section 10.2.3.
    """
    if retry_after.strip().isdecimal():
        seconds = float(retry_after)
    else:
        try:
            moment = parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        seconds = ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 1.0), LONGEST_WAIT_SECONDS)
