"""LangSmith's OpenTelemetry export of LangChain and LangGraph runs.

Source: recorded exports. Every chain is a span and names LangChain as provider; the details of
usage are JSON among the run's metadata.
"""

from dataclasses import replace

from llm_analytics_hub.ingest.dialects.otel_genai import COLUMNS, OTEL_GENAI

USAGE = "langsmith.metadata.usage_metadata"
ANSWER = "gen_ai.completion#generations.0.0.message.kwargs.response_metadata"

LANGSMITH = replace(
    OTEL_GENAI,
    name="langsmith",
    versions=(("1", ""),),
    scopes=("langsmith",),
    marker_prefixes=("langsmith.",),
    operation_keys=("gen_ai.operation.name", "langsmith.span.kind"),
    operations={"llm": "chat", "retriever": "retrieval"},
    columns={
        "langsmith.metadata.session_id": "session_id",
        "langsmith.metadata.user_id": "user_id",
        f"{ANSWER}.model_name": "response_model",
        f"{ANSWER}.id": "response_id",
        **COLUMNS,
        "langsmith.metadata.thread_id": "session_id",
        "langsmith.metadata.ls_provider": "provider",
        "langsmith.metadata.ls_model_name": "request_model",
        f"{USAGE}#input_token_details.cache_read": "cached_tokens",
        f"{USAGE}#input_token_details.cache_creation": "cache_write_tokens",
        f"{USAGE}#output_token_details.reasoning": "reasoning_tokens",
    },
)
