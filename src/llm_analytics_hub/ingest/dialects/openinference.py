"""OpenInference (Arize Phoenix and the instrumentations named after it).

Source: the OpenInference semantic conventions. Every span says its kind in
`openinference.span.kind`; `llm.model_name` is the response's model where it is known. Token
counts on kinds other than LLM and EMBEDDING are sums over the children.
"""

from llm_analytics_hub.ingest.dialects import shared
from llm_analytics_hub.ingest.dialects.dialect import Dialect

COLUMNS = {
    "llm.provider": "provider",
    "llm.system": "provider",
    "llm.response.model_name": "response_model",
    "llm.model_name": "response_model",
    "embedding.model_name": "response_model",
    "reranker.model_name": "response_model",
    "llm.request.model_name": "request_model",
    "llm.token_count.prompt": "input_tokens",
    "llm.token_count.completion": "output_tokens",
    "llm.token_count.total": "total_tokens",
    "llm.token_count.prompt_details.cache_read": "cached_tokens",
    "llm.token_count.prompt_details.cache_write": "cache_write_tokens",
    "llm.token_count.completion_details.reasoning": "reasoning_tokens",
    "llm.finish_reason": "finish_reasons",
    "llm.cost.total": "reported_cost_usd",
    **shared.COLUMNS,
}

OPENINFERENCE = Dialect(
    name="openinference",
    marker_keys=frozenset({"openinference.span.kind"}),
    operation_keys=("openinference.span.kind",),
    operations={
        "llm": "chat",
        "embedding": "embeddings",
        "agent": "invoke_agent",
        "tool": "execute_tool",
        "retriever": "retrieval",
        "reranker": "rerank",
    },
    columns=COLUMNS,
    content={
        "llm.prompt_template.template": "prompt_template",
        "llm.prompt_template.variables": "prompt_variables",
        "tool.parameters": "tool_parameters",
        "tool_call.function.arguments": "tool_arguments",
        **shared.CONTENT,
    },
    content_prefixes={
        "embedding.embeddings.": "embeddings",
        "retrieval.documents.": "documents",
        "reranker.input_documents.": "input_documents",
        "reranker.output_documents.": "output_documents",
        "message.": "message",
        **shared.CONTENT_PREFIXES,
    },
    first_token_events=frozenset({"First Token Stream Event"}),
)
