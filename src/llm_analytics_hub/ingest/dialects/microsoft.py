"""Agent Framework, Semantic Kernel, AutoGen and Azure AI Inference: the GenAI conventions.

Source: recorded exports. Agent spans repeat the sums of their calls. Semantic Kernel writes the
`repr` of an error's class and one finish reason (`FinishReason.STOP`). AutoGen has no spans of its
model calls, only of messages, which hold prompts and answers: a team's manager gets each answer
once as a `message` with its usage, after the call, without its model. Other messages repeat it.
"""

from dataclasses import replace

from llm_analytics_hub.ingest.dialects import shared
from llm_analytics_hub.ingest.dialects.otel_genai import COLUMNS, OTEL_GENAI

AGENT_FRAMEWORK = replace(
    OTEL_GENAI, name="agent-framework", scopes=("agent_framework",), marker_prefixes=()
)

SEMANTIC_KERNEL = replace(
    OTEL_GENAI,
    name="semantic-kernel",
    scopes=("semantic_kernel.",),
    marker_prefixes=(),
    columns={
        **COLUMNS,
        "error.type": "error_class",
        "gen_ai.response.finish_reason": "finish_reasons",
    },
)

USAGE = "message#message.models_usage"
AUTOGEN = replace(
    OTEL_GENAI,
    name="autogen",
    versions=(("1", ""),),
    scopes=("autogen",),
    marker_prefixes=(),
    operation_keys=("gen_ai.operation.name", USAGE),
    operations={"models_usage": "chat"},
    columns={
        **COLUMNS,
        f"{USAGE}.prompt_tokens": "input_tokens",
        f"{USAGE}.completion_tokens": "output_tokens",
    },
    is_timed=False,
    content={"message": "message", **shared.CONTENT},
)

AZURE_AI_INFERENCE = replace(
    OTEL_GENAI,
    name="azure-ai-inference",
    versions=(("1", ""),),
    scopes=("azure.core.tracing.",),
    marker_prefixes=(),
)
