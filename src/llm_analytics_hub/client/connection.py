"""What both clients tell httpx: where the hub is, and who asks."""

from importlib.metadata import version
from typing import Any

import httpx

from llm_analytics_hub.client.call import Call

DEFAULT_URL = "http://127.0.0.1:8080"
TIMEOUT_SECONDS = 90.0
CONNECT_SECONDS = 5.0


def settings_of(url: str, tenant: str, token: str | None, timeout: float) -> dict[str, Any]:
    """Arguments for httpx.Client and httpx.AsyncClient."""
    headers = {
        "X-Tenant": tenant,
        "User-Agent": f"llm-analytics-hub/{version('llm-analytics-hub')}",
    }
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    wait = httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS))
    return {"base_url": url, "headers": headers, "timeout": wait}


def parts_of(call: Call[Any]) -> dict[str, Any]:
    """Arguments for their `request`."""
    return {
        "method": call.method,
        "url": call.path,
        "params": dict(call.params),
        "headers": dict(call.headers),
        "content": call.content,
    }
