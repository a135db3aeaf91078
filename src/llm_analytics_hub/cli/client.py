"""The command line's client of a hub: HTTP, patient with a busy hub, errors of our own tree."""

import threading
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from llm_analytics_hub.errors import (
    ConflictError,
    DeniedError,
    HubError,
    InvalidInputError,
    NotFoundError,
    SaturatedError,
    TooLargeError,
    UnavailableError,
    UnsupportedError,
    UnsupportedMediaTypeError,
)
from llm_analytics_hub.ingest.receipt import Receipt

ATTEMPTS = 8
FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 30.0
TIMEOUT = httpx.Timeout(90.0, connect=5.0)
BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}

_LETTERS = "/api/v1/dead-letters"
_ANY: Mapping[str, str] = {}

T = TypeVar("T")

_KINDS: Mapping[int, type[HubError]] = {
    400: InvalidInputError,
    401: DeniedError,
    403: DeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: TooLargeError,
    415: UnsupportedMediaTypeError,
    429: SaturatedError,
    501: UnsupportedError,
}


class HubClient:
    """A connection to one hub, as one tenant; safe for many threads.

    Every method raises the hub's own errors: UnavailableError when nothing answers, or what the
    hub's problem document says. A busy hub (429, 503) is asked again as it wishes, 8 times in all;
    so is one that went away, but not one that never answered.
    """

    def __init__(
        self,
        url: str,
        tenant: str,
        *,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        """`transport` replaces the network, `pause` waits for seconds."""
        if httpx.URL(url).scheme not in {"http", "https"}:
            raise InvalidInputError(f"{url!r} is no address: write it as http://host:port")
        self.url = url.rstrip("/")
        self._gave_up = threading.Event()
        self._pause = pause or self._gave_up.wait
        self._has_answered = False
        self._http = httpx.Client(
            base_url=self.url, headers={"X-Tenant": tenant}, timeout=TIMEOUT, transport=transport
        )

    def send(self, lines: bytes) -> Receipt:
        """What became of NDJSON events; their ids are remembered as long as the events are kept."""
        body = self._call(
            "POST", "/api/v1/events", content=lines, params={"deduplicate": "always"},
            headers={"content-type": "application/x-ndjson"},
        )  # fmt: skip
        return self._read(body, Receipt)

    def send_native(self, module: str, body: bytes, content_type: str) -> Receipt:
        """What became of a payload in the shapes of a module. Raises: NotFoundError for no module."""
        answer = self._call(
            "POST", f"/api/v1/ingest/{quote(module, safe='')}", content=body,
            params={"deduplicate": "always"}, headers={"content-type": content_type},
        )  # fmt: skip
        return self._read(answer, Receipt)

    def ask(self, question: Mapping[str, Any]) -> bytes:
        """The JSON answer to a question, as it came."""
        return self._call("POST", "/api/v1/query", json=dict(question))

    def catalog(self) -> bytes:
        """The JSON list of measures, dimensions, granularities and operators, as it came."""
        return self._call("GET", "/api/v1/catalog")

    def dead_letters(
        self, limit: int, where: Mapping[str, str] = _ANY, cursor: str | None = None
    ) -> dict[str, Any]:
        """A page of refused events that meet `where`, newest first, the next cursor, and if more are kept."""
        asked = {**where, "limit": limit} | ({"cursor": cursor} if cursor else {})
        return self._read(self._call("GET", _LETTERS, params=asked), dict[str, Any])

    def dead_letter(self, letter_id: str) -> dict[str, Any]:
        """One refused event. Raises: NotFoundError."""
        path = f"{_LETTERS}/{quote(letter_id, safe='')}"
        return self._read(self._call("GET", path), dict[str, Any])

    def replay(
        self,
        ids: Sequence[str],
        where: Mapping[str, str] = _ANY,
        cursor: str | None = None,
        *,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Offer refused events again, all that meet `where` if `ids` is empty, from `cursor` on.

        What became of them: tried, stored, repeats, remaining, reasons, and the next cursor.
        """
        asked = _chosen(ids, where) | ({"dry_run": True} if dry_run else {})
        asked |= {"cursor": cursor} if cursor else {}
        return self._read(self._call("POST", f"{_LETTERS}/replay", json=asked), dict[str, Any])

    def purge(self, ids: Sequence[str], where: Mapping[str, str] = _ANY) -> int:
        """Forget refused events, all that meet `where` if `ids` is empty; how many."""
        body = self._call("POST", f"{_LETTERS}/purge", json=_chosen(ids, where))
        return self._read(body, dict[str, int])["purged"]

    def integrations(self) -> list[dict[str, Any]]:
        """The modules, what came from each, and their connectors."""
        body = self._call("GET", "/api/v1/integrations")
        return self._read(body, dict[str, list[dict[str, Any]]])["integrations"]

    def turn_connector(self, name: str, action: str) -> dict[str, Any]:
        """Pause or resume a connector; how it is doing then. Raises: NotFoundError."""
        path = f"/api/v1/integrations/connectors/{quote(name, safe='')}/{action}"
        return self._read(self._call("POST", path), dict[str, Any])

    def give_up(self) -> None:
        """End all waiting for a busy hub: the calls under way fail now."""
        self._gave_up.set()

    def close(self) -> None:
        """End the connection."""
        self._http.close()

    def _call(self, method: str, path: str, **content: Any) -> bytes:
        for attempt in range(ATTEMPTS):
            answer = self._try(method, path, content)
            if isinstance(answer, httpx.Response) and answer.status_code not in BUSY:
                return self._content(answer)
            is_last = attempt == ATTEMPTS - 1
            if is_last or not self._has_answered or self._gave_up.is_set():
                break
            self._pause(_wait_seconds(answer, attempt))
        raise self._tired(answer)

    def _try(
        self, method: str, path: str, content: Mapping[str, Any]
    ) -> httpx.Response | httpx.TransportError:
        try:
            answer = self._http.request(method, path, **content)
        except httpx.TransportError as error:
            return error
        self._has_answered = True
        return answer

    def _content(self, answer: httpx.Response) -> bytes:
        if answer.is_success:
            return answer.content
        raise _error_of(answer) or self._no_hub(f"status {answer.status_code}")

    def _read(self, body: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.DecodeError as error:
            raise self._no_hub("its answer makes no sense") from error

    def _no_hub(self, sign: str) -> HubError:
        message = (
            f"what answers at {self.url} is no hub ({sign}): name the hub's address with --url"
        )
        return UnavailableError(message, code="not_a_hub")

    def _tired(self, answer: httpx.Response | httpx.TransportError) -> HubError:
        if isinstance(answer, httpx.Response):
            return _error_of(answer) or UnavailableError(f"the hub at {self.url} stays unavailable")
        if self._has_answered:
            return UnavailableError(f"the hub at {self.url} went away ({type(answer).__name__})")
        return UnavailableError(
            f"no hub answers at {self.url}: start one with `analytics-hub serve`, "
            "or name its address with --url"
        )


def _chosen(ids: Sequence[str], where: Mapping[str, str]) -> dict[str, Any]:
    return {"ids": list(ids)} if ids else dict(where) or {"all": True}


def _wait_seconds(answer: httpx.Response | httpx.TransportError, attempt: int) -> float:
    wished = answer.headers.get("Retry-After", "") if isinstance(answer, httpx.Response) else ""
    seconds = float(wished) if wished.isdigit() else FIRST_WAIT_SECONDS * 2**attempt
    return min(seconds, LONGEST_WAIT_SECONDS)


class _Problem(msgspec.Struct):
    code: str
    detail: str


def _error_of(answer: httpx.Response) -> HubError | None:
    """The error that a problem document tells; None if the answer is no such document."""
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except msgspec.DecodeError:
        return None
    error = _KINDS.get(answer.status_code, UnavailableError)(problem.detail)
    error.code = problem.code
    return error
