"""The keys every dialect may carry beside its own."""

COLUMNS = {
    "user.id": "user_id",
    "enduser.id": "user_id",
    "session.id": "session_id",
    "account.id": "account_id",
    "error.type": "error_type",
    "cloud.region": "region",
    "aws.region": "region",
}

SPAN_KINDS = {
    "llm": "chat",
    "embedding": "embeddings",
    "agent": "invoke_agent",
    "tool": "execute_tool",
    "retriever": "retrieval",
    "reranker": "rerank",
}
"""What OpenInference and MLflow call their kinds of spans, to operations."""

# A command line says what was asked for: `gemini -p "..."`.
RESOURCE_CONTENT = {
    "process.command_args": "command_args",
    "process.command_line": "command_line",
}
"""Attributes of the resource that are contents."""

# Prompts and completions must never rest among the attributes, so the spellings of dialects that
# have no table of their own yet are listed too.
CONTENT = {
    "gen_ai.input.messages": "input_messages",
    "gen_ai.output.messages": "output_messages",
    "gen_ai.system_instructions": "system_instructions",
    "gen_ai.tool.definitions": "tools",
    "gen_ai.tool.call.arguments": "tool_arguments",
    "gen_ai.tool.call.result": "tool_result",
    "gen_ai.tool.args": "tool_arguments",
    "gen_ai.response.tool_calls": "output_tool_calls",
    "gen_ai.prompt": "input_messages",
    "gen_ai.completion": "output_messages",
    "gen_ai.content.prompt": "input_messages",
    "gen_ai.content.completion": "output_messages",
    "gen_ai.content.reasoning": "output_reasoning",
    "gen_ai.task.input": "input",
    "gen_ai.task.output": "output",
    "input.value": "input",
    "output.value": "output",
    "traceloop.entity.input": "input",
    "traceloop.entity.output": "output",
    "langfuse.observation.input": "input",
    "langfuse.observation.output": "output",
    "langfuse.trace.input": "trace_input",
    "langfuse.trace.output": "trace_output",
    "mlflow.spanInputs": "input",
    "mlflow.spanOutputs": "output",
    "ai.prompt": "input",
    "ai.prompt.messages": "input_messages",
    "ai.prompt.tools": "tools",
    "ai.prompt.toolChoice": "tool_choice",
    "ai.response.text": "output",
    "ai.response.object": "output_object",
    "ai.response.toolCalls": "output_tool_calls",
    "ai.response.reasoning": "output_reasoning",
    "ai.toolCall.args": "tool_arguments",
    "ai.toolCall.result": "tool_result",
    "ai.value": "input",
    "ai.values": "input",
    "ai.embedding": "embedding",
    "ai.embeddings": "embeddings",
    "all_messages_events": "messages",
    "pydantic_ai.all_messages": "messages",
    "pydantic_ai.new_messages": "new_messages",
    "final_result": "output",
    "events": "events",
    "tool_arguments": "tool_arguments",
    "tool_args": "tool_arguments",
    "tool_response": "tool_result",
    "model_request_parameters": "request_parameters",
    "request_data": "request",
    "response_data": "response",
    "async_data": "response",
    "user_prompt": "input",
    "instructions": "system_instructions",
    "system_prompt": "system_instructions",
    "gen_ai.retrieval.query.text": "input",
    "gen_ai.retrieval.documents": "documents",
    "ai.response.files": "output_files",
    "ai.result.text": "output",
    "ai.result.object": "output_object",
    "ai.result.toolCalls": "output_tool_calls",
    "reranker.query": "input",
    "llm.function_call": "output_tool_calls",
}

CONTENT_PREFIXES = {
    "gen_ai.prompt.": "input_messages",
    "gen_ai.completion.": "output_messages",
    "llm.request.functions.": "tools",
    "llm.input_messages.": "input_messages",
    "llm.output_messages.": "output_messages",
    "llm.prompts.": "input_messages",
    "llm.completions.": "output_messages",
    "llm.tools.": "tools",
}
