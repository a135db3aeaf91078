from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_analytics_hub.ingest.dialects import DIALECTS
from llm_analytics_hub.ingest.dialects.span import SpanEvent
from llm_analytics_hub.model.event import CANONICAL_FIELDS

from .spans import START, row, rows

TOKENS = ("input_tokens", "output_tokens", "cached_tokens", "total_tokens", "reasoning_tokens")

CHAT = {"gen_ai.operation.name": "chat"}
CHAT_V2 = {
    **CHAT,
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
    "gen_ai.usage.input_tokens": 2053,
    "gen_ai.usage.output_tokens": 767,
    "gen_ai.usage.cache_read.input_tokens": 543,
    "gen_ai.usage.reasoning.output_tokens": 131,
    "gen_ai.response.time_to_first_chunk": 0.25,
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.response.id": "chatcmpl-81",
    "gen_ai.input.messages": "[secret]",
}


def test_a_call_in_todays_conventions_fills_its_columns() -> None:
    call = row(CHAT_V2)
    expected = {
        "event_type": "inference.completed",
        "operation": "chat",
        "provider": "openai",
        "model": "gpt-4o-mini-2024-07-18",
        "input_tokens": 2053,
        "output_tokens": 767,
        "cached_tokens": 543,
        "reasoning_tokens": 131,
        "ttft_ms": 250.0,
        "content": {"input_messages": "[secret]"},
    }
    assert {field: call[field] for field in expected} == expected
    assert call["attributes"] == {
        "dialect": "otel-genai/2",
        "finish_reasons": ["stop"],
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.response.id": "chatcmpl-81",
    }


def test_a_call_in_the_older_conventions_fills_the_same_columns() -> None:
    call = row(
        {
            **CHAT,
            "gen_ai.system": "az.ai.openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.prompt_tokens": 7,
            "gen_ai.usage.completion_tokens": 3,
        }
    )
    assert call["attributes"]["dialect"] == "otel-genai/1"
    assert (call["provider"], call["model"]) == ("azure", "gpt-4o")
    assert [call["input_tokens"], call["output_tokens"]] == [7, 3]


def test_two_spellings_of_one_count_are_not_added() -> None:
    call = row({**CHAT, "gen_ai.usage.prompt_tokens": 7, "gen_ai.usage.input_tokens": 7})
    assert call["input_tokens"] == 7


def test_a_spelling_without_a_value_gives_way_to_the_next() -> None:
    call = row({**CHAT, "gen_ai.usage.input_tokens": float("nan"), "gen_ai.usage.prompt_tokens": 7})
    assert call["input_tokens"] == 7


@pytest.mark.parametrize("count", [float("nan"), -1, "many", True, None, 2.5, 2**70])
def test_a_count_that_cannot_be_one_is_unknown(count: object) -> None:
    assert "input_tokens" not in row({**CHAT, "gen_ai.usage.input_tokens": count})


@pytest.mark.parametrize(
    "attributes",
    [
        {**CHAT_V2, "gen_ai.operation.name": "invoke_agent"},
        {**CHAT_V2, "gen_ai.operation.name": "invoke_workflow"},
        {key: value for key, value in CHAT_V2.items() if key != "gen_ai.operation.name"},
        {"openinference.span.kind": "AGENT", "llm.token_count.prompt": 5},
        {"openinference.span.kind": "CHAIN", "llm.token_count.prompt": 5},
        {"traceloop.span.kind": "workflow", "gen_ai.usage.input_tokens": 5},
    ],
)
def test_sums_on_spans_that_are_no_model_call_stay_attributes(attributes: dict[str, Any]) -> None:
    parent = row(attributes)
    assert parent["event_type"] != "inference.completed"
    assert not [field for field in (*TOKENS, "ttft_ms") if field in parent]
    counts = {key: value for key, value in attributes.items() if "usage" in key or "count" in key}
    assert counts.items() <= parent["attributes"].items()


def test_input_smaller_than_its_cache_can_only_leave_the_cache_out() -> None:
    call = row(
        {
            **CHAT,
            "gen_ai.provider.name": "anthropic",
            "gen_ai.usage.input_tokens": 672,
            "gen_ai.usage.output_tokens": 508,
            "gen_ai.usage.total_tokens": 1180,
            "gen_ai.usage.cache_read.input_tokens": 3748,
            "gen_ai.usage.cache_creation.input_tokens": 820,
        }
    )
    assert (call["input_tokens"], call.get("total_tokens")) == (5240, None)


def test_openlit_leaves_the_cache_out_for_anthropic_only() -> None:
    usage = {"gen_ai.usage.input_tokens": 900, "gen_ai.usage.cache_read.input_tokens": 100}
    scope = "openlit.instrumentation.x"
    assert row({**CHAT, **usage, "gen_ai.system": "anthropic"}, scope)["input_tokens"] == 1000
    assert row({**CHAT, **usage, "gen_ai.system": "openai"}, scope)["input_tokens"] == 900


def test_openinference_says_kind_model_and_counts_in_its_own_words() -> None:
    call = row(
        {
            "openinference.span.kind": "LLM",
            "llm.system": "openai",
            "llm.model_name": "gpt-4o",
            "llm.token_count.prompt": 10,
            "llm.token_count.completion": 4,
            "llm.token_count.total": 14,
            "llm.token_count.prompt_details.cache_read": 3,
            "llm.cost.total": 0.5,
            "llm.finish_reason": "stop",
            "session.id": "s",
            "user.id": "u",
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.content": "hello",
        },
        events=[SpanEvent("First Token Stream Event", START + 40_000_000, {})],
    )
    assert (call["operation"], call["provider"], call["model"]) == ("chat", "openai", "gpt-4o")
    assert [call.get(field) for field in TOKENS] == [10, 4, 3, 14, None]
    assert (call["ttft_ms"], call["session_id"], call["user_id"]) == (40.0, "s", "u")
    assert call["content"] == {
        "input_messages": [{"message": {"role": "user", "content": "hello"}}]
    }
    assert call["attributes"] == {
        "dialect": "openinference/1",
        "reported_cost_usd": 0.5,
        "finish_reasons": ["stop"],
    }
    assert "cost_usd" not in call


def test_openinference_embeddings_are_model_calls() -> None:
    call = row(
        {
            "openinference.span.kind": "EMBEDDING",
            "embedding.model_name": "text-embedding-3-small",
            "llm.token_count.prompt": 8,
        }
    )
    assert (call["event_type"], call["operation"]) == ("inference.completed", "embeddings")
    assert (call["model"], call["input_tokens"]) == ("text-embedding-3-small", 8)


def test_old_traceloop_messages_are_content_and_its_request_type_the_operation() -> None:
    call = row(
        {
            "llm.request.type": "completion",
            "gen_ai.system": "Anthropic",
            "gen_ai.usage.prompt_tokens": 5,
            "traceloop.association.properties.user_id": "user-42",
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": "hello",
            "gen_ai.completion.0.content": "good day",
            "gen_ai.completion.0.finish_reason": "end_turn",
        },
        "opentelemetry.instrumentation.anthropic",
    )
    assert call["attributes"] == {
        "dialect": "traceloop/1",
        "scope": "opentelemetry.instrumentation.anthropic",
        "finish_reasons": ["end_turn"],
    }
    assert (call["operation"], call["provider"]) == ("text_completion", "anthropic")
    assert (call["input_tokens"], call["user_id"]) == (5, "user-42")
    assert call["content"] == {
        "input_messages": [{"role": "user", "content": "hello"}],
        "output_messages": [{"content": "good day"}],
    }


def test_the_observatorys_own_sdks_are_read() -> None:
    call = row(
        {
            "llm.provider": "openai",
            "llm.model": "gpt-4o",
            "llm.usage.prompt_tokens": 9,
            "llm.usage.completion_tokens": 1,
            "llm.cost.total_usd": 0.02,
            "llm.metrics.ttft_ms": 12.5,
        }
    )
    assert call["event_type"] == "inference.completed"
    assert [call[field] for field in ("input_tokens", "output_tokens", "ttft_ms")] == [9, 1, 12.5]
    assert call["attributes"]["reported_cost_usd"] == 0.02


@pytest.mark.parametrize(
    ("attributes", "members", "outcome"),
    [
        ({}, {"status": 0}, ("unset", None)),
        ({}, {"status": 1}, ("ok", None)),
        ({}, {"status": 2}, ("error", None)),
        ({"error.type": "RateLimitError"}, {"status": 2}, ("error", "RateLimitError")),
        ({"error.type": "timeout"}, {"status": 0}, ("error", "timeout")),
        (
            {},
            {"status": 2, "events": [SpanEvent("exception", START, {"exception.type": "a.B"})]},
            ("error", "a.B"),
        ),
        ({}, {"status": 2, "status_message": "x.APIError: no"}, ("error", "x.APIError")),
        ({}, {"status": 2, "status_message": "Error code: 429 - no"}, ("error", "429")),
        ({}, {"status": 2, "status_message": "Error: 503 no"}, ("error", "503")),
        ({}, {"status": 2, "status_message": "Request timed out."}, ("error", "timeout")),
        ({}, {"status": 2, "status_message": "no"}, ("error", None)),
        ({**CHAT, "http.response.status_code": 429}, {"status": 0}, ("error", "429")),
        ({**CHAT, "http.response.status_code": 200}, {"status": 0}, ("unset", None)),
        ({"http.response.status_code": 404}, {"status": 0}, ("unset", None)),
    ],
)
def test_status_and_error_type_are_what_the_span_says(
    attributes: dict[str, Any], members: dict[str, Any], outcome: tuple[str, str | None]
) -> None:
    failed = row(attributes, **members)
    assert (failed["status"], failed.get("error_type")) == outcome


def test_an_attribute_named_like_an_addition_of_the_hub_keeps_the_senders_value() -> None:
    assert row({"scope": "mine"}, "their.scope")["attributes"]["scope"] == "mine"


def test_what_a_span_event_carries_is_content() -> None:
    event = SpanEvent("gen_ai.user.message", START, {"content": "hello"})
    content = row(CHAT, events=[event])["content"]
    assert content == {
        "span_events": [
            {"name": "gen_ai.user.message", "time": START, "attributes": {"content": "hello"}}
        ]
    }


KEYS = st.sampled_from(
    sorted({key.partition("#")[0] for dialect in DIALECTS for key in dialect.columns})
)
JSON = st.sampled_from(['{"input": 5, "total": 2}', '{"usage": [', '["{"]', "{'a': None}", '"7"'])
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), JSON)


@settings(deadline=None)
@given(
    st.dictionaries(KEYS, VALUES, max_size=12),
    st.sampled_from(["chat", "invoke_agent", "", "CHAT", 7]),
    st.sampled_from(["", "openlit", "traceloop.tracer", "logfire.openai", "litellm", "codex_x"]),
)
def test_any_values_give_a_row_of_canonical_fields_with_known_numbers(
    attributes: dict[str, Any], operation: object, scope: str
) -> None:
    made = row({**attributes, "gen_ai.operation.name": operation}, scope)
    assert made.keys() <= set(CANONICAL_FIELDS)
    assert all(made[field] >= 0 for field in TOKENS if field in made)
    assert made.get("model") != ""


@settings(deadline=None)
@given(
    st.lists(st.dictionaries(KEYS, VALUES, max_size=4), min_size=2, max_size=6),
    st.lists(st.sampled_from([0, 2]), min_size=6, max_size=6),
)
def test_a_span_is_read_alike_whatever_stands_beside_it(
    attributes: list[dict[str, Any]], statuses: list[int]
) -> None:
    members = [{"status": status, "kind": status} for status in statuses]
    together = rows(*zip(attributes, members, strict=False))
    assert together == [row(one, **more) for one, more in zip(attributes, members, strict=False)]
