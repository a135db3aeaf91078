import pytest

from .spans import row

CALL = {"ai.operationId": "ai.generateText.doGenerate", "gen_ai.request.model": "claude-sonnet-4-5"}
ANTHROPIC = {"gen_ai.system": "anthropic.messages"}


@pytest.mark.parametrize(
    ("operation", "event_type"),
    [
        ("ai.generateText.doGenerate", "inference.completed"),
        ("ai.streamObject.doStream", "inference.completed"),
        ("ai.embedMany.doEmbed", "inference.completed"),
        ("ai.generateText", "agent.completed"),
        ("ai.embedMany", "span.completed"),
        ("ai.toolCall", "tool.completed"),
    ],
)
def test_only_the_inner_spans_are_model_calls(operation: str, event_type: str) -> None:
    span = row({"ai.operationId": operation, "ai.usage.promptTokens": 5, "ai.usage.tokens": 5})
    assert span["event_type"] == event_type
    assert ("input_tokens" in span) == (event_type == "inference.completed")


def test_version_4_leaves_the_cache_out_for_anthropic_only() -> None:
    usage = {
        "gen_ai.usage.input_tokens": 7926,
        "gen_ai.usage.output_tokens": 4414,
        "ai.response.providerMetadata": '{"anthropic":{"cacheCreationInputTokens":3610,'
        '"cacheReadInputTokens":1000}}',
    }
    call = row({**CALL, **ANTHROPIC, **usage})
    assert (call["input_tokens"], call["output_tokens"]) == (7926 + 4610, 4414)
    assert (call["cached_tokens"], call["cache_write_tokens"]) == (1000, 3610)
    metadata = {"ai.response.providerMetadata": '{"openai":{"cachedPromptTokens":7}}'}
    other = row({**CALL, "gen_ai.system": "openai.chat", **usage, **metadata})
    assert (other["input_tokens"], other["cached_tokens"]) == (7926, 7)


def test_version_6_counts_the_cache_in() -> None:
    call = row(
        {
            **CALL,
            **ANTHROPIC,
            "ai.usage.inputTokens": 23685,
            "ai.usage.inputTokenDetails.noCacheTokens": 17523,
            "ai.usage.inputTokenDetails.cacheReadTokens": 2707,
            "ai.usage.inputTokenDetails.cacheWriteTokens": 3455,
            "ai.usage.outputTokens": 4197,
            "ai.usage.reasoningTokens": 12,
        }
    )
    counts = ("input_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens")
    assert [call[field] for field in counts] == [23685, 2707, 3455, 12]
    assert call["attributes"]["dialect"] == "vercel-ai/6"


EMBEDDING = {
    "gen_ai.operation.name": "embeddings",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "text-embedding-3-small",
}


def test_version_7_embeds_in_two_spans_and_the_one_with_usage_is_the_call() -> None:
    call = row({**EMBEDDING, "gen_ai.usage.input_tokens": 4097}, "gen_ai")
    around = row(EMBEDDING, "gen_ai")
    assert (call["event_type"], call["operation"]) == ("inference.completed", "embeddings")
    assert (around["event_type"], around["operation"]) == ("span.completed", "ai.embed")
    assert {one["attributes"]["dialect"] for one in (call, around)} == {"vercel-ai/7"}
    assert row(EMBEDDING, "other")["event_type"] == "inference.completed"


def test_version_7_has_calls_without_usage() -> None:
    failed = row({**EMBEDDING, "http.response.status_code": 429}, "gen_ai", status=2)
    assert (failed["event_type"], failed["error_type"]) == ("inference.completed", "429")
    aborted = row({"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o"}, "gen_ai")
    assert (aborted["event_type"], aborted["operation"]) == ("inference.completed", "chat")


def test_version_7_may_say_more_of_usage_and_is_still_version_7() -> None:
    usage = {
        "gen_ai.usage.input_tokens": 4025,
        "gen_ai.usage.output_tokens": 443,
        "gen_ai.usage.cache_read.input_tokens": 3221,
        "ai.usage.inputTokenDetails.noCacheTokens": 804,
        "ai.usage.outputTokenDetails.reasoningTokens": 207,
        "ai.settings.context.userId": "u",
        "ai.settings.context.sessionId": "s",
        "ai.schema": "secret",
    }
    call = row({"gen_ai.operation.name": "chat", **usage}, "gen_ai")
    fields = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")
    assert [call[field] for field in fields] == [4025, 443, 3221, 207]
    assert (call["user_id"], call["session_id"], call["content"]) == (
        "u", "s", {"output_schema": "secret"}
    )  # fmt: skip
    around = row({"gen_ai.operation.name": "invoke_agent", **usage}, "a tracer of the user")
    assert (around["event_type"], around.get("reasoning_tokens")) == ("agent.completed", None)
    assert {one["attributes"]["dialect"] for one in (call, around)} == {"vercel-ai/7"}


@pytest.mark.parametrize("unknown", [float("nan"), "NaN", None])
def test_usage_that_was_not_sent_is_unknown(unknown: object) -> None:
    usage = dict.fromkeys(("gen_ai.usage.input_tokens", "ai.usage.promptTokens"), unknown)
    assert "input_tokens" not in row({**CALL, **usage})


def test_the_first_chunk_is_in_milliseconds_and_users_are_metadata() -> None:
    call = row(
        {
            **CALL,
            "ai.response.msToFirstChunk": 190.5,
            "ai.telemetry.metadata.userId": "u",
            "ai.telemetry.metadata.sessionId": "s",
            "ai.response.id": "msg-1",
            "ai.response.text": "secret",
        }
    )
    assert (call["ttft_ms"], call["user_id"], call["session_id"]) == (190.5, "u", "s")
    assert call["attributes"]["gen_ai.response.id"] == "msg-1"
    assert call["content"] == {"output": "secret"}


def test_version_7_writes_the_conventions_with_sums_on_agents() -> None:
    usage = {"gen_ai.provider.name": "openai", "gen_ai.usage.input_tokens": 5}
    call = row({"gen_ai.operation.name": "chat", **usage}, "gen_ai")
    agent = row({"gen_ai.operation.name": "invoke_agent", **usage}, "gen_ai")
    assert (call["input_tokens"], call["attributes"]["dialect"]) == (5, "vercel-ai/7")
    assert "input_tokens" not in agent
