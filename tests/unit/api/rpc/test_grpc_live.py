"""Live streams over gRPC: what comes, for whom, from where, and how they end."""

import os
from datetime import timedelta
from typing import Any

import grpc
import httpx
import pytest

from llm_analytics_hub.bootstrap import Doors, Hub

from .calls import Rpc, refused

QUERY = "llm_analytics_hub.query.v1.QueryService"
REGISTRY = "analytics.integration.v1.RegistryIntegration"
POLICY = "analytics.integration.v1.PolicyEngineIntegration"

pytestmark = pytest.mark.timeout(60)


async def post(hub: Hub, client: httpx.AsyncClient, *events: dict[str, Any]) -> list[str]:
    """Store events, a second later than those before; their ids."""
    hub.clock.set(hub.clock.now() + timedelta(seconds=1))  # type: ignore[attr-defined]
    ids = [os.urandom(6).hex() for _ in events]
    at = hub.clock.now().isoformat()
    told = [
        {"source": "app", "event_type": "a.b", "occurred_at": at, **one, "event_id": name}
        for name, one in zip(ids, events, strict=True)
    ]
    answer = (await client.post("/api/v1/events", json=told)).json()
    assert answer == {"accepted": len(events), "duplicates": 0, "rejected": []}
    return ids


async def test_events_come_as_they_are_stored(
    hub: Hub, rpc: Rpc, client: httpx.AsyncClient
) -> None:
    said = {"filters": [{"condition": {"field": "latency_ms", "op": "gt", "value": 5}}]}
    call = rpc.stream(QUERY, "StreamEvents", said)
    first = await call.read()
    assert (list(first.events), first.missed, bool(first.cursor)) == ([], 0, True)
    sent = await post(hub, client, {"latency_ms": 9, "cost_usd": "0.123456789012"}, {})
    client.headers["x-tenant"] = f"x{rpc.tenant}"
    await post(hub, client, {"latency_ms": 9})
    client.headers["x-tenant"] = rpc.tenant
    later = await post(hub, client, {"latency_ms": 9})
    told = await call.read()
    assert [one.event_id for one in told.events] == sent[:1]
    assert '"cost_usd":0.123456789012' in told.events[0].json
    assert [one.event_id for one in (await call.read()).events] == later
    call.cancel()
    again = rpc.stream(QUERY, "StreamEvents", {**said, "cursor": told.cursor})
    assert [one.event_id for one in (await again.read()).events] == later
    again.cancel()


async def test_stored_events_go_on_with_what_comes(
    hub: Hub, rpc: Rpc, client: httpx.AsyncClient
) -> None:
    one = {"source": "registry", "event_type": "asset.updated", "asset_id": "a"}
    before = await post(hub, client, one, one)
    call = rpc.stream(REGISTRY, "StreamAssetEvents", {"follow": True, "limit": 4})
    assert {(await call.read()).event_id for _ in range(2)} == set(before)
    (third,) = await post(hub, client, one)
    told = await call.read()
    assert told.event_id == third
    (last,) = await post(hub, client, one)
    assert (await call.read()).event_id == last
    assert await call.read() == grpc.aio.EOF
    said = {"follow": True, "limit": 1, "cursor": told.cursor}
    (again,) = await rpc.many(REGISTRY, "StreamAssetEvents", said)
    assert again.event_id == last


async def test_violations_are_followed(hub: Hub, rpc: Rpc, client: httpx.AsyncClient) -> None:
    call = rpc.stream(POLICY, "StreamViolations", {"follow": True, "limit": 1})
    one = {"source": "policy-engine", "event_type": "violation.detected", "policy_id": "p"}
    await post(hub, client, one)
    assert [piece.policy_id async for piece in call] == ["p"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"cursor": "x"}, "cursor"),
        ({"filters": [{"condition": {"field": "nope", "value": 1}}]}, "filters"),
        ({"filters": [{"condition": {"field": "asset.owner", "value": "x"}}]}, "filters"),
    ],
)
async def test_what_cannot_be_streamed_is_refused(rpc: Rpc, said: Any, field: str) -> None:
    code, details = await refused(rpc.stream(QUERY, "StreamEvents", said).read())
    assert code.name == "INVALID_ARGUMENT"
    assert details["BadRequest"].field_violations[0].field == field


async def test_a_hub_that_stops_ends_them(rpc: Rpc, doors: Doors, hub: Hub) -> None:
    call = rpc.stream(QUERY, "StreamEvents")
    await call.read()
    await doors.streams.stop()
    code, details = await refused(call.read())
    assert (code.name, "RetryInfo" in details) == ("UNAVAILABLE", True)
    hub.subscriptions._is_closed = False  # for the next test of the module
