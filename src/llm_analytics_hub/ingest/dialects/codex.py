"""OpenAI's Codex CLI: hundreds of spans of its own workings, a few of them model calls.

Source: recorded exports. A call is a span with `codex.usage.*`; its model is on spans above it and
in log records only. `codex.turn.token_usage.*` are sums of a turn.
"""

from llm_analytics_hub.ingest.dialects import otel_genai, shared
from llm_analytics_hub.ingest.dialects.dialect import Dialect

COLUMNS = {
    **otel_genai.COLUMNS,
    "model": "response_model",
    "codex.usage.reasoning_output_tokens": "reasoning_tokens",
    "codex.usage.total_tokens": "total_tokens",
    "conversation.id": "session_id",
}

CODEX_CALL = Dialect(
    name="codex",
    marker_keys=frozenset({"codex.usage.total_tokens"}),
    default_operation="chat",
    is_timed=False,  # the span is the handling of the last event of an answer
    columns=COLUMNS,
    content=shared.CONTENT,
    content_prefixes=shared.CONTENT_PREFIXES,
)

CODEX = Dialect(
    name="codex",
    scopes=("codex_",),
    columns=COLUMNS,
    content=shared.CONTENT,
    content_prefixes=shared.CONTENT_PREFIXES,
)
