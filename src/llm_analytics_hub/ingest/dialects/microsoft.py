"""Agent Framework, Semantic Kernel, AutoGen and Azure AI Inference: the GenAI conventions.

Source: recorded exports. Agent spans repeat the sums of their calls. Semantic Kernel writes the
`repr` of an error's class and one finish reason (`FinishReason.STOP`). AutoGen has no model calls,
only messages, which hold prompts and answers.
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

AUTOGEN = replace(
    OTEL_GENAI,
    name="autogen",
    versions=(("1", ""),),
    scopes=("autogen",),
    marker_prefixes=(),
    content={"message": "message", **shared.CONTENT},
)

AZURE_AI_INFERENCE = replace(
    OTEL_GENAI,
    name="azure-ai-inference",
    versions=(("1", ""),),
    scopes=("azure.core.tracing.",),
    marker_prefixes=(),
)
