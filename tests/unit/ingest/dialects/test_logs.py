from typing import Any

import pytest

from llm_analytics_hub.ingest.dialects import DIALECTS
from llm_analytics_hub.ingest.dialects.log_mapper import LogMapper
from llm_analytics_hub.ingest.dialects.log_record import log_record
from llm_analytics_hub.ingest.dialects.span import Resource, by_shape
from llm_analytics_hub.normalize.raw_columns import as_rows

from .spans import START

CALL, RECORDED = "inference.completed", "log.recorded"
CLAUDE_CODE = "com.anthropic.claude_code.events"
DETAILS = "gen_ai.client.inference.operation.details"


def row(
    name: str, scope: str = "", body: object = None, trace_id: str = "0a" * 16, **attributes: Any
) -> dict[str, Any]:
    """The row of a record with these attributes, `__` in their names standing for `.`."""
    dotted = {key.replace("__", "."): value for key, value in attributes.items()}
    record = log_record(trace_id, "0b" * 8, name, START, 0, 0, body)
    (shape,) = by_shape(scope, Resource({}, {}), 0, [(record, dotted)])
    ((_, columns),) = LogMapper(DIALECTS).map(shape)
    (made,) = as_rows(columns)
    return made


def facts(made: dict[str, Any], *names: str) -> tuple[object, ...]:
    return tuple(made.get(name) for name in names)


TOKENS = ("input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens",
          "reasoning_tokens")  # fmt: skip
CLAUDE_CODE_CALL = {
    "model": "claude-sonnet-4-5",
    "input_tokens": 113,
    "output_tokens": 207,
    "cache_read_tokens": 3017,
    "cache_creation_tokens": 605,
    "cost_usd": 0.5,
    "duration_ms": 438,
    "ttft_ms": 192,
    "session__id": "s1",
}


@pytest.mark.parametrize(
    ("name", "scope"), [("api_request", CLAUDE_CODE), ("claude_code.api_request", "")]
)
@pytest.mark.parametrize("write", [lambda value: value, str], ids=["numbers", "texts"])
def test_an_api_request_of_claude_code_is_a_call(name: str, scope: str, write: Any) -> None:
    attributes = {key: write(value) for key, value in CLAUDE_CODE_CALL.items()}
    call = row(name, scope, f"claude_code.{name}", **attributes)
    assert call["event_type"] == CALL
    assert facts(call, *TOKENS) == (113 + 3017 + 605, 207, 3017, 605, None)
    assert facts(call, "model", "provider", "operation", "session_id", "ttft_ms", "latency_ms") == (
        "claude-sonnet-4-5", "anthropic", "chat", "s1", 192.0, 438.0
    )  # fmt: skip
    assert call["occurred_at"] == START - 438_000_000
    assert call["attributes"]["reported_cost_usd"] == 0.5
    assert "cost_usd" not in call


def test_an_api_request_of_anyone_else_is_none() -> None:
    assert row("api_request", "web", **CLAUDE_CODE_CALL)["event_type"] == RECORDED


CLAUDE_CODE_ERROR = {
    "model": "claude-sonnet-4-5", "duration_ms": 23, "attempt": 2, "session__id": "s1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "scope"), [("api_error", CLAUDE_CODE), ("claude_code.api_error", "")]
)
@pytest.mark.parametrize(
    ("told", "error_type"),
    [
        ({"error": "429 (quota)", "status_code": 429}, "429"),
        ({"error": "529 (busy)", "status_code": "529"}, "529"),
        ({"error": "Connection error."}, "connection_error"),
        ({"error": "Request timed out."}, "timeout"),
        ({}, None),
    ],
)
def test_an_api_error_of_claude_code_is_a_failed_call(
    name: str, scope: str, told: dict[str, Any], error_type: str | None
) -> None:
    call = row(name, scope, f"claude_code.{name}", trace_id="", **CLAUDE_CODE_ERROR, **told)
    assert facts(call, "event_type", "status", "error_type", "provider", "model") == (
        CALL, "error", error_type, "anthropic", "claude-sonnet-4-5"
    )  # fmt: skip
    assert facts(call, "latency_ms", "session_id", *TOKENS) == (23.0, "s1", *[None] * 5)
    assert call["attributes"].get("status_message") == told.get("error")


def test_an_api_error_in_a_trace_is_a_record_for_a_span_tells_of_the_call() -> None:
    told = {**CLAUDE_CODE_ERROR, "error": "429 (quota)", "status_code": 429}
    assert row("api_error", CLAUDE_CODE, **told)["event_type"] == RECORDED
    assert row("api_error", "web", trace_id="", **told)["event_type"] == RECORDED


def test_records_of_one_event_in_and_out_of_traces_are_read_each_its_way() -> None:
    told = {"model": "claude-sonnet-4-5", "status_code": 429}
    records = [
        (log_record(trace_id, "", "api_error", START, 0, 0, None), told)
        for trace_id in ("0a" * 16, "", "0a" * 16)
    ]
    (shape,) = by_shape(CLAUDE_CODE, Resource({}, {}), 0, records)
    parts = [as_rows(columns) for _, columns in LogMapper(DIALECTS).map(shape)]
    types = [{made["event_type"] for made in part} for part in parts]
    assert ([len(part) for part in parts], types) == ([2, 1], [{RECORDED}, {CALL}])


def test_the_end_of_retries_is_no_call_of_its_own() -> None:
    told = {**CLAUDE_CODE_ERROR, "error": "429 (quota)", "status_code": 429, "total_attempts": 2}
    assert row("api_retries_exhausted", CLAUDE_CODE, trace_id="", **told)["event_type"] == RECORDED


def test_an_error_of_gemini_cli_is_a_failed_call_in_a_trace_too() -> None:
    told = {
        "model": "gemini-2.5-flash", "error": "quota", "error__message": "quota",
        "error__type": "ApiError", "status_code": 500, "http__status_code": 500, "duration_ms": 9,
    }  # fmt: skip
    for trace_id in ("", "0a" * 16):
        call = row("gemini_cli.api_error", "gemini-cli", "API error.", trace_id, **told)
        assert facts(call, "event_type", "status", "error_type", "provider", "latency_ms") == (
            CALL, "error", "ApiError", "google", 9.0
        )  # fmt: skip
        assert call["attributes"]["status_message"] == "quota"


def test_a_response_of_gemini_cli_is_a_call_whose_output_has_the_thoughts() -> None:
    call = row(
        "gemini_cli.api_response", "gemini-cli", "API response from gemini-2.5-flash.",
        model="gemini-2.5-flash", duration_ms=900, input_token_count=1013, output_token_count=207,
        cached_content_token_count=303, thoughts_token_count=51, total_token_count=1271,
        status_code=200, response_text="secret", session__id="s2",
    )  # fmt: skip
    assert facts(call, "event_type", "provider", "latency_ms", "session_id", "status") == (
        CALL, "google", 900.0, "s2", "unset"
    )  # fmt: skip
    assert facts(call, *TOKENS) == (1013, 258, 303, None, 51)
    assert call["content"]["response"] == "secret"


def test_gemini_cli_tells_of_a_call_twice_and_one_counts() -> None:
    told = {"gen_ai__operation__name": "generate_content", "gen_ai__usage__input_tokens": 1013}
    assert row(DETAILS, "gemini-cli", **told)["event_type"] == RECORDED
    assert row(DETAILS, "other", **told)["event_type"] == CALL


def test_codex_tells_of_the_end_of_a_response_twice_and_the_one_with_counts_counts() -> None:
    end = {"event__name": "codex.sse_event", "event__kind": "response.completed"}
    place = "event otel/src/events/session_telemetry.rs:1153"
    told = {
        "input_token_count": "1065",
        "output_token_count": "235",
        "cached_token_count": 315,
        "cache_write_token_count": 0,
        "reasoning_token_count": 55,
        "tool_token_count": "1300",
        "model": "gpt-5-mini",
        "conversation__id": "c",
    }
    call = row(place, **told, **end)
    assert facts(call, "event_type", "original_type", "provider", "total_tokens", "session_id") == (
        CALL, "codex.sse_event", "openai", 1300, "c"
    )  # fmt: skip
    assert facts(call, *TOKENS) == (1065, 235, 315, 0, 55)
    assert row(place, duration_ms="20", **end)["event_type"] == RECORDED


@pytest.mark.parametrize(
    ("told", "event_type", "status", "error_type"),
    [
        ({"error__message": "http 500", "http__response__status_code": 500}, CALL, "error", "500"),
        ({"error__message": "no route"}, CALL, "error", None),
        ({"http__response__status_code": 200}, RECORDED, "unset", None),
        (
            {"error__message": "http 500", "http__response__status_code": 500, "endpoint": "/models"},
            RECORDED, "unset", None,
        ),
    ],
)  # fmt: skip
def test_a_refused_request_of_codex_is_a_failed_call(
    told: dict[str, Any], event_type: str, status: str, error_type: str | None
) -> None:
    request = {
        "event__name": "codex.api_request", "endpoint": "/responses", "duration_ms": "33",
        "attempt": 0, "model": "gpt-5-mini", "conversation__id": "c",
    }  # fmt: skip
    made = row("event otel/src/events/session_telemetry.rs:803", **{**request, **told})
    assert facts(made, "event_type", "status", "error_type") == (event_type, status, error_type)
    if event_type == CALL:
        assert facts(made, "operation", "provider", "model", "session_id", "latency_ms") == (
            "chat", "openai", "gpt-5-mini", "c", 33.0
        )  # fmt: skip


def test_the_scope_of_a_logged_call_is_not_that_of_its_span() -> None:
    told = {"gen_ai__operation__name": "chat"}
    assert row(DETAILS, "sdk", **told)["attributes"]["scope"] == "sdk#log"
    assert row(DETAILS, "", **told)["attributes"]["scope"] == "#log"
    assert row("other", "sdk", **told)["attributes"]["scope"] == "sdk"


@pytest.mark.parametrize("operation", ["invoke_agent", "execute_tool", "", 7, None])
def test_details_of_anything_but_a_call_are_a_record(operation: object) -> None:
    made = row(DETAILS, gen_ai__operation__name=operation, gen_ai__usage__input_tokens=9)
    assert facts(made, "event_type", "input_tokens", "operation") == (RECORDED, None, None)
    assert made["attributes"]["gen_ai.operation.name"] == operation


def test_details_of_a_failed_call_are_a_failed_call() -> None:
    made = row(DETAILS, gen_ai__operation__name="chat", error__type="openai.RateLimitError")
    assert facts(made, "event_type", "status", "error_type") == (
        CALL, "error", "openai.RateLimitError"
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", ["gen_ai.user.message", "gen_ai.assistant.message", "gen_ai.choice"]
)
def test_messages_of_the_older_conventions_are_contents_and_no_calls(name: str) -> None:
    made = row(name, body={"content": "secret"}, gen_ai__system="openai")
    assert made["event_type"] == RECORDED
    assert made["content"] == {"body": {"content": "secret"}}
    assert "secret" not in str(made["attributes"])


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ({"event__name": "a", "event_name": "b"}, "a"),
        ({"event_name": "b"}, "b"),
        ({"event__name": "", "event_name": 7}, "field"),
        ({}, "field"),
    ],
)
def test_the_name_in_an_attribute_is_trusted_first(attributes: dict[str, Any], name: str) -> None:
    assert row("field", **attributes)["original_type"] == name


def test_a_record_without_a_name_has_none() -> None:
    assert "original_type" not in row("")
