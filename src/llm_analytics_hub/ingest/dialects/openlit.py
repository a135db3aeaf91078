"""OpenLIT: the GenAI conventions with three differences, each visible in its recordings.

Input tokens of Anthropic calls leave the cache out, the time to the first token is in seconds
under the `server` key, and the total is a span attribute named like a metric. A call that failed
in version 1.33 has no attributes, only a name: `chat gpt-4o`.
"""

from dataclasses import replace

from llm_analytics_hub.ingest.dialects.dialect import SPAN_NAME
from llm_analytics_hub.ingest.dialects.otel_genai import COLUMNS, OTEL_GENAI

OPENLIT = replace(
    OTEL_GENAI,
    name="openlit",
    scopes=("openlit",),
    marker_prefixes=(),
    operation_keys=(*OTEL_GENAI.operation_keys, SPAN_NAME),
    operations={"chat": "chat", "embeddings": "embeddings"},
    columns={
        "gen_ai.server.time_to_first_token": "ttft_seconds",
        "gen_ai.client.token.usage": "total_tokens",
        **COLUMNS,
    },
    anthropic_input_excludes_cache=True,
)
