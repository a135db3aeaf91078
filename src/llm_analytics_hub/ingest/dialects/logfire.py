"""Logfire's instrumentations of the OpenAI and Anthropic SDKs.

Source: recorded exports. A streamed call is two spans: one that opens the stream and knows neither
usage nor answer, and one of no length at its end, which has them and says how long it took: that
one is the call. What the provider said of cache and reasoning is JSON in `gen_ai.usage.raw`.
Values whose key speaks of a session are scrubbed.
"""

from dataclasses import replace

from llm_analytics_hub.ingest.dialects.otel_genai import COLUMNS, OTEL_GENAI
from llm_analytics_hub.ingest.dialects.usage_objects import DETAILS, members_of

LOGFIRE = replace(
    OTEL_GENAI,
    name="logfire",
    versions=(("1", ""),),
    scopes=("logfire.",),
    marker_prefixes=(),
    columns={
        **COLUMNS,
        **members_of("gen_ai.usage.raw", DETAILS),
        "duration": "latency_seconds",
        "session.id": "unscrubbed_session_id",
        "gen_ai.conversation.id": "unscrubbed_session_id",
    },
)

# What failed has a level, what has ended has usage or is a log.
LOGFIRE_OPENING = replace(
    LOGFIRE,
    lacks=frozenset({"logfire.level_num", "gen_ai.usage.input_tokens", "gen_ai.output.messages"}),
    operations={"chat": "open_stream", "text_completion": "open_stream"},
)
