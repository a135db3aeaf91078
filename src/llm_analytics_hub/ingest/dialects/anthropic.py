"""Anthropic's SDKs and Claude Code.

Source: recorded exports. The Python SDK from 2 on writes the GenAI conventions by itself, input
with the cache. Claude Code says `span.type`, counts without a prefix, and its input leaves the
cache out; its user is the hash of an installation.
"""

from dataclasses import replace

from llm_analytics_hub.ingest.dialects import shared
from llm_analytics_hub.ingest.dialects.dialect import Dialect
from llm_analytics_hub.ingest.dialects.otel_genai import COLUMNS, OTEL_GENAI

ANTHROPIC = replace(
    OTEL_GENAI,
    name="anthropic",
    versions=(("1", ""),),
    scopes=("com.anthropic.sdk.",),
    marker_prefixes=(),
    columns={**COLUMNS, "anthropic.message.stop_reason": "finish_reasons"},
)

CLAUDE_CODE = Dialect(
    name="claude-code",
    scopes=("com.anthropic.claude_code",),
    operation_keys=("span.type",),
    operations={
        "llm_request": "chat",
        "tool": "execute_tool",
        "interaction": "invoke_agent",
    },
    columns={
        "gen_ai.provider.name": "provider",
        "gen_ai.system": "provider",
        "model": "response_model",
        "gen_ai.request.model": "request_model",
        "input_tokens": "uncached_input_tokens",
        "output_tokens": "output_tokens",
        "cache_read_tokens": "cached_tokens",
        "cache_creation_tokens": "cache_write_tokens",
        "ttft_ms": "ttft_ms",
        "gen_ai.response.finish_reasons": "finish_reasons",
        "status_code": "http_status",
        "success": "success",
        "error": "status_message",
        **shared.COLUMNS,
        "gen_ai.conversation.id": "session_id",
    },
    content={"tool_input": "tool_arguments", "new_context": "input", **shared.CONTENT},
    content_prefixes=shared.CONTENT_PREFIXES,
)
