"""What is peculiar to one dialect each; the ordinary is in `test_mapper`."""

from typing import Any

import pytest

from .spans import row

CHAT = {"gen_ai.operation.name": "chat"}


def test_mlflow_writes_every_value_as_json() -> None:
    call = row(
        {
            "mlflow.spanType": '"CHAT_MODEL"',
            "mlflow.llm.model": '"gpt-4o-mini-2024-07-18"',
            "model": '"gpt-4o-mini"',
            "temperature": "0.2",
            "mlflow.chat.tokenUsage": '{"input_tokens": 50, "output_tokens": 9,'
            ' "cache_read_input_tokens": 20}',
            "mlflow.spanOutputs": '{"id": "c-1", "usage": {"completion_tokens_details":'
            ' {"reasoning_tokens": 4}}}',
        }
    )
    assert (call["operation"], call["provider"]) == ("chat", "openai")
    assert call["model"] == "gpt-4o-mini-2024-07-18"
    counts = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")
    assert [call[field] for field in counts] == [50, 9, 20, 4]
    assert call["attributes"]["temperature"] == 0.2
    assert call["attributes"]["gen_ai.response.id"] == "c-1"
    assert "output" in call["content"]


def test_an_embedding_of_mlflow_is_counted_from_its_answer() -> None:
    outputs = '{"usage": {"prompt_tokens": 6671, "total_tokens": 6671}}'
    call = row({"mlflow.spanType": '"EMBEDDING"', "mlflow.spanOutputs": outputs})
    assert (call["operation"], call["input_tokens"]) == ("embeddings", 6671)


LOGFIRE = {**CHAT, "gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o"}


def test_a_streamed_call_of_logfire_is_its_second_span() -> None:
    opening = row({**LOGFIRE, "logfire.span_type": "span"}, "logfire.openai")
    assert opening["event_type"] == "span.completed"
    call = row(
        {
            **LOGFIRE,
            "logfire.span_type": "log",
            "logfire.level_num": 9,
            "duration": 0.42,
            "gen_ai.usage.input_tokens": 70,
            "gen_ai.usage.raw": '{"prompt_tokens_details": {"cached_tokens": 30}}',
        },
        "logfire.openai",
    )
    assert call["event_type"] == "inference.completed"
    assert (call["input_tokens"], call["cached_tokens"]) == (70, 30)
    assert call["latency_ms"] == pytest.approx(420.0)


def test_a_failed_call_of_logfire_is_a_call() -> None:
    failed = row({**LOGFIRE, "logfire.level_num": 17}, "logfire.openai", status=2)
    assert (failed["event_type"], failed["status"]) == ("inference.completed", "error")


def test_a_session_that_logfire_has_scrubbed_is_unknown() -> None:
    scrubbed = {"session.id": "[Scrubbed due to 'session']"}
    usage = {**LOGFIRE, "gen_ai.usage.input_tokens": 1}
    assert "session_id" not in row({**usage, **scrubbed}, "logfire.openai")
    assert row({**usage, "session.id": "s"}, "logfire.openai")["session_id"] == "s"


def test_litellm_writes_details_of_usage_as_python_does() -> None:
    call = row(
        {
            "gen_ai.operation.name": "embedding",
            "gen_ai.system": "",
            "gen_ai.request.model": "text-embedding-3-small",
            "gen_ai.usage.input_tokens": 70,
            "metadata.usage_object": "{'prompt_tokens_details': {'cached_tokens': 30, 'x': None},"
            " 'cache_creation_input_tokens': 5}",
            "metadata.user_api_key_user_id": "u",
            "metadata.user_api_key_end_user_id": "",
            "gen_ai.cost.total_cost": 0.003,
        },
        "litellm",
    )
    assert (call["operation"], call["provider"]) == ("embeddings", "openai")
    assert (call["cached_tokens"], call["cache_write_tokens"]) == (30, 5)
    assert (call["user_id"], call["attributes"]["reported_cost_usd"]) == ("u", 0.003)


def test_text_with_quotes_of_its_own_is_no_python_dict() -> None:
    usage = {"metadata.usage_object": "{'note': \"it's\", 'cache_read_input_tokens': 3}"}
    assert "cached_tokens" not in row({**CHAT, **usage}, "litellm")


def test_langsmith_keeps_users_and_details_of_usage_in_metadata() -> None:
    call = row(
        {
            **CHAT,
            "langsmith.span.kind": "llm",
            "langsmith.metadata.user_id": "u",
            "langsmith.metadata.session_id": "s",
            "langsmith.metadata.thread_id": "t",
            "langsmith.metadata.usage_metadata": '{"input_token_details": {"cache_read": 13},'
            '"output_token_details": {"reasoning": 8}}',
        }
    )
    assert (call["user_id"], call["session_id"]) == ("u", "s")
    assert (call["cached_tokens"], call["reasoning_tokens"]) == (13, 8)
    chain = row({"langsmith.span.kind": "chain", "gen_ai.operation.name": "chain"})
    assert chain["event_type"] == "span.completed"


def test_laminar_names_kind_user_and_session_in_its_own_words() -> None:
    call = row(
        {
            "lmnr.span.type": "LLM",
            "gen_ai.system": "anthropic",
            "gen_ai.usage.input_tokens": 500,
            "gen_ai.usage.cache_read_input_tokens": 300,
            "gen_ai.usage.cache_creation_input_tokens": 100,
            "lmnr.association.properties.user_id": "u",
            "lmnr.association.properties.session_id": "s",
            "lmnr.span.output": "secret",
        },
        "lmnr.tracer",
    )
    assert (call["event_type"], call["input_tokens"]) == ("inference.completed", 500)
    assert (call["cached_tokens"], call["cache_write_tokens"]) == (300, 100)
    assert (call["user_id"], call["session_id"]) == ("u", "s")
    assert call["content"] == {"output": "secret"}
    assert row({"lmnr.span.type": "DEFAULT"}, "lmnr.tracer")["event_type"] == "span.completed"


@pytest.mark.parametrize(
    ("scope", "ttft_ms"), [("strands.telemetry.tracer", 320.0), ("openlit.otel.tracing", 320_000.0)]
)
def test_one_key_is_milliseconds_in_strands_and_seconds_in_openlit(
    scope: str, ttft_ms: float
) -> None:
    attributes = {**CHAT, "gen_ai.server.time_to_first_token": 320}
    assert row(attributes, scope)["ttft_ms"] == ttft_ms


def test_a_framework_as_provider_gives_way_to_the_model() -> None:
    attributes = {**CHAT, "gen_ai.system": "strands-agents", "gen_ai.request.model": "gpt-4o"}
    assert row(attributes, "strands.telemetry.tracer")["provider"] == "openai"


def test_semantic_kernel_writes_the_class_of_an_error_as_python_does() -> None:
    failed = row(
        {**CHAT, "error.type": "<class 'a.b.ServiceError'>"}, "semantic_kernel.x", status=2
    )
    assert failed["error_type"] == "a.b.ServiceError"


def test_claude_code_leaves_the_cache_out_of_bare_counts() -> None:
    call = row(
        {
            "span.type": "llm_request",
            "model": "claude-sonnet-4-5",
            "input_tokens": 4000,
            "output_tokens": 207,
            "cache_read_tokens": 3017,
            "cache_creation_tokens": 605,
            "ttft_ms": 192,
        },
        "com.anthropic.claude_code.tracing",
    )
    assert (call["input_tokens"], call["output_tokens"]) == (7622, 207)
    assert (call["provider"], call["ttft_ms"]) == ("anthropic", 192.0)


@pytest.mark.parametrize(
    ("attributes", "error_type"),
    [
        ({"success": False, "status_code": 529, "error": "529 overloaded"}, "529"),
        ({"success": False, "error": "Request timed out."}, "timeout"),
        ({"success": False}, None),
    ],
)
def test_a_call_of_claude_code_says_whether_it_succeeded(
    attributes: dict[str, Any], error_type: str | None
) -> None:
    scope = "com.anthropic.claude_code.tracing"
    failed = row({"span.type": "llm_request", **attributes}, scope)
    assert (failed["status"], failed.get("error_type")) == ("error", error_type)
    assert row({"span.type": "llm_request", "success": True}, scope)["status"] == "unset"


def test_a_call_of_codex_is_a_span_with_usage() -> None:
    usage = {
        "gen_ai.usage.input_tokens": 1065,
        "codex.usage.reasoning_output_tokens": 55,
        "codex.usage.total_tokens": 1300,
    }
    call = row(usage, "codex_exec")
    assert (call["event_type"], call["reasoning_tokens"]) == ("inference.completed", 55)
    turn = row({"codex.turn.token_usage.input_tokens": 2143, "model": "gpt-5-mini"}, "codex_exec")
    assert (turn["event_type"], turn["model"]) == ("span.completed", "gpt-5-mini")


@pytest.mark.parametrize(
    ("attributes", "scope"),
    [
        ({"gen_ai.operation.name": "llm_call"}, "gemini-cli"),
        ({"message": '{"usage": 5}', "messaging.operation": "process"}, "autogen runtime"),
        ({"openinference.span.kind": "AGENT"}, "openinference.instrumentation.crewai"),
        ({"openinference.span.kind": "LLM"}, "openinference.instrumentation.llama_index"),
    ],
)
def test_what_carries_no_call_is_no_model_call(attributes: dict[str, Any], scope: str) -> None:
    assert row(attributes, scope)["event_type"] != "inference.completed"


@pytest.mark.parametrize(
    ("attributes", "scope"),
    [
        ({"message": "secret"}, "autogen SingleThreadedAgentRuntime"),
        ({"gcp.vertex.agent.llm_response": "secret"}, "gcp.vertex.agent"),
        ({"gcp.vertex.agent.tool_response": "secret"}, "gcp.vertex.agent"),
        ({"lmnr.span.input": "secret"}, "lmnr.tracer"),
        ({"mlflow.spanType": '"LLM"', "mlflow.chat.tools": "secret"}, ""),
        ({"ai.operationId": "ai.toolCall", "ai.toolCall.result": "secret"}, ""),
    ],
)
def test_contents_never_rest_among_the_attributes(attributes: dict[str, Any], scope: str) -> None:
    made = row(attributes, scope)
    assert "secret" not in str(made["attributes"])
    assert "secret" in str(made["content"])


def test_openinference_is_completed_from_a_recorded_answer() -> None:
    call = row(
        {
            "openinference.span.kind": "LLM",
            "llm.token_count.prompt": 90,
            "llm.token_count.prompt_details.cache_read": 40,
            "llm.model_name": "gpt-4o",
            "output.value": '{"id": "chatcmpl-1", "model": "gpt-4o-2024-08-06", "usage": {"prompt_tokens_details":'
            ' {"cached_tokens": 41}, "completion_tokens_details": {"reasoning_tokens": 7}}}',
        }
    )
    assert (call["cached_tokens"], call["reasoning_tokens"]) == (40, 7)
    assert call["attributes"]["gen_ai.response.id"] == "chatcmpl-1"
    assert call["model"] == "gpt-4o-2024-08-06"
    assert call["attributes"]["gen_ai.request.model"] == "gpt-4o"


def test_what_a_tool_answers_names_neither_model_nor_call() -> None:
    answer = '{"id": "x", "model": "T-1000"}'
    tool = row({"openinference.span.kind": "TOOL", "output.value": answer})
    assert "model" not in tool
    assert "gen_ai.response.id" not in tool["attributes"]


def test_an_answer_that_nests_without_end_is_stored_unread() -> None:
    output = "[" * 200_000
    call = row({"openinference.span.kind": "LLM", "output.value": output})
    assert call["content"] == {"output": output}


def test_a_gateways_lead_is_taken_off_a_model() -> None:
    call = row({"openinference.span.kind": "LLM", "llm.model_name": "openai/gpt-4o-mini"})
    assert (call["provider"], call["model"]) == ("openai", "gpt-4o-mini")
