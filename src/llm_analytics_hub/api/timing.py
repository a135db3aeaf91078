"""Counts requests and how long their answers took to begin."""

from time import perf_counter

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from llm_analytics_hub.telemetry.metrics import Metrics

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OTHER = "other"


class TimedApp:
    """An application whose HTTP requests are counted, by the pattern of their route.

    Timed until an answer begins: one that streams for hours is no slow one. A few microseconds a
    request, and no task or copy of its own: bodies are passed on untouched.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._kept: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        began = perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], perf_counter() - began)
            await send(message)

        return await self._app(scope, receive, counted)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "") or _OTHER
        method = scope["method"] if scope["method"] in _METHODS else _OTHER
        key = (route, method, status)
        if key not in self._kept:
            self._kept[key] = (
                self._metrics.requests.labels(route, method, str(status)),
                self._metrics.request_seconds.labels(route),
            )
        counter, histogram = self._kept[key]
        counter.inc()
        histogram.observe(seconds)
