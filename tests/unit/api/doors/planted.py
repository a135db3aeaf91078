"""What each tenant has: the same ids, and texts that hold its name, so that every leak shows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

Row = dict[str, Any]
NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
TRACE = "0af7651916cd43dd8448eb211c8031{:02x}"
ASSETS = ("shared/asset0", "shared/asset1", "shared/asset2")
MANY = 48


KEPT = "kept-of-{}-8c1f"


def secret(tenant: str) -> str:
    """A text that stands in what a tenant stored, and in nothing that anybody asks."""
    return KEPT.format(tenant)


def plant(http: httpx.Client, tenant: str) -> None:
    """Send everything of a tenant: events, assets, a metric, and what is refused."""
    headers = {"x-tenant": tenant}
    sent = (
        ("/api/v1/events", [*events(tenant), *own_events(tenant)], MANY + 6),
        ("/api/v1/ingest/registry", [asset(tenant, n) for n in range(len(ASSETS))], len(ASSETS)),
        ("/v1/metrics", _metrics(tenant), None),
    )
    for door, body, accepted in sent:
        answer = http.post(door, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json().get("accepted") == accepted, answer.text
    refused = http.post("/api/v1/events", json=[{"source": secret(tenant)}], headers=headers)
    assert len(refused.json()["rejected"]) == 1


def events(tenant: str) -> list[Row]:
    """Model calls of eight days, some of the hour in which Berlin sets its clocks back."""
    return [_call(tenant, n) for n in range(MANY)]


def _call(tenant: str, n: int) -> Row:
    known: Row = {
        "source": "observatory", "event_type": "inference.completed", "event_id": f"shared-e{n}",
        "occurred_at": _moment(n).isoformat(), "model": f"{tenant}-m{n % 5}",
        "provider": ("openai", "anthropic", "mistral")[n % 3], "service": f"{tenant}-svc{n % 2}",
        "status": ("ok", "ok", "error", "denied")[n % 4], "error_type": secret(tenant),
        "input_tokens": 1000 + n, "output_tokens": 10 * n, "latency_ms": 10.25 * n,
        "cost_usd": f"{n % 7 * 1_234_567}.{n:02}0000000{n:03}", "user_id": f"{tenant}-u{n % 6}",
        "asset_id": ASSETS[n % 3], "trace_id": TRACE.format(n % 6), "span_id": f"s{n}",
        "attributes": {"team": {"name": f"{tenant}-team{n % 3}"}, "size": n, "on": n % 2 == 0,
                       "gen_ai:odd/key": f"{tenant}, \"{n % 2}\"\n;'"},
        "content": {"input": [{"role": "user", "content": secret(tenant)}]},
    }  # fmt: skip
    unknown = ("model", "latency_ms", "cost_usd") if n % 11 == 10 else ()
    return {name: value for name, value in known.items() if name not in unknown}


def _moment(n: int) -> datetime:
    if n >= MANY - 8:
        return datetime(2025, 10, 25, 22, 30, tzinfo=UTC) + n % 8 * timedelta(minutes=50)
    return NOW - timedelta(hours=4, minutes=7) * n - timedelta(seconds=1)


def own_events(tenant: str) -> list[Row]:
    """Findings of security, and an event, a trace and an asset whose ids only this tenant has."""
    found = [
        {"source": "sentinel", "event_type": "anomaly.detected", "event_id": f"shared-a{n}",
         "occurred_at": (NOW - timedelta(days=n, hours=1)).isoformat(), "score": 0.25 * n,
         "severity": ("low", "high", "critical")[n % 3], "user_id": f"{tenant}-u{n}"}
        for n in range(5)
    ]  # fmt: skip
    own = {**_call(tenant, 3), "event_id": f"{tenant}-event", "trace_id": f"{tenant}-trace",
           "asset_id": f"{tenant}/asset"}  # fmt: skip
    return [*found, own]


def asset(tenant: str, n: int) -> Row:
    """An asset as the registry tells of it."""
    told = {"name": f"{tenant} asset {n}", "version": f"1.{n}", "tags": [tenant, "eu"],
            "description": secret(tenant), "annotations": {"cost": {"center": f"{tenant}-cc{n % 2}"}}}  # fmt: skip
    return {
        "id": ASSETS[n], "asset_type": "model", "status": "active", "metadata": told,
        "storage": {"backend": {"type": "s3"}, "path": f"{tenant}/p"},
        "checksum": {"algorithm": "SHA256", "value": "5d"},
        "provenance": {"author": f"{tenant}-owner{n % 2}"},
        "created_at": "2025-11-18T00:00:00Z", "updated_at": "2025-11-19T08:00:00Z",
    }  # fmt: skip


def _metrics(tenant: str) -> Row:
    at = int((NOW - timedelta(hours=1)).timestamp() * 10**9)
    point = {"timeUnixNano": str(at), "asDouble": 2.5,
             "attributes": [{"key": "who", "value": {"stringValue": secret(tenant)}}]}  # fmt: skip
    metric = {"name": "gen_ai.load", "gauge": {"dataPoints": [point]}}
    return {"resourceMetrics": [{"resource": {"attributes": []}, "scopeMetrics": [{"metrics": [metric]}]}]}  # fmt: skip
