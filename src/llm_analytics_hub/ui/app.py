"""The page as an ASGI application, mounted last at the root of the hub's own."""

from pathlib import Path

from dash import Dash
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.interface import EventReader
from llm_analytics_hub.telemetry.metrics import Metrics
from llm_analytics_hub.ui.callbacks import register_callbacks
from llm_analytics_hub.ui.layout import page
from llm_analytics_hub.ui.snapshot import Overview

ASSETS = Path(__file__).parent / "assets"
OWN_PATHS = ("/_dash-", "/assets/", "/_favicon.ico")
INDEX = (Path(__file__).parent / "index.html").read_text(encoding="utf-8")


def build_ui(queries: QueryService, reader: EventReader, metrics: Metrics, clock: Clock) -> ASGIApp:
    """The pages; paths that are none of theirs raise 404, answered by the app they are mounted on."""
    server = FastAPI(openapi_url=None)
    app = Dash(
        "llm_analytics_hub.ui",
        server=server,  # type: ignore[arg-type]
        title="LLM Analytics Hub",
        update_title="",
        assets_folder=str(ASSETS),
        index_string=INDEX,
        serve_locally=True,
    )
    # Nothing here uses it, and a browser would try it again and again.
    app.backend.websocket_capability = False
    app.layout = page()
    register_callbacks(app, Overview(queries, reader, metrics, clock), clock)
    return OwnPaths(server)


class OwnPaths:
    """Lets the pages answer for their own paths only: an unknown API path stays a JSON 404."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection. Raises: HTTPException 404."""
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        elif scope["type"] == "http" and not _is_own(scope["path"]):
            raise HTTPException(404, f"there is no {scope['path']}")
        else:
            await self._app(scope, receive, send)


def _is_own(path: str) -> bool:
    return path in ("", "/") or path.startswith(OWN_PATHS)
