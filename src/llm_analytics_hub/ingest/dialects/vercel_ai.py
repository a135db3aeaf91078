"""Vercel AI SDK (`ai`), major versions 4 to 7.

Source: recorded exports of 4, 6 and 7. Up to 6 the spans say `ai.operationId`: `.doGenerate`,
`.doStream` and `.doEmbed` are the calls, the spans around them repeat their usage under
`ai.usage.*`. Version 6 counts Anthropic's input with the cache, the earlier ones without. Usage
that the provider did not send is NaN in version 4. Version 7 writes the GenAI conventions, and what
they have no word for under `ai.*` if it is told to, also on the spans around a call.
"""

from dataclasses import replace

from llm_analytics_hub.ingest.dialects import otel_genai, shared
from llm_analytics_hub.ingest.dialects.dialect import Dialect

CALL = {
    f"ai.{verb}.{step}": "chat"
    for verb in ("generateText", "streamText", "generateObject", "streamObject")
    for step in ("doGenerate", "doStream")
}
OPERATIONS = {
    **{word.lower(): operation for word, operation in CALL.items()},
    "ai.embed.doembed": "embeddings",
    "ai.embedmany.doembed": "embeddings",
    "ai.rerank.dorerank": "rerank",
    "ai.toolcall": "execute_tool",
    "ai.generatetext": "invoke_agent",
    "ai.streamtext": "invoke_agent",
    "ai.generateobject": "invoke_agent",
    "ai.streamobject": "invoke_agent",
}

PROVIDER = "ai.response.providerMetadata"
COLUMNS = {
    **otel_genai.COLUMNS,
    "ai.model.provider": "provider",
    "ai.response.model": "response_model",
    "ai.model.id": "request_model",
    "ai.usage.inputTokens": "input_tokens",
    "ai.usage.promptTokens": "input_tokens",
    "ai.usage.tokens": "input_tokens",
    "ai.usage.outputTokens": "output_tokens",
    "ai.usage.completionTokens": "output_tokens",
    "ai.usage.totalTokens": "total_tokens",
    "ai.usage.inputTokenDetails.cacheReadTokens": "cached_tokens",
    "ai.usage.cachedInputTokens": "cached_tokens",
    "ai.usage.inputTokenDetails.cacheWriteTokens": "cache_write_tokens",
    "ai.usage.outputTokenDetails.reasoningTokens": "reasoning_tokens",
    "ai.usage.reasoningTokens": "reasoning_tokens",
    "ai.response.msToFirstChunk": "ttft_ms",
    "ai.response.finishReason": "finish_reasons",
    "ai.response.id": "response_id",
    "ai.telemetry.metadata.userId": "user_id",
    "ai.telemetry.metadata.user_id": "user_id",
    "ai.telemetry.metadata.sessionId": "session_id",
    "ai.telemetry.metadata.session_id": "session_id",
}

UNCACHED = "ai.usage.inputTokenDetails.noCacheTokens"  # not in versions before 6

VERCEL_AI_6 = Dialect(
    name="vercel-ai",
    versions=(("6", ""),),
    marker_keys=frozenset({UNCACHED}),
    operation_keys=("ai.operationId",),
    operations=OPERATIONS,
    columns=COLUMNS,
    content={"ai.schema": "output_schema", **shared.CONTENT},
    content_prefixes=shared.CONTENT_PREFIXES,
)

VERCEL_AI = replace(
    VERCEL_AI_6,
    versions=(("4", ""),),
    marker_keys=frozenset({"ai.operationId"}),
    columns={
        **COLUMNS,
        f"{PROVIDER}#openai.cachedPromptTokens": "cached_tokens",
        f"{PROVIDER}#openai.reasoningTokens": "reasoning_tokens",
        f"{PROVIDER}#anthropic.cacheReadInputTokens": "cached_tokens",
        f"{PROVIDER}#anthropic.cacheCreationInputTokens": "cache_write_tokens",
    },
    anthropic_input_excludes_cache=True,
)

VERCEL_AI_7 = replace(
    otel_genai.OTEL_GENAI,
    name="vercel-ai",
    versions=(("7", ""),),
    scopes=("gen_ai",),
    marker_keys=frozenset({UNCACHED}),
    marker_prefixes=(),
    lacks=frozenset({"ai.operationId"}),
    columns={
        **otel_genai.COLUMNS,
        "ai.usage.outputTokenDetails.reasoningTokens": "reasoning_tokens",
        "ai.settings.context.userId": "user_id",
        "ai.settings.context.sessionId": "session_id",
    },
    content=VERCEL_AI_6.content,
)

# An embedding has two spans of one name: the call, and around it one without usage.
VERCEL_AI_7_EMBED = replace(
    VERCEL_AI_7,
    lacks=VERCEL_AI_7.lacks | {"gen_ai.usage.input_tokens", "http.response.status_code"},
    operations={"embeddings": "ai.embed"},
)
