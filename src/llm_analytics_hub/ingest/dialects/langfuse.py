"""Langfuse SDKs, Python 3 to 5 and JavaScript: `langfuse.observation.*`.

Source: recorded exports. Usage is JSON in one of three shapes: what OpenAI answered (drop-in
client), flat counts whose `input` and `output` leave cache and reasoning out (LangChain callback,
JavaScript), or what the user wrote; the total tells the last two apart. There is one model and no
provider. Failed calls say so in `level` and leave the OpenTelemetry status unset.
"""

from llm_analytics_hub.ingest.dialects import shared
from llm_analytics_hub.ingest.dialects.dialect import Dialect
from llm_analytics_hub.ingest.dialects.usage_objects import DETAILS, WHOLE, members_of

USAGE = "langfuse.observation.usage_details"
FLAT = {
    "input": "uncached_input_tokens",
    "output": "visible_output_tokens",
    "total": "total_tokens",
    "input_cached_tokens": "cached_tokens",
    "input_cache_read": "cached_tokens",
    "input_cache_creation": "cache_write_tokens",
    "output_reasoning_tokens": "reasoning_tokens",
    "output_reasoning": "reasoning_tokens",
}

LANGFUSE = Dialect(
    name="langfuse",
    versions=(("3", ""),),
    marker_keys=frozenset({"langfuse.observation.type"}),
    operation_keys=("langfuse.observation.type",),
    operations={
        "generation": "chat",
        "embedding": "embeddings",
        "agent": "invoke_agent",
        "tool": "execute_tool",
        "retriever": "retrieval",
        "chain": "chain",
    },
    columns={
        "langfuse.observation.model.name": "response_model",
        **members_of(USAGE, WHOLE | FLAT | DETAILS),
        "langfuse.observation.cost_details#total": "reported_cost_usd",
        "langfuse.observation.completion_start_time": "first_token_at",
        "langfuse.observation.level": "level",
        "langfuse.observation.status_message": "status_message",
        "langfuse.user.id": "user_id",
        "langfuse.session.id": "session_id",
        "langfuse.environment": "environment",
        **shared.COLUMNS,
    },
    content=shared.CONTENT,
    content_prefixes=shared.CONTENT_PREFIXES,
)
