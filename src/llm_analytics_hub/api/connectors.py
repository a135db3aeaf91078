"""`/api/v1/integrations`: the modules, what came from each, and the connections that are kept up."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request

from llm_analytics_hub.api.body import tenant_of
from llm_analytics_hub.connectors.state import ConnectorState
from llm_analytics_hub.connectors.supervisor import Supervisor, by_module
from llm_analytics_hub.integrations.catalog import INTEGRATIONS
from llm_analytics_hub.telemetry.metrics import Metrics

_OUTCOMES = {"accepted": "accepted", "duplicates": "duplicate", "refused": "refused"}
_BY_API = "api"


def connector_routes(supervisor: Supervisor, metrics: Metrics) -> APIRouter:
    """Routes for people who look after the connections to the modules."""
    routes = APIRouter(prefix="/api/v1/integrations", tags=["integrations"])

    @routes.get("", summary="The modules: what came from each, and its connectors")
    async def page(request: Request) -> dict[str, Any]:
        tenant = tenant_of(request)
        connectors = by_module(supervisor.states(tenant))
        return {
            "integrations": [
                _module(metrics, tenant, name, connectors.get(name, ())) for name in INTEGRATIONS
            ]
        }

    @routes.get("/connectors/{name}", summary="How one connector is doing")
    async def one(name: str, request: Request) -> dict[str, Any]:
        return _shown(supervisor.state(tenant_of(request), name))

    @routes.post("/connectors/{name}/pause", summary="Stop a connector until it is resumed")
    async def pause(name: str, request: Request) -> dict[str, Any]:
        return _shown(await supervisor.pause(tenant_of(request), name, _BY_API))

    @routes.post("/connectors/{name}/resume", summary="Go on with a connector")
    async def resume(name: str, request: Request) -> dict[str, Any]:
        return _shown(await supervisor.resume(tenant_of(request), name, _BY_API))

    return routes


def _module(
    metrics: Metrics, tenant: str, name: str, connectors: Sequence[ConnectorState]
) -> dict[str, Any]:
    """A module; its events are counted since the hub started, through every door."""
    counts = {said: metrics.events_of(tenant, name, outcome) for said, outcome in _OUTCOMES.items()}
    return {"module": name, "events": counts, "connectors": [_shown(one) for one in connectors]}


def _shown(state: ConnectorState) -> dict[str, Any]:
    """A state without the members that are unknown; times as everywhere in the API."""
    return {
        name: value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(value, datetime) else value
        for name, value in asdict(state).items()
        if value is not None
    }
