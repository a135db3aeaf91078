"""OpenLIT: the GenAI conventions with three differences, each visible in its recordings.

Input tokens of Anthropic calls leave the cache out, the time to the first token is in seconds
under the `server` key, and the total is a span attribute named like a metric.
"""

from dataclasses import replace

from llm_analytics_hub.ingest.dialects.otel_genai import COLUMNS, OTEL_GENAI

OPENLIT = replace(
    OTEL_GENAI,
    name="openlit",
    scopes=("openlit",),
    marker_prefixes=(),
    columns={
        "gen_ai.server.time_to_first_token": "ttft_seconds",
        "gen_ai.client.token.usage": "total_tokens",
        **COLUMNS,
    },
    anthropic_input_excludes_cache=True,
)
