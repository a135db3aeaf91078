"""Dialects of log records: which events are model calls, and how they are written.

To add one: write its table and name it in `LOGGED_CALLS`. Every other record is kept as it is:
`gen_ai.choice` and `gen_ai.*.message` are contents of a call that a span tells of.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from llm_analytics_hub.ingest.dialects import otel_genai, shared
from llm_analytics_hub.ingest.dialects.anthropic import CLAUDE_CODE
from llm_analytics_hub.ingest.dialects.codex import CODEX
from llm_analytics_hub.ingest.dialects.dialect import Dialect

BODY = "log.body"
"""The attribute as which a record's body is read: a content, whatever it holds."""

LOG = Dialect(
    name="log",
    columns={
        **shared.COLUMNS,
        "gen_ai.conversation.id": "session_id",
        "conversation.id": "session_id",
    },
    # What command lines say of prompts, answers and tools beside the names of the conventions.
    content={
        BODY: "body",
        "prompt": "input",
        "prompt_text": "input_text",
        "response": "output",
        "request_text": "request",
        "response_text": "response",
        "arguments": "tool_arguments",
        "function_args": "tool_arguments",
        "tool_parameters": "tool_parameters",
        "tool_input": "tool_input",
        "output": "tool_result",
        "message.content": "output",
        **shared.CONTENT,
    },
    content_prefixes=shared.CONTENT_PREFIXES,
)

CLAUDE_CODE_REQUEST = replace(
    CLAUDE_CODE,
    operation_keys=(),
    default_operation="chat",
    columns={
        **CLAUDE_CODE.columns,
        "cost_usd": "reported_cost_usd",  # `cost_usd_micros` is the same again
        "duration_ms": "latency_ms",
    },
    content=LOG.content,
)

CODEX_EVENT = replace(
    CODEX,
    scopes=(),
    # A call's end is told twice, once more as an event like all others, without counts.
    marker_keys=frozenset({"input_token_count"}),
    operation_keys=("event.kind",),
    operations={"response.completed": "chat"},
    columns={
        **CODEX.columns,
        "input_token_count": "input_tokens",
        "output_token_count": "output_tokens",
        "cached_token_count": "cached_tokens",
        "cache_write_token_count": "cache_write_tokens",
        "reasoning_token_count": "reasoning_tokens",
        "tool_token_count": "total_tokens",
        "ttft_ms": "ttft_ms",
    },
    content=LOG.content,
)

CODEX_REFUSAL = replace(
    CODEX,
    scopes=(),
    marker_keys=frozenset({"error.message"}),
    operation_keys=("endpoint",),
    operations={"/responses": "chat"},
    columns={**CODEX.columns, "duration_ms": "latency_ms", "error.message": "status_message"},
    content=LOG.content,
)

GEMINI_CLI_RESPONSE = Dialect(
    name="gemini-cli",
    default_operation="generate_content",
    columns={
        "model": "response_model",
        "input_token_count": "input_tokens",
        "output_token_count": "visible_output_tokens",
        "thoughts_token_count": "reasoning_tokens",
        "cached_content_token_count": "cached_tokens",
        "total_token_count": "total_tokens",
        "duration_ms": "latency_ms",
        "http.status_code": "http_status",
        "status_code": "http_status",
        "error.message": "status_message",
        **otel_genai.COLUMNS,
    },
    content=LOG.content,
    content_prefixes=shared.CONTENT_PREFIXES,
)


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """Which events say that a model was called: their name and where their scope's name begins.

    `dialects` are those that may match, the last where none does; without any, the dialects of
    spans, whose keys the event has. `has_failed`: only failed calls are told of so.
    `unless_traced`: in a trace, a span tells of the call too, and nothing links the two.
    """

    event: str
    dialects: Sequence[Dialect]
    scope: str = ""
    has_failed: bool = False
    unless_traced: bool = False

    def tells(self, event: str, scope: str, *, is_traced: bool) -> bool:
        """Whether an event of this name, from this scope, in a trace or not, is such a call."""
        is_named = self.event == event and scope.startswith(self.scope)
        return is_named and not (is_traced and self.unless_traced)


DETAILS = "gen_ai.client.inference.operation.details"
CLAUDE_CODE_SCOPE = "com.anthropic.claude_code"

LOGGED_CALLS = (
    LoggedCall("claude_code.api_request", (CLAUDE_CODE_REQUEST,)),
    LoggedCall("api_request", (CLAUDE_CODE_REQUEST,), CLAUDE_CODE_SCOPE),
    # One event for all attempts; `api_retries_exhausted` tells of the same again.
    LoggedCall(
        "claude_code.api_error", (CLAUDE_CODE_REQUEST,), has_failed=True, unless_traced=True
    ),
    LoggedCall(
        "api_error", (CLAUDE_CODE_REQUEST,), CLAUDE_CODE_SCOPE, has_failed=True, unless_traced=True
    ),
    LoggedCall("codex.sse_event", (CODEX_EVENT, LOG)),
    LoggedCall("codex.api_request", (CODEX_REFUSAL, LOG), has_failed=True),
    LoggedCall("gemini_cli.api_response", (GEMINI_CLI_RESPONSE,)),
    LoggedCall("gemini_cli.api_error", (GEMINI_CLI_RESPONSE,), has_failed=True),
    # Gemini CLI writes each call under both names, here without the thoughts.
    LoggedCall(DETAILS, (LOG,), "gemini-cli"),
    LoggedCall(DETAILS, ()),
)
"""The first that matches stands."""

NO_CALL = LoggedCall("", (LOG,))
