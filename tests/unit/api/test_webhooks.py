"""Signed webhooks: checked on the bytes that came, for the tenant that is set, or stored nowhere."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from llm_analytics_hub.bootstrap import open_doors, open_hub
from llm_analytics_hub.settings import load_settings

SIGNED_WITH = "a secret of some length"
ALERT = {
    "alert_id": "0a7e4d7e-1f7b-4a2c-9d35-6f1f0d1c2b3a", "timestamp": "2025-11-19T10:00:00Z",
    "severity": "critical", "anomaly_type": "security_threat", "service_name": "chat",
    "model": "gpt-4o", "detection_method": "z_score", "confidence": 0.9,
    "details": {"metric": "latency_ms", "value": 9.0, "baseline": 1.0, "threshold": 3.0},
    "context": {"time_window": "5m", "sample_count": 3}, "remediation": [], "related_alerts": [],
}  # fmt: skip
PATH = "/api/v1/webhooks/alerts"


@pytest.fixture
async def hooked(tmp_path: Path) -> Any:
    hooks = {
        "alerts": {"module": "sentinel", "tenant": "acme", "secret": SIGNED_WITH},
        "board": {"module": "governance-dashboard", "secret": SIGNED_WITH},
    }
    settings = load_settings({"data_dir": tmp_path, "ui": False, "webhooks": hooks}, environ={})
    hub = open_hub(settings)
    transport = httpx.ASGITransport(open_doors(hub, settings).main, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        yield client
    hub.close()


def signed(document: dict[str, Any]) -> tuple[bytes, str]:
    """As Sentinel does: the compact JSON is signed, then written with the signature in it."""
    plain = json.dumps(document, separators=(",", ":")).encode()
    digest = hmac.new(SIGNED_WITH.encode(), plain, hashlib.sha256).hexdigest()
    return plain[:-1] + f',"signature":"{digest}"}}'.encode(), digest


def envelope() -> dict[str, Any]:
    return {"event_type": "anomaly.detected", "timestamp": "2025-11-19T10:00:00Z", "data": ALERT}


async def events(client: httpx.AsyncClient, tenant: str) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/events", headers={"x-tenant": tenant})
    found: list[dict[str, Any]] = answer.json()["events"]
    return found


async def test_a_signed_alert_is_the_set_tenants_and_counts_once(hooked: httpx.AsyncClient) -> None:
    body, digest = signed(envelope())
    headers = {"x-sentinel-signature": digest, "x-tenant": "eve"}
    answers = [await hooked.post(PATH, content=body, headers=headers) for _ in range(2)]
    answers.append(await hooked.put(PATH, content=body, headers=headers))
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [answer.json()["accepted"] for answer in answers] == [1, 0, 0]
    (event,) = await events(hooked, "acme")
    assert (event["event_id"], event["severity"]) == (ALERT["alert_id"], "critical")
    assert await events(hooked, "eve") == []


@pytest.mark.parametrize("header", ["", "0" * 64, "é"])
async def test_what_is_not_signed_is_stored_nowhere(hooked: httpx.AsyncClient, header: str) -> None:
    body, _ = signed(envelope())
    answer = await hooked.post(
        PATH, content=body, headers=[(b"x-sentinel-signature", header.encode())]
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert SIGNED_WITH not in answer.text
    assert await events(hooked, "acme") == []
    letters = await hooked.get("/api/v1/dead-letters", headers={"x-tenant": "acme"})
    assert letters.json()["dead_letters"] == []


async def test_a_changed_byte_breaks_the_signature(hooked: httpx.AsyncClient) -> None:
    body, digest = signed(envelope())
    changed = body.replace(b'"confidence":0.9', b'"confidence":0.1')
    answer = await hooked.post(PATH, content=changed, headers={"x-sentinel-signature": digest})
    assert answer.status_code == 401


async def test_the_dashboards_signature_has_its_own_form(hooked: httpx.AsyncClient) -> None:
    body = json.dumps(
        {"event": "budget.exceeded", "timestamp": "2025-11-19T10:00:00Z", "data": {"id": "b1"}},
        indent=1,
    ).encode()
    digest = hmac.new(SIGNED_WITH.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-llm-gov-signature": f"sha256={digest}"}
    answer = await hooked.post("/api/v1/webhooks/board", content=body, headers=headers)
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)


async def test_no_other_webhook_is_there(hooked: httpx.AsyncClient) -> None:
    assert (await hooked.post("/api/v1/webhooks/other", content=b"{}")).status_code == 404


def test_a_module_that_signs_nothing_has_no_webhook(tmp_path: Path) -> None:
    hooks = {"x": {"module": "registry", "secret": SIGNED_WITH}}
    with pytest.raises(Exception, match="registry signs no webhooks"):
        load_settings({"data_dir": tmp_path, "webhooks": hooks}, environ={})
