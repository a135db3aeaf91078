"""What real SDKs sent, what the model server knows of it, and what the hub makes of it.

Run as a program it writes the golden files anew and prints where our facts differ.
"""

import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from llm_analytics_hub.ingest.codecs.otlp import decode_otlp_logs, decode_otlp_traces
from llm_analytics_hub.ingest.codecs.otlp_json import spans_from_json
from llm_analytics_hub.ingest.codecs.otlp_logs_json import logs_from_json
from llm_analytics_hub.ingest.codecs.otlp_logs_protobuf import logs_from_protobuf
from llm_analytics_hub.ingest.codecs.otlp_protobuf import spans_from_protobuf
from llm_analytics_hub.ingest.submission import Decoded

ROOT = Path(__file__).resolve().parents[4]
GOLDEN = ROOT / "tests/data/otlp"
RECORDINGS = (ROOT / "../shared/otlp").resolve()
CASES = sorted(
    path.parent.relative_to(RECORDINGS).as_posix() for path in RECORDINGS.glob("*/*/expect.json")
)
TOKENS = {
    "input": "input_tokens",
    "output": "output_tokens",
    "cached": "cached_tokens",
    "cache_write": "cache_write_tokens",
    "reasoning": "reasoning_tokens",
}
FACTS = (*TOKENS, "calls", "models", "errors")
GOLDEN_FIELDS = (
    *("event_id", "parent_span_id", "event_type", "operation", "status", "error_type"),
    *("provider", "model", "user_id", "session_id", *TOKENS.values(), "ttft_ms"),
)
LOST = "the SDK writes cache 0 on streams"
ESTIMATED = "the SDK counts one output token too many on a stream, so the rule misses that call"
NO_SPAN = "the SDK left no span of the call that failed"
RETRIED = "one span for all attempts of the SDK's own retries"
OWN_ERROR = "the SDK could not use what the model had answered"
REQUESTED = "some spans name the model that was asked for, not the one that answered"
ELSEWHERE = "the fact is on the spans around the call only"
NOT_MEANT = "the number occurs as another fact of another call"
COUNTED = ("input", "output", "cached", "cache_write", "calls", "models")
OPEN = {
    **{("traceloop-0.40-mixed/anthropic", fact): ESTIMATED for fact in COUNTED},
    **{("traceloop-2024-11/anthropic", fact): ESTIMATED for fact in COUNTED},
    ("openlit/anthropic", "input"): LOST,
    ("logfire/openai", "errors"): NO_SPAN,
    ("traceloop-0.40-mixed/anthropic", "errors"): NO_SPAN,
    ("traceloop-2024-11/anthropic", "errors"): NO_SPAN,
    ("traceloop-2024-11/openai", "errors"): NO_SPAN,
    ("pydantic-ai/agent-error", "errors"): RETRIED,
    ("vercel-ai-v4/all", "errors"): OWN_ERROR,
    ("litellm/otel-callback", "models"): REQUESTED,
    ("logfire/openai", "models"): REQUESTED,
    ("openinference-litellm/chat-stream", "models"): REQUESTED,
    ("openinference-llama-index/agent", "models"): REQUESTED,
    ("traceloop/langchain-agent", "reasoning"): ELSEWHERE,
    ("otel-openai-v2/content-gzip", "cached"): NOT_MEANT,
}
TRACES = ("/v1/traces", "TraceService/Export")
LOGS = ("/v1/logs", "LogsService/Export")
CODECS = {TRACES: decode_otlp_traces, LOGS: decode_otlp_logs}
READERS = {
    TRACES: (spans_from_json, spans_from_protobuf),
    LOGS: (logs_from_json, logs_from_protobuf),
}
UNPACK = {"gzip": gzip.decompress, "deflate": zlib.decompress}

Row = dict[str, Any]


@cache
def truth_of(case: str) -> dict[str, Any]:
    return dict(json.loads((RECORDINGS / case / "expect.json").read_text()))


def bodies_of(case: str, paths: Sequence[str] = TRACES) -> Iterator[tuple[bytes, str]]:
    """The exports of a recording to `paths`, unpacked, with their content types."""
    for path, body, content_type in _exports_of(case):
        if path.endswith(tuple(paths)):
            yield body, content_type


def requests_of(case: str) -> Iterator[Decoded]:
    """The exports of spans and log records of a recording, decoded, as they came."""
    for path, body, content_type in _exports_of(case):
        for paths, decode in CODECS.items():
            if path.endswith(paths):
                yield decode(body, content_type)


def _exports_of(case: str) -> Iterator[tuple[str, bytes, str]]:
    for number in range(1, truth_of(case)["counts"]["requests"] + 1):
        sent = json.loads((RECORDINGS / case / f"headers-{number}.json").read_text())
        headers = {name.lower(): value for name, value in sent["headers"]}
        body = (RECORDINGS / case / f"request-{number}.bin").read_bytes()
        unpack = UNPACK.get(headers.get("content-encoding", ""), bytes)
        content_type = headers.get("content-type", "application/x-protobuf")
        yield sent["path"], unpack(body), content_type


@cache
def rows_of(case: str, paths: Sequence[str] = TRACES) -> Sequence[Row]:
    """Each event of a recording once, as the hub keeps it, in the order of arrival."""
    unique: dict[object, Row] = {}
    for body, content_type in bodies_of(case, paths):
        decoded = CODECS[tuple(paths)](body, content_type)
        assert not decoded.refused
        for row in decoded.rows:
            unique.setdefault(row["event_id"], row)
    return list(unique.values())


def model_calls(case: str) -> list[Row]:
    return [row for row in rows_of(case) if row["event_type"] == "inference.completed"]


def facts_of(calls: Sequence[Row]) -> dict[str, object]:
    """What model calls add up to."""
    counted = [row for row in calls if row.get("input_tokens") or row.get("output_tokens")]
    return {
        **{fact: sum(row.get(field) or 0 for row in calls) for fact, field in TOKENS.items()},
        "calls": len(counted),
        "models": Counter(row.get("model") for row in counted),
        "errors": sum(row["status"] == "error" and bool(row.get("error_type")) for row in calls),
    }


def expected_facts(case: str) -> dict[str, object]:
    """The server's facts about every call whose tokens some span or log carries.

    A call counts if its numbers, unique in a recording, are found in any of the spellings an SDK
    may use; cache, reasoning and the model that answered count only if they are found themselves.
    """
    text, found = carried(case)
    sums: Counter[str] = Counter(dict.fromkeys(TOKENS, 0))
    models: Counter[str] = Counter()
    calls = truth_of(case)["llm_calls"]
    for call in calls:
        usage = call.get("usage") or {}
        if not _is_carried(usage, found):
            continue
        sums["input"] += usage.get("input_all") or usage["input"]
        sums["output"] += usage.get("output_all") or usage.get("output") or 0
        details = {"cached": "cached_input", "cache_write": "cache_creation_input"}
        for fact, name in {**details, "reasoning": "reasoning"}.items():
            sums[fact] += (usage.get(name) or 0) * ((usage.get(name) or 0) in found)
        answered = call["response_model"]
        models[answered if answered in text else call["request_model"]] += 1
    failed = sum(call["status"] != 200 or bool(call["error_type"]) for call in calls)
    return {**sums, "calls": models.total(), "models": models, "errors": failed}


def _is_carried(usage: dict[str, Any], found: set[int]) -> bool:
    tokens_in = usage.get("input_all") or usage.get("input")
    tokens_out = usage.get("output_all") or usage.get("output")
    if tokens_in is None:
        return False
    if not tokens_out:
        return tokens_in in found
    ins = {tokens_in, usage["input"], tokens_in - (usage.get("cached_input") or 0)}
    outs = {tokens_out, usage["output"], tokens_out - (usage.get("reasoning") or 0)}
    return bool(ins & found and outs & found)


def carried(case: str) -> tuple[str, set[int]]:
    """All that spans and logs of a recording carry: as text, and the whole numbers in it.

    Bodies of logs are left out: they are contents, whose numbers mean nothing.
    """
    values: list[object] = []
    for paths, (read_json, read_protobuf) in READERS.items():
        for body, content_type in bodies_of(case, paths):
            for group in (read_json if "json" in content_type else read_protobuf)(body):
                values += [value for column in group.attributes.values() for value in column]
                values += [event.attributes for span in group.spans for event in span.events]
    text = "\n".join(map(str, values))
    return text, set(map(int, re.findall(r"(?<![\w.-])\d{1,15}(?![\w-]|\.\d)", text)))


def golden(case: str) -> list[Row]:
    """The facts of a recording's events, without attributes and contents."""
    rows = sorted(rows_of(case), key=lambda row: str(row["event_id"]))
    return [
        {field: row[field] for field in GOLDEN_FIELDS if row.get(field) is not None} for row in rows
    ]


def golden_file(case: str) -> Path:
    return GOLDEN / f"{case.replace('/', '-')}.json"


def _write_golden(case: str) -> None:
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in golden(case))
    golden_file(case).write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    for name in CASES:
        _write_golden(name)
        ours, expected = facts_of(model_calls(name)), expected_facts(name)
        differ = {
            fact: (expected[fact], ours[fact]) for fact in FACTS if ours[fact] != expected[fact]
        }
        print(f"{name:46} {differ or 'equal'}")  # noqa: T201
