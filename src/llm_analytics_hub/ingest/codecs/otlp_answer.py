"""What an OTLP sender gets back: partial success, or a google.rpc.Status."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)

from llm_analytics_hub.ingest.receipt import Rejection

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
_SHOWN = 5
_RPC_CODES = {400: 3, 413: 3, 415: 3, 429: 8, 503: 14}
_INTERNAL = 13


class Counted(NamedTuple):
    """What a signal's requests hold: one of them in words, and where JSON counts the rejected."""

    noun: str
    rejected: str


SPANS = Counted("span", "rejectedSpans")
LOG_RECORDS = Counted("log record", "rejectedLogRecords")
DATA_POINTS = Counted("data point", "rejectedDataPoints")


def partial_success(
    rejected: Sequence[Rejection], repaired: Sequence[Rejection], counted: Counted, *, is_json: bool
) -> tuple[bytes, str]:
    """The answer to a request that was taken, and its media type; repeats are no failure.

    What was repaired is told but not counted. In protobuf the answers of all signals have the same
    fields.
    Source: OTLP specification, "Partial Success": a message and no rejected items are a warning.
    """
    told = [f"{counted.noun} {one.index}: {one.code}: {one.message}" for one in rejected[:_SHOWN]]
    told += [f"{counted.noun} {one.index} repaired: {one.code}: {one.message}"
             for one in repaired[:_SHOWN]]  # fmt: skip
    reasons = "; ".join(told)
    if is_json:
        partial = {counted.rejected: str(len(rejected)), "errorMessage": reasons}
        return msgspec.json.encode({"partialSuccess": partial if told else {}}), JSON
    partial_pb = ExportTracePartialSuccess(rejected_spans=len(rejected), error_message=reasons)
    answer = ExportTraceServiceResponse(partial_success=partial_pb if told else None)
    return answer.SerializeToString(), PROTOBUF


def rpc_status(status: int, message: str, *, is_json: bool) -> tuple[bytes, str]:
    """The answer to a request that was not taken: google.rpc.Status, and its media type."""
    code = _RPC_CODES.get(status, _INTERNAL)
    if is_json:
        return msgspec.json.encode({"code": code, "message": message}), JSON
    # Two fields are not worth a dependency: 1 = code (varint), 2 = message (bytes).
    text = message[:500].encode(errors="replace")
    return b"\x08" + _varint(code) + b"\x12" + _varint(len(text)) + text, PROTOBUF


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])
