"""The canonical event as the hub's JSON door takes it."""

from datetime import datetime
from typing import Any

import msgspec


class Event(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a module reports; a member that is None is unknown and is left out.

    Units: `*_ms` milliseconds, `*_usd` US dollars; `occurred_at` is ISO 8601 in UTC with six
    digits of fraction, so that events sort by it as text.
    """

    event_id: str
    event_type: str
    source: str
    occurred_at: str
    severity: str | None = None
    environment: str | None = None
    service: str | None = None
    region: str | None = None
    asset_id: str | None = None
    asset_version: str | None = None
    model: str | None = None
    provider: str | None = None
    operation: str | None = None
    status: str | None = None
    error_type: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    account_id: str | None = None
    policy_id: str | None = None
    trace_id: str | None = None
    latency_ms: float | None = None
    ttft_ms: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost_usd: float | None = None
    score: float | None = None
    value: float | None = None
    unit: str | None = None
    attributes: dict[str, Any] | None = None

    @property
    def moment(self) -> datetime:
        """When it occurred, aware, in UTC."""
        return datetime.fromisoformat(self.occurred_at)
