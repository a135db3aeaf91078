"""A hub inside this process: requests reach the doors without a network."""

import asyncio
import threading

import httpx

from llm_analytics_hub.bootstrap import open_doors, open_hub
from llm_analytics_hub.settings import Settings


class EmbeddedTransport(httpx.BaseTransport):
    """The doors of an engine opened here; the same doors that `serve` puts on a port.

    Owns the data folder until `close`. Raises: ConflictError when another process holds it.
    """

    def __init__(self, settings: Settings) -> None:
        self._hub = open_hub(settings)
        doors = open_doors(self._hub, settings)
        self._doors = httpx.ASGITransport(doors.main, raise_app_exceptions=False)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="doors", daemon=True)
        self._thread.start()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the door that the request names."""
        return asyncio.run_coroutine_threadsafe(self._answer(request), self._loop).result()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._doors.handle_async_request(request)
        body = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)

    def close(self) -> None:
        """Commit what was accepted, then release the folder."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
        self._hub.close()
