"""Sending documents: what is waited out, what is tried again, what is refused for good."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import msgspec
import stamina
import structlog

from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.connectors.rest_credentials import Credentials
from llm_analytics_hub.connectors.rest_reader import wait_of

if TYPE_CHECKING:
    from httpx import AsyncClient

log = structlog.get_logger(__name__)

Json = dict[str, object]
Sleep = Callable[[float], Awaitable[None]]

ASSET_ID = "{asset_id}"
"""The part of an address that the asset takes which a document is about."""

ATTEMPTS = 3
WAITS = 10
"""How often in a row a document may be told to come later."""

LARGEST_ANSWER = 64 << 10
"""Bytes that are read of an answer, which says nothing but its status."""

_PASSING = frozenset({408, 425, 429})
_WAITED_OUT = frozenset({429, 503})
_ABOUT_WHO = frozenset({401, 403, 407})
_ABOUT_WHERE = frozenset({404, 405, 410})


class NotTakenError(ConnectionError):
    """The other side answered, and did not take what was sent."""

    def __init__(self, status: int) -> None:
        super().__init__(f"what was sent was answered with status {status}")
        self.status = status

    @property
    def is_passing(self) -> bool:
        """Whether the same may be taken later."""
        return self.status >= 500 or self.status in _PASSING


class Address(NamedTuple):
    """Where documents go, and how."""

    method: str
    url: str

    def refuses(self, status: int) -> bool:
        """Whether a status is about this document alone: another may be taken.

        Who sends to an address that nobody serves would lose everything, so that is no refusal,
        unless the address names what the document is about.
        """
        about_all = _PASSING | _ABOUT_WHO | (frozenset() if ASSET_ID in self.url else _ABOUT_WHERE)
        return 400 <= status < 500 and status not in about_all


class Outbox:
    """Sends documents to one address, one at a time. For one event loop."""

    def __init__(
        self, client: "AsyncClient", address: Address, credentials: Credentials, link: Link, *,
        timeout_seconds: float, sleep: Sleep = asyncio.sleep, attempts: int = ATTEMPTS,
        waits: int = WAITS,
    ) -> None:  # fmt: skip
        self._client = client
        self._address = address
        self._credentials = credentials
        self._link = link
        self._timeout_seconds = timeout_seconds
        self._sleep = sleep
        self._attempts = attempts
        self._waits = waits

    async def send(self, body: Json, *, asset_id: str = "") -> bool:
        """Whether the other side took it; what it refuses is noted, and not to be sent again.

        What passes is tried again, a little later each time; whoever says when to come again is
        taken at the word, up to an hour.
        Raises: NotTakenError; what the driver raises.
        """
        refusal = await self._offer(body, asset_id)
        if refusal is None:
            self._link.sent(1)
        else:
            self._refused(refusal)
        return refusal is None

    async def send_rows(self, rows: Sequence[Json]) -> None:
        """Send an array; one that is refused goes in halves, so that a row loses no other.

        Raises: as `send`.
        """
        if not rows:
            return
        refusal = await self._offer(rows, "")
        if refusal is None:
            self._link.sent(len(rows))
        elif len(rows) == 1:
            self._refused(refusal)
        else:
            middle = len(rows) // 2
            await self.send_rows(rows[:middle])
            await self.send_rows(rows[middle:])

    def _refused(self, refusal: NotTakenError) -> None:
        self._link.refused(refusal)
        log.warning("feed refused", connector=self._link.state.name, status=refusal.status)

    async def _offer(self, body: object, asset_id: str) -> NotTakenError | None:
        """None once it is taken, else the refusal."""
        url = self._address.url.replace(ASSET_ID, quote(asset_id, safe=""))
        content = msgspec.json.encode(body)
        attempts = stamina.retry_context(
            on=self._is_passing, attempts=self._attempts, timeout=None, wait_initial=0.5
        )
        try:
            async for attempt in attempts:
                with attempt:
                    await self._patiently(url, content)
        except NotTakenError as error:
            if self._address.refuses(error.status):
                return error
            raise
        return None

    def _is_passing(self, error: Exception) -> bool:
        from httpx import TransportError

        passes = isinstance(error, TransportError | TimeoutError)
        passes = passes or (isinstance(error, NotTakenError) and error.is_passing)
        if passes:
            self._link.fault(error)
        return passes

    async def _patiently(self, url: str, content: bytes) -> None:
        for turn in range(self._waits + 1):
            status, retry_after = await self._as_somebody(url, content)
            if 200 <= status < 300:
                return
            error = NotTakenError(status)
            seconds = wait_of(retry_after, self._link.clock.now())
            if status not in _WAITED_OUT or seconds is None or turn == self._waits:
                raise error
            self._link.fault(error)
            await self._sleep(seconds)

    async def _as_somebody(self, url: str, content: bytes) -> tuple[int, str]:
        status, retry_after = await self._in_time(url, content)
        if status == 401 and await self._credentials.is_renewed():
            return await self._in_time(url, content)
        return status, retry_after

    async def _in_time(self, url: str, content: bytes) -> tuple[int, str]:
        """The status of an answer, and when to come again if it says so."""
        headers = {"Content-Type": "application/json", **await self._credentials.headers()}
        asked = self._client.stream(self._address.method, url, content=content, headers=headers)
        async with asyncio.timeout(self._timeout_seconds), asked as answer:
            read = 0
            async for chunk in answer.aiter_raw():
                read += len(chunk)
                if read > LARGEST_ANSWER:
                    break
            return answer.status_code, answer.headers.get("Retry-After", "")
