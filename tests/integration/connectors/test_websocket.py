"""WebSocket: what the observatory tells its subscribers, server taken down and all."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.connectors.websocket import WebSocketSettings
from llm_analytics_hub.integrations.payload import Payload

from .conftest import Connected, OpenHub, samples, until

NOTICES = {
    "ws_trace_created.json": "trace.created",
    "ws_metric_threshold.json": "metric.threshold_exceeded",
    "ws_cost_threshold.json": "cost.threshold_exceeded",
}


def notice(number: int) -> str:
    data = {
        "trace_id": f"{number:032x}", "org_id": "org-1", "provider": "openai", "model": "gpt-4o",
        "environment": "production", "user_id": None, "cost_usd": 0.5, "duration_ms": number,
        "status_code": "OK", "timestamp": "2025-11-19T10:00:01.432Z",
    }  # fmt: skip
    sent = {"type": "event", "event_type": "trace_created", "data": data}
    return json.dumps({**sent, "timestamp": "2025-11-19T10:00:01.500Z"})


@dataclass
class Observatory:
    """A server that confirms subscriptions, and tells what a test says."""

    answer: str = '{"type": "subscribed", "events": [], "subscription_id": "s"}'
    heard: list[Any] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    clients: list[ServerConnection] = field(default_factory=list)
    redirect: str = ""
    server: Server | None = None
    port: int = 0

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    async def tell(self, *messages: str | bytes) -> None:
        for message in messages:
            await self.clients[-1].send(message)

    async def came(self) -> None:
        """Return when the other side has all that was told: it answers in order."""
        await (await self.clients[-1].ping())

    async def start(self) -> None:
        self.server = await serve(
            self._serve, "127.0.0.1", self.port, process_request=self._look, close_timeout=1
        )
        self.port = next(iter(self.server.sockets)).getsockname()[1]

    async def stop(self) -> None:
        assert self.server is not None
        self.server.close()
        await self.server.wait_closed()

    def _look(self, _: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        if self.redirect:
            return Response(302, "Found", Headers(Location=self.redirect))
        return None

    async def _serve(self, connection: ServerConnection) -> None:
        async for message in connection:
            self.heard.append(json.loads(message))
            kind = self.heard[-1].get("type")
            await connection.send('{"type": "pong"}' if kind == "ping" else self.answer)
            if kind != "ping":
                self.clients.append(connection)


@asynccontextmanager
async def _running(**told: Any) -> AsyncIterator[Observatory]:
    observatory = Observatory(**told)
    await observatory.start()
    try:
        yield observatory
    finally:
        await observatory.stop()


def listening(observatory: Observatory, **more: Any) -> dict[str, Any]:
    return {"kind": "websocket", "module": "observatory", "url": observatory.url, **more}


async def subscribed(hub: Connected, observatory: Observatory, clients: int = 1) -> None:
    await until(lambda: len(observatory.clients) == clients)


async def test_every_sample_arrives_and_what_is_no_event_does_not(
    shared: Path, tmp_path: Path, open_connected: OpenHub
) -> None:
    bodies = samples(shared, "observatory", list(NOTICES))
    async with _running() as observatory:
        who = {"token": "geheim", "ping": 0.02}
        async with open_connected(tmp_path, live=listening(observatory, **who)) as hub:
            await subscribed(hub, observatory)
            await until(lambda: {"type": "ping"} in observatory.heard)
            await observatory.tell(*bodies.values())
            events = await hub.stored(len(bodies))
            assert sorted(event["event_type"] for event in events) == sorted(NOTICES.values())
            assert (hub.state("live").rejected, hub.state("live").phase) == (0, "running")
        wish = observatory.heard[0]
        assert (wish["type"], len(wish["events"]), wish["filters"]) == ("subscribe", 6, {})
        assert observatory.requests[0].headers["Authorization"] == "Bearer geheim"


async def test_what_came_is_stored_before_a_pause_takes_hold(
    tmp_path: Path, open_connected: OpenHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_free, store = asyncio.Event(), Link.store

    async def slow(link: Link, payloads: Sequence[Payload]) -> object:
        await is_free.wait()
        return await store(link, payloads)

    monkeypatch.setattr(Link, "store", slow)
    async with (
        _running() as observatory,
        open_connected(tmp_path, live=listening(observatory, batch=7, held=50)) as hub,
    ):
        await subscribed(hub, observatory)
        await observatory.tell(*map(notice, range(80)))
        await observatory.came()
        pausing = asyncio.ensure_future(hub.hub.connectors.pause("default", "live", "test"))
        await observatory.clients[0].wait_closed()
        is_free.set()
        await pausing
        assert len(hub.ids()) == len(set(hub.ids())) == 80
        await hub.hub.connectors.resume("default", "live", "test")
        await subscribed(hub, observatory, 2)
        await observatory.tell(notice(79), notice(80))
        await until(lambda: hub.state("live").duplicates == 1)
        assert len(hub.ids()) == 81


async def test_bad_messages_become_dead_letters_and_good_ones_events(
    tmp_path: Path, open_connected: OpenHub
) -> None:
    async with (
        _running() as observatory,
        open_connected(tmp_path, live=listening(observatory)) as hub,
    ):
        await subscribed(hub, observatory)
        for number in range(200):
            await observatory.tell(notice(number), b"\xff no json %d" % number)
        await until(lambda: hub.state("live").rejected == 200)
        assert len(hub.ids()) == hub.state("live").accepted == 200


async def test_the_server_may_go_and_come_back(tmp_path: Path, open_connected: OpenHub) -> None:
    async with (
        _running() as observatory,
        open_connected(tmp_path, live=listening(observatory)) as hub,
    ):
        await subscribed(hub, observatory)
        await observatory.tell(notice(1), notice(2))
        await observatory.stop()
        await hub.stored(2)
        await until(lambda: hub.state("live").phase == "retrying")
        await observatory.start()
        await subscribed(hub, observatory, 2)
        await observatory.tell(notice(2), notice(3))
        await hub.stored(3)
        assert len(hub.ids()) == 3


async def test_an_error_that_is_told_is_the_state(tmp_path: Path, open_connected: OpenHub) -> None:
    refusal = '{"type": "error", "code": "forbidden", "message": "traces:read"}'
    async with (
        _running(answer=refusal) as observatory,
        open_connected(tmp_path, live=listening(observatory)) as hub,
    ):
        await until(lambda: hub.state("live").failures >= 1)
        assert "forbidden: traces:read" in hub.state("live").last_error
        assert hub.ids() == []


async def test_a_server_that_does_not_answer_is_left(
    tmp_path: Path, open_connected: OpenHub
) -> None:
    async with (
        _running() as observatory,
        open_connected(tmp_path, live=listening(observatory, ping=0.05)) as hub,
    ):
        await subscribed(hub, observatory)
        observatory.clients[0].transport.pause_reading()
        await until(lambda: hub.state("live").failures >= 1)
        assert "does not answer" in hub.state("live").last_error


async def test_no_other_host_learns_the_secret() -> None:
    async with _running() as thief, _running(redirect=thief.url) as observatory:
        who = {"header": "X-API-Key", "secret": "geheim"}
        settings = WebSocketSettings.model_validate(listening(observatory, **who))
        link: Any = None
        with pytest.raises(Exception, match="302"):
            await settings.connector().run(link)
        assert observatory.requests[0].headers["X-API-Key"] == "geheim"
        assert thief.requests == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"url": "http://x"}, "must be ws"),
        ({"url": "ws://me:geheim@x"}, "no place for a password"),
        ({"header": "X-API-Key"}, "secret"),
        ({"token": "a", "token_file": "b"}, "token_file"),
    ],
)
def test_a_setting_that_is_wrong_is_named(more: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        WebSocketSettings.model_validate({"module": "observatory", "url": "ws://x:1", **more})
