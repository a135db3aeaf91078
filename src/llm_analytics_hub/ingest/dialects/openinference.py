"""OpenInference (Arize Phoenix and the instrumentations named after it).

Source: the OpenInference semantic conventions. Every span says its kind in
`openinference.span.kind`; `llm.model_name` is the response's model where it is known. Token
counts on kinds other than LLM and EMBEDDING are sums over the children.
"""

from dataclasses import replace

from llm_analytics_hub.ingest.dialects import shared
from llm_analytics_hub.ingest.dialects.dialect import Dialect
from llm_analytics_hub.ingest.dialects.usage_objects import DETAILS, members_of

COLUMNS = {
    "llm.provider": "provider",
    "llm.system": "provider",
    "llm.response.model_name": "response_model",
    "llm.model_name": "response_model",
    "embedding.model_name": "response_model",
    "reranker.model_name": "response_model",
    "llm.request.model_name": "request_model",
    "llm.invocation_parameters#model": "request_model",  # all that a failed call says of it
    "embedding.invocation_parameters#model": "request_model",
    "llm.token_count.prompt": "input_tokens",
    "llm.token_count.completion": "output_tokens",
    "llm.token_count.total": "total_tokens",
    "llm.token_count.prompt_details.cache_read": "cached_tokens",
    "llm.token_count.prompt_details.cache_write": "cache_write_tokens",
    "llm.token_count.completion_details.reasoning": "reasoning_tokens",
    # What the provider answered, as far as it was recorded.
    **members_of("output.value", {f"usage.{path}": to for path, to in DETAILS.items()}),
    "output.value#meta.usage.prompt_tokens": "input_tokens",  # an embedding of Haystack's
    "output.value#id": "response_id",
    "output.value#model": "answering_model",
    "output.value#generations.0.0.message.kwargs.response_metadata.model_name": "answering_model",
    "llm.finish_reason": "finish_reasons",
    "llm.cost.total": "reported_cost_usd",
    **shared.COLUMNS,
    "metadata#user_id": "user_id",
    "metadata#session_id": "session_id",
    "llm.invocation_parameters#user": "user_id",
}

OPENINFERENCE = Dialect(
    name="openinference",
    marker_keys=frozenset({"openinference.span.kind"}),
    operation_keys=("openinference.span.kind",),
    operations=shared.SPAN_KINDS,
    columns=COLUMNS,
    content={
        "llm.prompt_template.template": "prompt_template",
        "llm.prompt_template.variables": "prompt_variables",
        "tool.parameters": "tool_parameters",
        "tool_call.function.arguments": "tool_arguments",
        # CrewAI's crews and tasks are described in words of their users.
        "crew_agents": "agents",
        "crew_tasks": "tasks",
        "task_name": "task",
        "tool.task_name": "task",
        "task_description": "task_description",
        "crew_inputs": "input",
        "flow_inputs": "input",
        "formatted_description": "input",
        "formatted_expected_output": "expected_output",
        "agent.backstory": "system_instructions",
        "agent.goal": "goal",
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

# LlamaIndex prepares a call with tools in a span of kind LLM that has no message of its own.
LLAMA_INDEX_STEP = replace(
    OPENINFERENCE,
    scopes=("openinference.instrumentation.llama_index",),
    marker_keys=frozenset(),
    lacks=frozenset(
        {"llm.input_messages.0.message.role", "llm.finish_reason", "llm.token_count.prompt"}
    ),
    operations={**OPENINFERENCE.operations, "llm": "prepare"},
)
