"""The LLM-Observatory's own SDKs (Python, Node): `llm.*` attributes, one span for each call."""

from llm_analytics_hub.ingest.dialects import shared
from llm_analytics_hub.ingest.dialects.dialect import Dialect

COLUMNS = {
    "llm.provider": "provider",
    "llm.system": "provider",
    "llm.response.model": "response_model",
    "llm.model": "request_model",
    "llm.request.model": "request_model",
    "llm.usage.prompt_tokens": "input_tokens",
    "llm.usage.completion_tokens": "output_tokens",
    "llm.usage.total_tokens": "total_tokens",
    "llm.cost.total_usd": "reported_cost_usd",
    "llm.cost.amount_usd": "reported_cost_usd",
    "llm.metrics.ttft_ms": "ttft_ms",
    "llm.latency.ttft_ms": "ttft_ms",
    "llm.user.id": "user_id",
    "llm.session.id": "session_id",
    "llm.environment": "environment",
    **shared.COLUMNS,
}

OBSERVATORY = Dialect(
    name="observatory",
    marker_keys=frozenset({"llm.model", "llm.request.model"}),
    default_operation="chat",
    columns=COLUMNS,
    content=shared.CONTENT,
    content_prefixes=shared.CONTENT_PREFIXES,
    first_token_events=frozenset({"llm.first_token"}),
)
