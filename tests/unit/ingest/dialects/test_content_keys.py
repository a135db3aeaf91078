"""Every known spelling of a content is taken out of the attributes, whatever the dialect."""

import pytest

from llm_analytics_hub.ingest.dialects import DIALECTS
from llm_analytics_hub.ingest.dialects.plan import make_plan

KEYS = (
    "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions",
    "gen_ai.tool.definitions", "gen_ai.tool.call.arguments", "gen_ai.tool.call.result",
    "gen_ai.prompt", "gen_ai.completion", "gen_ai.prompt.0.content",
    "gen_ai.completion.0.tool_calls.0.arguments", "gen_ai.retrieval.documents",
    "llm.input_messages.0.message.content", "llm.output_messages.0.message.content",
    "llm.prompts.0.content", "llm.completions.0.content", "llm.tools.0.tool.json_schema",
    "llm.request.functions.0.parameters", "input.value", "output.value", "ai.prompt",
    "ai.prompt.messages", "ai.prompt.tools", "ai.response.text", "ai.response.object",
    "ai.response.toolCalls", "ai.response.reasoning", "ai.response.files", "ai.result.text",
    "ai.toolCall.args", "ai.toolCall.result", "ai.value", "ai.values",
    "langfuse.observation.input", "langfuse.observation.output", "langfuse.trace.input",
    "langfuse.trace.output", "traceloop.entity.input", "traceloop.entity.output",
    "mlflow.spanInputs", "mlflow.spanOutputs", "request_data", "response_data",
    "pydantic_ai.all_messages", "all_messages_events", "final_result", "system_prompt",
)  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_a_span_of_any_dialect_may_carry_it(key: str) -> None:
    for dialect in DIALECTS:
        markers = (
            *sorted(dialect.marker_keys)[:1],
            *(f"{one}x" for one in dialect.marker_prefixes[:1]),
        )
        scope = dialect.scopes[0] if dialect.scopes else ""
        plan = make_plan(DIALECTS, scope, (*markers, key))
        assert key in {name for name, _ in plan.content}, plan.dialect.name
