"""Operations that no attribute names as the conventions do, and contents under odd names."""

from typing import Any

import pytest

from llm_analytics_hub.ingest.dialects import DIALECTS
from llm_analytics_hub.ingest.dialects.log_mapper import LogMapper
from llm_analytics_hub.ingest.dialects.log_record import log_record
from llm_analytics_hub.ingest.dialects.span import Resource, by_shape
from llm_analytics_hub.normalize.raw_columns import as_rows

from .spans import START, row

CALL = "inference.completed"
AUTOGEN = "autogen SingleThreadedAgentRuntime"
USAGE = '"models_usage": {"prompt_tokens": 5028, "completion_tokens": 2010}'


def test_a_team_of_autogen_gets_each_answer_once_with_its_usage() -> None:
    message = f'{{"message": {{"source": "writer", {USAGE}, "content": "secret"}}}}'
    call = row({"messaging.operation": "process", "message": message}, AUTOGEN)
    assert (call["event_type"], call["operation"]) == (CALL, "chat")
    assert (call["input_tokens"], call["output_tokens"]) == (5028, 2010)
    assert "latency_ms" not in call
    assert call["content"] == {"message": message}


@pytest.mark.parametrize(
    "message",
    [
        '{"message": {"source": "user", "models_usage": null}}',
        f'{{"response": {{"chat_message": {{{USAGE}}}, "inner_messages": [{{{USAGE}}}]}}}}',
        '{"messages": []}',
        "No Message",
    ],
)
def test_what_autogen_says_again_is_no_call(message: str) -> None:
    said = row({"messaging.operation": "process", "message": message}, AUTOGEN)
    assert said["event_type"] == "span.completed"
    assert said["latency_ms"] == 1000.0


def test_an_agent_of_autogen_is_no_call() -> None:
    agent = {"gen_ai.operation.name": "invoke_agent", "gen_ai.system": "autogen"}
    assert row(agent, "autogen-core")["event_type"] == "agent.completed"


def test_a_failed_call_of_openlit_has_nothing_but_a_name() -> None:
    failed = row({}, "openlit.otel.tracing", name="chat claude-sonnet-4-5", status=2)
    assert (failed["event_type"], failed["status"]) == (CALL, "error")
    assert (failed["model"], failed["provider"]) == ("claude-sonnet-4-5", "anthropic")


def test_a_name_gives_way_to_what_attributes_say() -> None:
    said = {"gen_ai.operation.name": "chat", "gen_ai.response.model": "gpt-4o-2024-08-06"}
    assert row(said, "openlit", name="chat gpt-4o")["model"] == "gpt-4o-2024-08-06"


def test_a_name_of_another_kind_names_no_model() -> None:
    assert "model" not in row({"gen_ai.operation.name": "chat"}, "openlit", name="ask gpt-4o")


@pytest.mark.parametrize(("scope", "name"), [("openlit", "POST /chat"), ("", "chat gpt-4o")])
def test_other_names_say_nothing(scope: str, name: str) -> None:
    assert row({}, scope, name=name)["event_type"] == "span.completed"


def test_embeddings_of_laminar_are_told_by_the_name_of_the_span() -> None:
    call = {"lmnr.span.type": "LLM", "gen_ai.usage.input_tokens": 3585}
    embedding = row(call, "lmnr.tracer", name="openai.embeddings")
    assert (embedding["operation"], embedding["input_tokens"]) == ("embeddings", 3585)
    assert row(call, "lmnr.tracer", name="openai.chat")["operation"] == "chat"


@pytest.mark.parametrize("name", ["finish_reason", "stop_reason"])
def test_laminar_keeps_why_an_answer_ended_in_the_answer(name: str) -> None:
    answer = {"lmnr.span.type": "LLM", "gen_ai.output.messages": f'[{{"{name}": "stop"}}]'}
    assert row(answer, "lmnr.tracer")["attributes"]["finish_reasons"] == ["stop"]


@pytest.mark.parametrize(
    ("function", "operation"),
    [
        ("acompletion", "chat"),
        ("aresponses", "chat"),
        ("anthropic_messages", "chat"),
        ("atext_completion", "text_completion"),
        ("aembedding", "embeddings"),
        ("agenerate_content_stream", "generate_content"),
    ],
)
def test_an_operation_of_litellm_is_one_of_its_functions(function: str, operation: str) -> None:
    call = {"gen_ai.operation.name": function, "gen_ai.usage.input_tokens": 70}
    made = row(call, "litellm")
    assert (made["event_type"], made["operation"], made["input_tokens"]) == (CALL, operation, 70)


def test_an_embedding_of_haystack_is_counted_from_its_answer() -> None:
    answer = '{"embedding": "<3-dimensional vector>", "meta": {"usage": {"prompt_tokens": 3546}}}'
    embedding = row({"openinference.span.kind": "EMBEDDING", "output.value": answer})
    assert (embedding["operation"], embedding["input_tokens"]) == ("embeddings", 3546)


@pytest.mark.parametrize(
    ("attributes", "scope"),
    [
        ({"tool_args": "secret"}, "base_tool"),
        ({"llm.gemini.contents": "secret"}, "litellm"),
        ({"llm.anthropic.system": "secret"}, "litellm"),
        ({"llm.openai.output": "secret"}, "litellm"),
        ({"gen_ai.response.tool_calls": "secret"}, "openlit"),
        ({"openinference.span.kind": "CHAIN", "crew_tasks": "secret"}, ""),
        ({"openinference.span.kind": "AGENT", "task_description": "secret"}, ""),
    ],
)
def test_what_was_said_is_content(attributes: dict[str, Any], scope: str) -> None:
    made = row(attributes, scope)
    assert "secret" not in str(made["attributes"])
    assert "secret" in str(made["content"])


def test_an_answer_in_a_log_record_of_litellm_is_content() -> None:
    said = {"event_name": "gen_ai.content.completion", "message.content": "secret"}
    record = log_record("0a" * 16, "0b" * 8, "", START, 0, 0, {"index": 0})
    (shape,) = by_shape("litellm", Resource({}, {}), 0, [(record, said)])
    ((_, columns),) = LogMapper(DIALECTS).map(shape)
    (made,) = as_rows(columns)
    assert made["event_type"] == "log.recorded"
    assert made["content"] == {"output": "secret", "body": {"index": 0}}
