"""The OpenTelemetry semantic conventions for generative AI, today's and the older ones.

Source: opentelemetry.io, semantic conventions for GenAI spans. Version 2 names the provider
`gen_ai.provider.name`, version 1 `gen_ai.system`; some packages write both. Input tokens include
what the cache gave and took, output tokens include reasoning.
"""

from llm_analytics_hub.ingest.dialects import shared
from llm_analytics_hub.ingest.dialects.dialect import Dialect

COLUMNS = {
    "gen_ai.provider.name": "provider",
    "gen_ai.system": "provider",
    "gen_ai.response.model": "response_model",
    "gen_ai.request.model": "request_model",
    "gen_ai.usage.input_tokens": "input_tokens",
    "gen_ai.usage.prompt_tokens": "input_tokens",
    "gen_ai.usage.output_tokens": "output_tokens",
    "gen_ai.usage.completion_tokens": "output_tokens",
    "gen_ai.usage.total_tokens": "total_tokens",
    "llm.usage.total_tokens": "total_tokens",
    "gen_ai.usage.cache_read.input_tokens": "cached_tokens",
    "gen_ai.usage.cache_read_input_tokens": "cached_tokens",
    "gen_ai.usage.details.cached_tokens": "cached_tokens",
    "gen_ai.usage.cache_write.input_tokens": "cache_write_tokens",
    "gen_ai.usage.cache_creation.input_tokens": "cache_write_tokens",
    "gen_ai.usage.cache_creation_input_tokens": "cache_write_tokens",
    "gen_ai.usage.reasoning.output_tokens": "reasoning_tokens",
    "gen_ai.usage.reasoning_tokens": "reasoning_tokens",
    "gen_ai.usage.details.reasoning_tokens": "reasoning_tokens",
    # `gen_ai.server.time_to_first_token` is not here: seconds in one SDK, milliseconds in another.
    "gen_ai.response.time_to_first_chunk": "ttft_seconds",
    "gen_ai.client.operation.time_to_first_chunk": "ttft_seconds",
    "gen_ai.response.finish_reasons": "finish_reasons",
    "gen_ai.usage.cost": "reported_cost_usd",
    "gen_ai.cost.total_cost": "reported_cost_usd",
    "operation.cost": "reported_cost_usd",
    "http.response.status_code": "http_status",
    "gen_ai.conversation.id": "session_id",
    "gen_ai.user": "user_id",
    "gen_ai.request.user": "user_id",
    **shared.COLUMNS,
}

OTEL_GENAI = Dialect(
    name="otel-genai",
    versions=(
        ("2", "gen_ai.provider.name"),
        ("1", "gen_ai.system"),
        ("1", "gen_ai.usage.prompt_tokens"),
    ),
    marker_prefixes=("gen_ai.",),
    operation_keys=("gen_ai.operation.name", "llm.request.type"),
    columns=COLUMNS,
    content=shared.CONTENT,
    content_prefixes=shared.CONTENT_PREFIXES,
)
