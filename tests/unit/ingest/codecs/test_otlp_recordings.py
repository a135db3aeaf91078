"""The codec against what real SDKs sent, and against what the model server knows of it.

Run as a program it prints, for each recording, the expected token totals and ours, and writes the
golden files anew.
"""

import gzip
import json
import zlib
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import msgspec
import pytest

from llm_analytics_hub.ingest.codecs.otlp import decode_otlp_traces

ROOT = Path(__file__).resolve().parents[4]
GOLDEN = ROOT / "tests/data/otlp"
RECORDINGS = (ROOT / "../shared/otlp").resolve()
CASES = sorted(
    path.parent.relative_to(RECORDINGS).as_posix() for path in RECORDINGS.glob("*/*/expect.json")
)
pytestmark = pytest.mark.skipif(
    not CASES, reason="the recordings (../shared/otlp beside the repository) are not here"
)

PROVEN = [
    "otel-openai-v2/default",
    "otel-genai-openai/default",
    "openinference-openai/chat-stream-tools",
    "traceloop/openai",
]
TWICE = "one call observed by two instrumentations"
NO_TABLE = "this dialect has no table yet"
LOST = "the SDK writes cache 0 on streams"
ESTIMATED = "the SDK counts one output token too many on streams"
OPEN = {
    "claude-code/print-tool": NO_TABLE,
    "codex/exec-tool": NO_TABLE,
    "langfuse-v3/manual": NO_TABLE,
    "langfuse-v3/openai-dropin": NO_TABLE,
    "langfuse/manual-observations": NO_TABLE,
    "langfuse/openai-dropin": NO_TABLE,
    "mlflow/openai-autolog": NO_TABLE,
    "vercel-ai-v4/all": NO_TABLE,
    "vercel-ai-v4/json-nan": NO_TABLE,
    "vercel-ai-v6/all": NO_TABLE,
    "vercel-ai-v6/all-json-gzip": NO_TABLE,
    "vercel-ai-v6/nocontent": NO_TABLE,
    "logfire/anthropic": TWICE,
    "logfire/pydantic-ai-agent": TWICE,
    "mixed-openinference-genai/chat": TWICE,
    "openinference-anthropic/chat-stream-tools": TWICE,
    "otel-genai-anthropic/content-span-and-event": TWICE,
    "otel-genai-anthropic/default": TWICE,
    "pydantic-ai/agent-many-small-exports": TWICE,
    "pydantic-ai/agent-nested-default": TWICE,
    "pydantic-ai/agent-nested-nocontent-grpc": TWICE,
    "openlit/anthropic": LOST,
    "traceloop-0.40-mixed/anthropic": ESTIMATED,
    "traceloop-2024-11/anthropic": ESTIMATED,
}
UNPACK = {"gzip": gzip.decompress, "deflate": zlib.decompress}


def truth_of(case: str) -> dict[str, Any]:
    return dict(json.loads((RECORDINGS / case / "expect.json").read_text()))


def rows_of(case: str) -> list[dict[str, Any]]:
    """Each event of a recording once, as the hub keeps it, in the order of arrival."""
    unique: dict[object, dict[str, Any]] = {}
    for number in range(1, truth_of(case)["counts"]["requests"] + 1):
        sent = json.loads((RECORDINGS / case / f"headers-{number}.json").read_text())
        if sent["path"].endswith(("/v1/traces", "TraceService/Export")):
            headers = {name.lower(): value for name, value in sent["headers"]}
            body = (RECORDINGS / case / f"request-{number}.bin").read_bytes()
            unpack = UNPACK.get(headers.get("content-encoding", ""), bytes)
            content_type = headers.get("content-type", "application/x-protobuf")
            decoded = decode_otlp_traces(unpack(body), content_type)
            assert not decoded.refused
            for row in decoded.rows:
                unique.setdefault(row["event_id"], row)
    return list(unique.values())


def model_calls(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["event_type"] == "inference.completed"]


def totals(rows: list[dict[str, Any]]) -> dict[str, int]:
    fields = ("input_tokens", "output_tokens")
    return {field: sum(row.get(field) or 0 for row in rows) for field in fields}


def expected_totals(case: str) -> dict[str, int]:
    """The rule of the recordings themselves: every call whose tokens any telemetry carries."""
    spec = spec_from_file_location("expected", RECORDINGS / "expected.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    sums: dict[str, int] = module.expected(truth_of(case))[0]
    return sums


def golden(case: str) -> list[dict[str, Any]]:
    """The rows of a recording without the prompts and completions, of which the names stay."""
    rows = [{**row, "content": sorted(row.get("content", ()))} for row in rows_of(case)]
    return list(msgspec.json.decode(msgspec.json.encode(rows)))


def golden_file(case: str) -> Path:
    return GOLDEN / f"{case.replace('/', '-')}.json"


@pytest.mark.parametrize("case", [case for case in CASES if case not in OPEN])
def test_token_totals_are_what_the_model_server_counted(case: str) -> None:
    assert totals(rows_of(case)) == expected_totals(case)


@pytest.mark.parametrize("case", CASES)
def test_every_span_becomes_one_row_of_its_trace(case: str) -> None:
    spans = {span["span_id"]: span for span in truth_of(case)["spans"]}
    rows = rows_of(case)
    assert len(rows) == len(spans)
    for row in rows:
        span = spans[row["span_id"]]
        assert row["trace_id"] == span["trace_id"]
        assert row.get("parent_span_id") == span["parent_span_id"]
        assert row["occurred_at"] == span["start_ns"]
        assert row["original_type"] == span["name"]
        assert row["latency_ms"] == pytest.approx((span["end_ns"] - span["start_ns"]) / 1e6)


@pytest.mark.parametrize("case", CASES)
def test_answers_of_models_are_never_among_the_attributes(case: str) -> None:
    attributes = json.dumps([row["attributes"] for row in rows_of(case)], ensure_ascii=False)
    answers = [call.get("output_text") for call in truth_of(case)["llm_calls"]]
    assert not [answer for answer in answers if answer and answer in attributes]


@pytest.mark.parametrize("case", PROVEN)
def test_every_call_of_the_server_is_one_model_call(case: str) -> None:
    truth = truth_of(case)
    calls = model_calls(rows_of(case))
    assert len(calls) == truth["counts"]["llm_calls_seen_by_server"]
    failed = [row for row in calls if row["status"] == "error"]
    assert len(failed) == truth["truth_totals"]["failed"]
    assert all(row["error_type"] for row in failed)
    assert {row["provider"] for row in calls} == {"openai"}


@pytest.mark.parametrize("case", PROVEN)
def test_models_and_tokens_of_each_call_are_the_servers(case: str) -> None:
    calls = truth_of(case)["llm_calls"]
    by_input = {call["usage"]["input"]: call for call in calls if call["usage"]}
    checked = Counter[str]()
    for row in model_calls(rows_of(case)):
        if "input_tokens" not in row:
            continue
        call = by_input[row["input_tokens"]]
        assert row["model"] == call["response_model"]
        names = {"cached_tokens": "cached_input", "reasoning_tokens": "reasoning"}
        for field, name in {"output_tokens": "output", **names}.items():
            if row.get(field):
                assert row[field] == call["usage"][name]
                checked[field] += 1
    carried = {key for span in truth_of(case)["spans"] for key in span["attributes"]}
    assert checked["output_tokens"] > 5
    assert (checked["cached_tokens"] > 5) == any("cache_read" in key for key in carried)
    assert (checked["reasoning_tokens"] > 3) == any("reasoning" in key for key in carried)


@pytest.mark.parametrize("case", PROVEN)
def test_rows_are_those_of_the_golden_file(case: str) -> None:
    assert golden(case) == json.loads(golden_file(case).read_text())


if __name__ == "__main__":
    for name in PROVEN:
        golden_file(name).write_text(json.dumps(golden(name), indent=1, ensure_ascii=False) + "\n")
    for name in CASES:
        ours, expected = totals(rows_of(name)), expected_totals(name)
        mark = "equal" if ours == expected else OPEN.get(name, "DIFFERENT")
        print(f"{name:46} {[*expected.values()]!s:18} {[*ours.values()]!s:18} {mark}")  # noqa: T201
