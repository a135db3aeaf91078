"""Pydantic AI: the GenAI conventions, with sums on agent runs.

Source: recorded exports of 0.1, 1.0 and 2.68. Agent runs repeat the usage of their calls, in old
versions under the same keys but without an operation, so that they are no model calls.
"""

from dataclasses import replace

from llm_analytics_hub.ingest.dialects.otel_genai import COLUMNS, OTEL_GENAI

PYDANTIC_AI = replace(
    OTEL_GENAI,
    name="pydantic-ai",
    scopes=("pydantic-ai",),
    marker_prefixes=(),
    columns={
        **COLUMNS,
        "gen_ai.usage.details.cache_read_tokens": "cached_tokens",
        "gen_ai.usage.details.cache_write_tokens": "cache_write_tokens",
        "gen_ai.usage.details.cache_read_input_tokens": "cached_tokens",
        "gen_ai.usage.details.cache_creation_input_tokens": "cache_write_tokens",
        "model_name": "request_model",
        "metadata#user_id": "user_id",
        "metadata#session_id": "session_id",
    },
)
