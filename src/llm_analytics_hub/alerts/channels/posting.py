"""POSTs to one address: connections are kept, answers are read within bounds, nothing is followed."""

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from ssl import SSLError, create_default_context
from time import monotonic
from typing import TYPE_CHECKING

from llm_analytics_hub.alerts.channels.addresses import place_of
from llm_analytics_hub.alerts.channels.channel import ChannelError
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import SettingsError

if TYPE_CHECKING:
    from httpx import HTTPTransport, Response

MOST_ANSWER = 64 * 1024
"""Bytes of an answer that are read; they are thrown away, but let the connection be kept."""

LONGEST_RETRY_AFTER = 3600.0
PASSING = frozenset({408, 425, 429})
"""Statuses below 500 after which the same may be taken later."""

_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "analytics-hub"}


class Poster:
    """Sends bodies to one address. For one thread at a time, but for `close`.

    It goes without a client of httpx: that would log whole addresses, and keep cookies.
    """

    def __init__(
        self, url: str, clock: Clock, *, timeout_seconds: float, ca_file: Path | None = None
    ) -> None:
        self._url = url
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._timeouts = dict.fromkeys(("connect", "read", "write", "pool"), timeout_seconds)
        self._ca_file = ca_file
        self._transport: HTTPTransport | None = None

    def prepare(self) -> None:
        """Load what it needs. Connects to nobody."""
        if self._transport is None:
            self._transport = self._opened()

    def post(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Return once it was answered with 2xx. Raises: ChannelError, which names host and status."""
        from httpx import HTTPError, InvalidURL

        try:
            self._answered(body, headers)
        except HTTPError as error:
            # Its text may hold the address, and so a password: only its kind is told.
            kind = type(error).__name__
            raise ChannelError(f"{place_of(self._url)} did not answer: {kind}") from error
        except (InvalidURL, SSLError, ValueError) as error:
            kind = type(error).__name__
            raise ChannelError(
                f"cannot post to {place_of(self._url)}: {kind}", is_final=True
            ) from error

    def close(self) -> None:
        """Close connections. Idempotent."""
        if self._transport is not None:
            self._transport.close()

    def _answered(self, body: bytes, headers: Mapping[str, str]) -> None:
        from httpx import Request, SyncByteStream

        self.prepare()
        assert self._transport is not None  # noqa: S101 - for mypy
        request = Request(
            "POST", self._url, content=body, headers={**_HEADERS, **headers},
            extensions={"timeout": self._timeouts},
        )  # fmt: skip
        deadline = monotonic() + self._timeout_seconds
        answer = self._transport.handle_request(request)
        assert isinstance(answer.stream, SyncByteStream)  # noqa: S101 - for mypy
        with closing(answer):
            # Before the body: who refuses may be slow to say why.
            self._check(answer)
            size = 0
            for chunk in answer.stream:
                size += len(chunk)
                if size > MOST_ANSWER or monotonic() > deadline:
                    break  # it was taken; this connection is closed instead of kept

    def _check(self, answer: "Response") -> None:
        status = answer.status_code
        if 200 <= status < 300:
            return
        said = " (redirects are not followed)" if 300 <= status < 400 else ""
        raise ChannelError(
            f"{place_of(self._url)} answered with status {status}{said}",
            is_final=status < 500 and status not in PASSING,
            retry_after_seconds=wait_of(answer.headers.get("Retry-After", ""), self._clock.now()),
        )

    def _opened(self) -> "HTTPTransport":
        from httpx import HTTPTransport, Limits

        return HTTPTransport(
            verify=create_default_context(cafile=self._ca_file) if self._ca_file else True,
            trust_env=False,  # the environment is read in one place
            limits=Limits(max_connections=2, max_keepalive_connections=1, keepalive_expiry=300),
        )


def check_ca_file(path: Path | None) -> None:
    """Nothing, where the file has certificates. Raises: SettingsError."""
    try:
        if path is not None:
            create_default_context(cafile=path)
    except OSError as error:  # SSLError is one
        raise SettingsError(f"ca_file: {path} holds no certificates: {error}") from error


def wait_of(retry_after: str, now: datetime) -> float:
    """Seconds to wait, at most an hour, as a Retry-After header says it: a number or a date.

    0 for a header that is not there or says nothing. Source: RFC 9110 section 10.2.3.
    """
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)
