"""Members of an envelope's body that are canonical fields under another name, as a table."""

import math
from collections.abc import Mapping

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.event import CANONICAL_FIELDS
from llm_analytics_hub.normalize.number import read_number
from llm_analytics_hub.normalize.units import to_milliseconds

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "asset_id": ("assetId",),
    "asset_version": ("version", "assetVersion", "model_version"),
    "model": ("model_name", "modelName", "model_id", "modelId"),
    "service": ("service_name", "serviceName", "service_id", "serviceId"),
    "user_id": ("userId",),
    "session_id": ("sessionId",),
    "account_id": ("accountId", "organization_id", "organizationId"),
    "policy_id": ("policyId",),
    "trace_id": ("traceId",),
    "span_id": ("spanId",),
    "error_type": ("errorType",),
    "input_tokens": ("inputTokens", "prompt_tokens", "promptTokens"),
    "output_tokens": ("outputTokens", "completion_tokens", "completionTokens"),
    "cached_tokens": ("cachedTokens",),
    "reasoning_tokens": ("reasoningTokens",),
    "total_tokens": ("totalTokens",),
    "cost_usd": ("costUsd", "total_cost_usd", "totalCostUsd"),
    "cost_currency": ("currency",),
    "score": ("confidence", "risk_score", "riskScore", "threat_score"),
}
_DURATIONS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("latencyMs", "total_latency_ms", "totalLatencyMs", "duration_ms", "durationMs"), ("latency_ms", "ms")),
    **dict.fromkeys(("duration_us", "durationUs", "latency_us"), ("latency_ms", "us")),
    **dict.fromkeys(("duration_seconds", "latency_seconds"), ("latency_ms", "s")),
    **dict.fromkeys(("duration_ns", "latency_ns"), ("latency_ms", "ns")),
    **dict.fromkeys(("ttftMs", "time_to_first_token_ms", "timeToFirstTokenMs"), ("ttft_ms", "ms")),
}  # fmt: skip
_CANONICAL = frozenset(CANONICAL_FIELDS) - {"attributes"}
_BY_NAME = {name: field for field, names in _FIELDS.items() for name in names}


def from_data(data: Mapping[str, object], *, extra: Mapping[str, object]) -> dict[str, object]:
    """Canonical fields found in a body; what has no field is kept in `attributes`."""
    event: dict[str, object] = {}
    attributes = dict(extra)
    for name, value in data.items():
        if name in _CANONICAL:
            event[name] = value
        elif name in _BY_NAME:
            event.setdefault(_BY_NAME[name], value)
        elif name in _DURATIONS:
            event.setdefault(*_duration(name, value))
        else:
            attributes[name] = value
    _take_cost(event, attributes)
    if attributes:
        event["attributes"] = attributes
    return event


def _duration(name: str, value: object) -> tuple[str, object]:
    """The field and its milliseconds; what is no number is left for the normaliser to refuse."""
    field, unit = _DURATIONS[name]
    number = read_number(value)
    if number is None or not number.is_finite():
        return field, value
    try:
        return field, to_milliseconds(float(number), unit)
    except InvalidInputError:  # past the largest number: refuse the event, not its request
        return field, math.inf


def _take_cost(event: dict[str, object], attributes: dict[str, object]) -> None:
    """`cost` as a number (US dollars unless a currency is named) or {amount, currency}."""
    cost = attributes.get("cost")
    if isinstance(cost, dict) and "amount" in cost:
        event["cost_amount"] = cost["amount"]
        event["cost_currency"] = cost.get("currency", "USD")
    elif isinstance(cost, int | float) and not isinstance(cost, bool):
        event["cost_amount"] = attributes.pop("cost")
        event.setdefault("cost_currency", "USD")
