import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from llm_analytics_hub.ingest.codecs.otlp_answer import (
    DATA_POINTS,
    JSON,
    LOG_RECORDS,
    PROTOBUF,
    SPANS,
    Counted,
    partial_success,
    rpc_status,
)
from llm_analytics_hub.ingest.receipt import Rejection

TWO = [Rejection(3, "invalid_span_id", "too short"), Rejection(9, "x", "y")]
SIGNALS = [
    (SPANS, "span", "rejectedSpans", ExportTraceServiceResponse, "rejected_spans"),
    (LOG_RECORDS, "log record", "rejectedLogRecords", ExportLogsServiceResponse,
     "rejected_log_records"),
    (DATA_POINTS, "data point", "rejectedDataPoints", ExportMetricsServiceResponse,
     "rejected_data_points"),
]  # fmt: skip

every_signal = pytest.mark.parametrize(("counted", "noun", "in_json", "answer", "column"), SIGNALS)


def test_full_success_is_an_empty_answer() -> None:
    assert partial_success([], [], SPANS, is_json=False) == (b"", PROTOBUF)
    assert partial_success([], [], SPANS, is_json=True) == (b'{"partialSuccess":{}}', JSON)


@every_signal
def test_refused_items_are_counted_and_named(
    counted: Counted, noun: str, in_json: str, answer: Any, column: str
) -> None:
    said = f"{noun} 3: invalid_span_id: too short; {noun} 9: x: y"
    body, _ = partial_success(TWO, [], counted, is_json=False)
    partial = answer.FromString(body).partial_success
    assert (getattr(partial, column), partial.error_message) == (2, said)
    body, _ = partial_success(TWO, [], counted, is_json=True)
    # 64-bit integers are text in protobuf's JSON.
    assert json.loads(body) == {"partialSuccess": {in_json: "2", "errorMessage": said}}


@every_signal
def test_what_was_repaired_is_a_warning_and_not_counted(
    counted: Counted, noun: str, in_json: str, answer: Any, column: str
) -> None:
    said = f"{noun} 3 repaired: invalid_span_id: too short; {noun} 9 repaired: x: y"
    body, _ = partial_success([], TWO, counted, is_json=False)
    partial = answer.FromString(body).partial_success
    assert (getattr(partial, column), partial.error_message) == (0, said)
    body, _ = partial_success([], TWO, counted, is_json=True)
    assert json.loads(body) == {"partialSuccess": {in_json: "0", "errorMessage": said}}


def test_thousands_of_refused_spans_make_a_short_answer() -> None:
    many = [Rejection(n, "x", "y") for n in range(5_000)]
    body, _ = partial_success(many, many, SPANS, is_json=False)
    answer = ExportTraceServiceResponse.FromString(body).partial_success
    assert answer.rejected_spans == 5_000
    assert len(body) < 300


def varint(data: bytes) -> tuple[int, bytes]:
    number, place = 0, 0
    while data[place] & 0x80:
        number |= (data[place] & 0x7F) << (7 * place)
        place += 1
    return number | data[place] << (7 * place), data[place + 1 :]


@pytest.mark.parametrize(
    ("status", "code"), [(400, 3), (413, 3), (415, 3), (429, 8), (503, 14), (500, 13), (418, 13)]
)
def test_a_refused_request_has_a_grpc_code(status: int, code: int) -> None:
    body, media_type = rpc_status(status, "no", is_json=True)
    assert (json.loads(body), media_type) == ({"code": code, "message": "no"}, JSON)
    body, media_type = rpc_status(status, "no", is_json=False)
    assert (body, media_type) == (bytes([8, code, 18, 2]) + b"no", PROTOBUF)


@given(st.text(max_size=1_000))
def test_a_message_is_valid_protobuf_text(message: str) -> None:
    body, _ = rpc_status(400, message, is_json=False)
    assert body[:3] == b"\x08\x03\x12"
    size, text = varint(body[3:])
    assert size == len(text)
    assert message.startswith(text.decode())
