"""The command line's client of a hub: HTTP, patient with a busy hub, errors of our own tree."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from llm_analytics_hub.client import Hub
from llm_analytics_hub.client.answers import JSON
from llm_analytics_hub.client.call import Call
from llm_analytics_hub.client.exchange import not_a_hub
from llm_analytics_hub.ingest.receipt import Receipt

_HINT = " with --url"
_LETTERS = "/api/v1/dead-letters"
_ANY: Mapping[str, str] = {}

T = TypeVar("T")


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
        self._hub = Hub(url, tenant=tenant, hint=_HINT, transport=transport, pause=pause)
        self.url = self._hub.url

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

    def explain(self, question: Mapping[str, Any]) -> bytes:
        """How the hub would answer, as JSON, as it came."""
        return self._call("POST", "/api/v1/query/explain", json=dict(question))

    def sql(self, statement: str, args: Mapping[str, str], limit: int) -> bytes:
        """The JSON answer to a SELECT, as it came; `args` are the values of its `{name:Type}`."""
        asked = {"sql": statement, "args": dict(args), "limit": limit}
        return self._call("POST", "/api/v1/sql", json=asked)

    def analyze(self, analysis: Mapping[str, Any]) -> bytes:
        """The JSON answer to an analysis, as it came."""
        return self._call("POST", "/api/v1/analyze", json=dict(analysis))

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

    def call(self, method: str, path: str, **content: Any) -> bytes:
        """The answer of any door, as it came; `content` is what httpx takes: json, headers."""
        return self._call(method, path, **content)

    def give_up(self) -> None:
        """End all waiting for a busy hub: the calls under way fail now."""
        self._hub.give_up()

    def close(self) -> None:
        """End the connection."""
        self._hub.close()

    def _call(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        params: Mapping[str, Any] = _ANY,
        headers: Mapping[str, str] = _ANY,
    ) -> bytes:
        if json is not None:
            content, headers = msgspec.json.encode(json), {"content-type": JSON}
        return self._hub.do(Call(method, path, _content, params, headers, content))

    def _read(self, body: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.DecodeError as error:
            raise not_a_hub(self.url, "its answer makes no sense", _HINT) from error


def _chosen(ids: Sequence[str], where: Mapping[str, str]) -> dict[str, Any]:
    return {"ids": list(ids)} if ids else dict(where) or {"all": True}


def _content(answer: httpx.Response) -> bytes:
    return answer.content
