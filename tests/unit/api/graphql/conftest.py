"""A tenant of whom every module has told something, and questions to both doors."""

import os
from typing import Any

import httpx
import pytest
from tests.unit.api.engine_messages import decision, violation

Row = dict[str, Any]
TRACE = "0af7651916cd43dd8448eb211c80319c"

CALLS = [
    {
        "source": "observatory", "event_type": "inference.completed", "event_id": f"e{n}",
        "occurred_at": f"2025-11-{19 - n % 3}T09:0{n}:00.123456Z", "provider": "openai",
        "model": "o3" if n == 2 else "gpt-4o", "input_tokens": 1000 * n, "output_tokens": 100,
        "status": "error" if n == 2 else "ok", "latency_ms": 10.5 * n, "asset_id": f"team/a{n}",
        "cost_usd": f"0.{n}00000000001", "account_id": "acme",
        "trace_id": TRACE, "span_id": f"s{n}", "parent_span_id": f"s{n - 1}" if n else None,
        "attributes": {"team": {"name": "x"}, "size": n},
    }
    for n in range(6)
]  # fmt: skip
ASSETS = [
    {
        "id": f"team/a{n}", "asset_type": "model", "status": "active",
        "metadata": {"name": f"model {n}", "version": version, "tags": ["eu"]},
        "storage": {"backend": {"type": "s3"}, "path": "p"},
        "checksum": {"algorithm": "SHA256", "value": "5d"}, "provenance": {"author": "ann"},
        "created_at": "2025-11-18T00:00:00Z", "updated_at": f"2025-11-19T0{hour}:00:00Z",
    }
    for n, version, hour in ((0, "1.0", 7), (1, "1.0", 8), (1, "1.1", 9))
]  # fmt: skip
DECISIONS = [
    decision(1, "2025-11-19T09:01:00Z"),
    decision(2, "2025-11-19T09:02:00Z", allowed=False),
    decision(3, "2025-11-19T09:03:00Z", allowed=False, severity="critical", policy="limits"),
]
VIOLATIONS = [violation(1, "2025-11-19T09:05:00Z")]
BUDGET = {
    "signal_id": "s-1", "budget_id": "b-1", "signal_type": "gating", "severity": "gating",
    "violation_type": "limit_exceeded", "current_spend": 1025.5, "budget_limit": 1000.0,
    "remaining_budget": -25.5, "utilization_percent": 102.5, "organization_id": "acme",
    "timestamp": "2025-11-19T09:00:00Z",
}  # fmt: skip
SOLD = {
    "event_type": "consumption_request", "request_id": "r-1", "consumer_id": "c-1",
    "service_id": "961e38b5-146c-4b07-9078-f53dec9b699a",
    "timestamp": "2025-11-19T09:01:00+00:00", "latency_ms": 100,
    "usage": {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30},
    "cost": {"amount": 0.25, "currency": "USD", "breakdown": {}}, "status": "success",
    "metadata": {},
}  # fmt: skip

TOLD: tuple[tuple[str, list[Row]], ...] = (
    ("/api/v1/events", CALLS),
    ("/api/v1/ingest/registry", ASSETS),
    ("/api/v1/ingest/policy-engine", [*DECISIONS, *VIOLATIONS]),
    ("/api/v1/ingest/costops", [BUDGET]),
    ("/api/v1/ingest/marketplace", [SOLD]),
)


@pytest.fixture
async def told(client: httpx.AsyncClient) -> str:
    """The tenant; the client's own from now on."""
    client.headers["x-tenant"] = name = f"t{os.urandom(8).hex()}"
    for door, documents in TOLD:
        answer = (await client.post(door, json=documents)).json()
        assert (answer["rejected"], answer["duplicates"]) == ([], 0), answer
    return name


class Graphql:
    """Asks at the door."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def raw(self, document: str, **variables: Any) -> Row:
        """The whole response, which is 200."""
        body = {"query": document, "variables": variables}
        answer = await self.client.post("/api/v1/graphql", json=body)
        assert answer.status_code == 200, answer.text
        found: Row = answer.json()
        return found

    async def __call__(self, document: str, **variables: Any) -> Any:
        """The only field of the data, without errors."""
        found = await self.raw(document, **variables)
        assert "errors" not in found, found
        (value,) = found["data"].values()
        return value

    async def codes(self, document: str, **variables: Any) -> list[str]:
        """The codes of the errors."""
        found = await self.raw(document, **variables)
        return [error["extensions"]["code"] for error in found.get("errors", [])]


@pytest.fixture
def graphql(client: httpx.AsyncClient) -> Graphql:
    """Asks the hub of the test."""
    return Graphql(client)
