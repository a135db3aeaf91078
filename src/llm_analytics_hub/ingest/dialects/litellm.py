"""LiteLLM's OpenTelemetry callback.

Source: recorded exports. The details of usage are the `repr` of a Python dict; the provider of an
embedding is empty, its model's name says it. Operations are the names of LiteLLM's functions,
but for `completion`, which is written `chat`. A second span repeats what was sent to the provider
and what it answered, part by part (`llm.openai.messages`). Sessions are not exported.
"""

from dataclasses import replace

from llm_analytics_hub.ingest.dialects import shared
from llm_analytics_hub.ingest.dialects.otel_genai import COLUMNS, OTEL_GENAI
from llm_analytics_hub.ingest.dialects.usage_objects import DETAILS, members_of

# LiteLLM's names; it has lost the provider of an embedding.
PROVIDERS = (
    *("None", "openai", "azure", "azure_ai", "anthropic", "gemini", "vertex_ai", "bedrock"),
    *("mistral", "cohere", "cohere_chat", "groq", "xai", "deepseek", "openrouter", "together_ai"),
    *("fireworks_ai", "ollama", "ollama_chat", "hosted_vllm", "huggingface", "perplexity"),
)
PARTS = {
    "messages": "input_messages",
    "contents": "input_messages",
    "input": "input",
    "prompt": "input",
    "system": "system_instructions",
    "system_instruction": "system_instructions",
    "instructions": "system_instructions",
    "tools": "tools",
    "choices": "output_messages",
    "candidates": "output_messages",
    "content": "output_messages",
    "output": "output",
    "data": "embeddings",
}

LITELLM = replace(
    OTEL_GENAI,
    name="litellm",
    versions=(("1", ""),),
    scopes=("litellm",),
    marker_prefixes=(),
    operations={
        "completion": "chat",
        "acompletion": "chat",
        "responses": "chat",
        "aresponses": "chat",
        "anthropic_messages": "chat",
        "aanthropic_messages": "chat",
        "agenerate_content": "generate_content",
        "agenerate_content_stream": "generate_content",
        "generate_content_stream": "generate_content",
        "atext_completion": "text_completion",
        "aembedding": "embeddings",
        "arerank": "rerank",
    },
    columns={
        **COLUMNS,
        **members_of("metadata.usage_object", DETAILS),
        "llm.user": "user_id",
        "metadata.user_api_key_end_user_id": "user_id",
        "metadata.user_api_key_user_id": "user_id",
        "litellm.provider.model": "request_model",
    },
    content={
        **{f"llm.{one}.{part}": name for one in PROVIDERS for part, name in PARTS.items()},
        **shared.CONTENT,
    },
)
