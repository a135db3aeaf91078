"""What each SDK leaves out of what the provider had said, and why: the gaps the pages tell of.

A gap that closes with a new version of an SDK makes its test fail, so that the page is mended too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CHATS = frozenset({"chat", "stream", "stream without usage", "tool", "refused"})
ANSWERED = frozenset({"chat", "stream", "tool"})
STREAMS = frozenset({"stream", "stream without usage"})
EMBEDDINGS = frozenset({"embeddings"})
REFUSED = frozenset({"refused"})
ALL = CHATS | EMBEDDINGS


UNTOLD: Mapping[str, object] = {}


@dataclass(frozen=True)
class Gap:
    """Of calls of these `kinds` the hub has `instead` of what was true, or `UNTOLD`: no call."""

    reason: str
    kinds: frozenset[str]
    instead: Mapping[str, object]


NO_EMBEDDING_TEXT = Gap("what was embedded is not written down", EMBEDDINGS, {"contents": False})

GAPS: Mapping[str, tuple[Gap, ...]] = {
    "otel-genai": (NO_EMBEDDING_TEXT,),
    "otel-openai-v2": (
        NO_EMBEDDING_TEXT,
        Gap("it has no attributes for them", ANSWERED,
            {"cached_tokens": None, "reasoning_tokens": None}),
        Gap("it does not look at the clock between chunks", STREAMS, {"ttft": False}),
    ),
    "openinference": (),
    "traceloop": (
        Gap("reasoning is read from whole answers only", frozenset({"stream"}),
            {"reasoning_tokens": None}),
    ),
    "langfuse": (),
    "pydantic-ai": (
        NO_EMBEDDING_TEXT,
        Gap("a conversation is of runs of an agent", EMBEDDINGS, {"session_id": None}),
    ),
    "logfire": (
        Gap("the span at the end of a stream repeats the model that was asked for", STREAMS,
            {"model": "gpt-4o-mini"}),
        Gap("neither span of a stream knows when the first chunk came", STREAMS, {"ttft": False}),
    ),
    "openlit": (
        Gap("reasoning is read from the Responses API only", ANSWERED, {"reasoning_tokens": None}),
        Gap("it counts by itself where the provider sends no usage",
            frozenset({"stream without usage"}), {"input_tokens": 8, "output_tokens": 3}),
        Gap("calls that are not streamed get their whole duration",
            frozenset({"chat", "tool", "embeddings"}), {"ttft": True}),
        Gap("it has no sessions", ALL, {"session_id": None}),
        Gap("a failed call does not say whose it was", REFUSED, {"user_id": None}),
    ),
    "litellm": (
        Gap("the span of a stream names the model that was asked for", STREAMS,
            {"model": "gpt-4o-mini"}),
        Gap("the time is a metric only", STREAMS, {"ttft": False}),
        Gap("it writes 0 where the provider sends no usage", frozenset({"stream without usage"}),
            {"input_tokens": 0, "output_tokens": 0}),
        Gap("it has no sessions", ALL, {"session_id": None}),
    ),
    "mlflow": (
        Gap("user and session are of its own trace, which it does not export", ALL,
            {"user_id": None, "session_id": None}),
        Gap("it does not look at the clock between chunks", STREAMS, {"ttft": False}),
    ),
    "langsmith": (
        Gap("its wrapper of the client leaves embeddings alone", EMBEDDINGS, UNTOLD),
        Gap("it does not look at the clock between chunks", STREAMS, {"ttft": False}),
        Gap("the answer is known by its last chunk, which has no usage",
            frozenset({"stream without usage"}), {"model": "gpt-4o-mini"}),
    ),
    "laminar": (
        Gap("it names the service after the program", ALL, {"service": "app.py"}),
    ),
}  # fmt: skip


def with_gaps(sdk: str, kind: str, truth: Mapping[str, object]) -> dict[str, object] | None:
    """What the hub can know of a call, given what was true of it; None: nothing."""
    row = dict(truth)
    for gap in GAPS[sdk]:
        if kind in gap.kinds:
            if gap.instead is UNTOLD:
                return None
            row |= gap.instead
    return row
