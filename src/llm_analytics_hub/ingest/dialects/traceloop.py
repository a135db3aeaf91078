"""OpenLLMetry (traceloop-sdk and the `opentelemetry-instrumentation-*` packages of Traceloop).

Version 2 writes the GenAI conventions beside its own `traceloop.*`; version 1 names the operation
`llm.request.type`, counts `prompt_tokens` and `completion_tokens`, and flattens messages into
`gen_ai.prompt.N.*`. Input tokens include the cache in both, Anthropic's too. Workflow, agent and
task spans name the framework as provider.
"""

from llm_analytics_hub.ingest.dialects import otel_genai, shared
from llm_analytics_hub.ingest.dialects.dialect import Dialect

COLUMNS = {
    "traceloop.association.properties.user_id": "user_id",
    "traceloop.association.properties.session_id": "session_id",
    **otel_genai.COLUMNS,
    "traceloop.association.properties.thread_id": "session_id",
    "llm.user": "user_id",
    "gen_ai.completion.0.finish_reason": "finish_reasons",
}

TRACELOOP = Dialect(
    name="traceloop",
    versions=(
        ("2", "gen_ai.provider.name"),
        ("2", "gen_ai.operation.name"),
        ("1", "gen_ai.system"),
        ("1", "llm.request.type"),
    ),
    scopes=(
        "traceloop.",
        "@traceloop/",
        "opentelemetry.instrumentation.openai.v1",
        "opentelemetry.instrumentation.anthropic",
        "opentelemetry.instrumentation.langchain",
    ),
    marker_prefixes=("traceloop.",),
    operation_keys=("gen_ai.operation.name", "llm.request.type", "traceloop.span.kind"),
    operations={"agent": "invoke_agent", "tool": "execute_tool", "workflow": "invoke_workflow"},
    columns=COLUMNS,
    content=shared.CONTENT,
    content_prefixes=shared.CONTENT_PREFIXES,
    first_token_events=frozenset(
        {"gen_ai.content.completion.chunk", "llm.content.completion.chunk"}
    ),
)
