"""`/health/*` and `/metrics`: for orchestrators and Prometheus."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
import prometheus_client
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import HubError
from llm_analytics_hub.telemetry.metrics import Metrics

Check = Callable[[], object]
Handler = Callable[[Request], Awaitable[Response]]


@dataclass
class HealthDoor:
    """Handlers of the health routes. `checks` are called in threads; raising HubError is DOWN."""

    clock: Clock
    metrics: Metrics
    checks: dict[str, Check]
    started: bool = False
    stopping: bool = False

    async def live(self, _: Request) -> Response:
        """200 while the process answers."""
        return self._answer(200, "UP")

    async def ready(self, _: Request) -> Response:
        """200 when the hub takes and answers; 503 with the check that is down."""
        up, found = await self.readiness()
        return self._answer(200 if up else 503, "READY" if up else "NOT_READY", checks=found)

    async def readiness(self) -> tuple[bool, dict[str, str]]:
        """Whether the hub takes and answers; and the state of each check."""
        found = {
            name: await asyncio.to_thread(_state, check) for name, check in self.checks.items()
        }
        up = self.started and not self.stopping and all(state == "UP" for state in found.values())
        return up, found

    async def startup(self, _: Request) -> Response:
        """200 once the store is open and recovered."""
        return self._answer(200, "STARTED") if self.started else self._answer(503, "STARTING")

    async def prometheus(self, _: Request) -> Response:
        """All metrics as Prometheus text."""
        text = prometheus_client.generate_latest(self.metrics.registry)
        return Response(text, media_type=prometheus_client.CONTENT_TYPE_LATEST)

    def routes(self, metrics: Handler | None = None) -> list[Route]:
        """The four routes; `metrics` answers in place of `prometheus`."""
        return [
            Route("/health/live", self.live),
            Route("/health/ready", self.ready),
            Route("/health/startup", self.startup),
            Route("/metrics", metrics or self.prometheus),
        ]

    def _answer(self, code: int, status: str, **more: object) -> Response:
        timestamp = self.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        body = {"status": status, "timestamp": timestamp, **more}
        return Response(msgspec.json.encode(body), code, media_type="application/json")


def _state(check: Check) -> str:
    try:
        check()
    except HubError:
        return "DOWN"
    return "UP"
