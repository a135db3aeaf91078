"""Runs the HTTP and gRPC servers of one hub on one event loop, until a signal says stop."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog
import uvicorn
from starlette.types import ASGIApp

from llm_analytics_hub.api.timing import TimedApp
from llm_analytics_hub.bootstrap import Doors, Hub
from llm_analytics_hub.cli.house import keep_house
from llm_analytics_hub.cli.protocols import (
    MESSAGE_BYTES,
    PING_SECONDS,
    PONG_SECONDS,
    HubHttp,
    hub_socket,
)
from llm_analytics_hub.errors import SettingsError
from llm_analytics_hub.settings import Settings

if TYPE_CHECKING:
    from llm_analytics_hub.api.otlp_grpc import OtlpGrpcServer

log = structlog.get_logger(__name__)

Ready = Callable[[str], Awaitable[None]]
"""What to do with the address of a hub that answers."""

DRAIN_SECONDS = 20


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to `host` and `port` (0 picks one). Raises: SettingsError if it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise _taken(f"{host}:{port}", error.strerror or str(error)) from error
    return sock


def _taken(address: str, reason: str) -> SettingsError:
    return SettingsError(f"cannot listen on {address}: {reason}; choose another port")


class Servers:
    """The servers of the main, OTLP (HTTP, gRPC) and metrics ports."""

    def __init__(self, settings: Settings) -> None:
        self._host = settings.host
        self._has_alerts = settings.alerts.enabled
        self._main = listen(settings.host, settings.port)
        self._sockets = {"main": self._main}
        self._grpc: socket.socket | None = None
        with contextlib.ExitStack() as undo:
            undo.callback(self.close)
            for name, port in (
                ("otlp", settings.otlp_http_port),
                ("metrics", settings.metrics_port),
            ):
                if port:
                    self._sockets[name] = listen(settings.host, port)
            if settings.otlp_grpc_port:
                self._grpc = listen(settings.host, settings.otlp_grpc_port)
            undo.pop_all()

    @property
    def url(self) -> str:
        """Where the main port is reached."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._main.getsockname()[1]}"

    def close(self) -> None:
        """Release the ports."""
        for sock in self._sockets.values():
            sock.close()
        if self._grpc is not None:
            self._grpc.close()

    async def run(self, hub: Hub, doors: Doors, on_ready: Ready) -> None:
        """Serve until SIGTERM or SIGINT; then finish open requests, and return."""
        apps: dict[str, ASGIApp] = {
            "main": TimedApp(doors.main, hub.metrics),
            "otlp": TimedApp(doors.otlp, hub.metrics),
            "metrics": doors.metrics,
        }
        servers = [_server(apps[name]) for name in self._sockets]
        serving = [
            asyncio.create_task(server.serve(sockets=[sock]))
            for server, sock in zip(servers, self._sockets.values(), strict=True)
        ]
        stop = _stop_signal()
        await _until_started(servers, serving)
        rpc = await self._start_grpc(doors)
        doors.health.started = True
        # What is there now stays: spare the collector from walking it again and again.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        ready = asyncio.create_task(_ready(on_ready, self.url, stop))
        chores = asyncio.create_task(keep_house(hub, stop))
        if self._has_alerts:
            hub.alerting.start()
        await hub.connectors.start()
        await asyncio.to_thread(hub.exports.start)
        await asyncio.wait(
            [asyncio.create_task(stop.wait()), *serving], return_when="FIRST_COMPLETED"
        )
        doors.health.stopping = True
        await doors.streams.stop()
        await hub.connectors.stop()
        await _drain(servers, serving, rpc)
        stop.set()
        await chores
        ready.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ready
        log.info("drained", waiting_rows=hub.store.waiting_rows)

    async def _start_grpc(self, doors: Doors) -> "OtlpGrpcServer | None":
        """The gRPC server, listening. Raises: SettingsError if the port was taken meanwhile."""
        if self._grpc is None:
            return None
        host, port = self._grpc.getsockname()[:2]
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        server = doors.otlp_grpc()
        self._grpc.close()  # gRPC takes no socket of ours: this one only kept the port
        try:
            await server.start(address)
        except RuntimeError as error:
            raise _taken(address, str(error)) from error
        return server


async def _ready(on_ready: Ready, url: str, stop: asyncio.Event) -> None:
    try:
        await on_ready(url)
    except BaseException:
        stop.set()
        raise


async def _drain(
    servers: list[uvicorn.Server],
    serving: list[asyncio.Task[None]],
    rpc: "OtlpGrpcServer | None",
) -> None:
    for server in servers:
        server.should_exit = True
    answered = [rpc.stop(DRAIN_SECONDS)] if rpc else []
    await asyncio.gather(*serving, *answered)


def _server(app: ASGIApp) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=DRAIN_SECONDS,
        timeout_keep_alive=75,
        server_header=False,
        http=HubHttp,
        ws=hub_socket,  # type: ignore[arg-type]  # it is called like a class
        ws_max_size=MESSAGE_BYTES,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PONG_SECONDS,
        ws_per_message_deflate=False,  # a dictionary for each receiver, and its own work for each
    )
    server = uvicorn.Server(config)
    # Else it would stop at the signal by itself, before the streams are told to end.
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment]
    return server


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _until_started(servers: list[uvicorn.Server], serving: list[asyncio.Task[None]]) -> None:
    while not all(server.started for server in servers):
        for task in serving:
            if task.done():
                task.result()
        await asyncio.sleep(0.005)
