"""Strands Agents: the GenAI conventions with two differences, each visible in its recordings.

The time to the first token is in milliseconds, and the provider is the framework. Agent spans
repeat the sums of their calls.
"""

from dataclasses import replace

from llm_analytics_hub.ingest.dialects.otel_genai import COLUMNS, OTEL_GENAI

STRANDS = replace(
    OTEL_GENAI,
    name="strands",
    scopes=("strands.",),
    marker_prefixes=(),
    columns={
        **COLUMNS,
        "gen_ai.usage.cache_write_input_tokens": "cache_write_tokens",
        "gen_ai.server.time_to_first_token": "ttft_ms",
    },
)
