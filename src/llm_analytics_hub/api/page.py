"""The page, built when it is first asked for: ingest need not wait for its imports."""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class LazyPage:
    """An ASGI application made by `build` on first use, in a thread, once."""

    def __init__(self, build: Callable[[], ASGIApp]) -> None:
        self._build = build
        self._lock = asyncio.Lock()
        self._page: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if self._page is None:
            async with self._lock:
                if self._page is None:
                    self._page = await asyncio.to_thread(self._build)
        await self._page(scope, receive, send)
