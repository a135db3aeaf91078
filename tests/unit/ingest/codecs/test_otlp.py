import json
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from llm_analytics_hub.errors import UndecodableError, UnsupportedMediaTypeError
from llm_analytics_hub.ingest.codecs.otlp import decode_otlp_traces
from llm_analytics_hub.ingest.submission import Decoded

PROTOBUF, JSON = "application/x-protobuf", "application/json"
TRACE, SPAN, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00f067aa0ba902b7"
START = 1_795_292_798_063_821_237

WHOLE = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(max_size=200)
REAL = st.floats(allow_nan=False, allow_infinity=False)  # JSON has neither
SCALAR = st.one_of(st.none(), TEXT, WHOLE, REAL, st.booleans())
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
# Keys of a plain span, so that every attribute comes out where it went in.
ATTRIBUTES = st.dictionaries(TEXT.map(lambda key: f"app.{key}"), VALUE, max_size=6)


def any_value(value: object) -> AnyValue:
    made = AnyValue()
    if isinstance(value, str):
        made.string_value = value
    elif isinstance(value, bool):
        made.bool_value = value
    elif isinstance(value, int):
        made.int_value = value
    elif isinstance(value, float):
        made.double_value = value
    elif isinstance(value, list):
        made.array_value.SetInParent()
        made.array_value.values.extend(map(any_value, value))
    elif isinstance(value, dict):
        made.kvlist_value.SetInParent()
        made.kvlist_value.values.extend(pairs(value))
    return made


def pairs(attributes: dict[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in attributes.items()]


def json_value(value: object) -> dict[str, object]:
    if isinstance(value, list):
        return {"arrayValue": {"values": [json_value(item) for item in value]}}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": json_pairs(value)}}
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return {"doubleValue": "Infinity" if value > 0 else "-Infinity"}
    names = {str: "stringValue", bool: "boolValue", float: "doubleValue"}
    if isinstance(value, int) and not isinstance(value, bool):
        return {"intValue": str(value)}
    return {} if value is None else {names[type(value)]: value}


def json_pairs(attributes: dict[str, Any]) -> list[object]:
    return [{"key": key, "value": json_value(value)} for key, value in attributes.items()]


def in_protobuf(attributes: dict[str, Any], **members: Any) -> bytes:
    request = ExportTraceServiceRequest()
    of_resource = request.resource_spans.add()
    of_resource.resource.attributes.extend(pairs({"service.name": "chat", "host.name": "h1"}))
    span = of_resource.scope_spans.add().spans.add(
        trace_id=bytes.fromhex(members.pop("trace_id", TRACE)),
        span_id=bytes.fromhex(members.pop("span_id", SPAN)),
        name="chat gpt-4o",
        start_time_unix_nano=members.pop("start", START),
        end_time_unix_nano=START + 1_500_000,
        **members,
    )
    span.attributes.extend(pairs(attributes))
    return request.SerializeToString()


def in_json(attributes: dict[str, Any], **members: Any) -> bytes:
    span = {
        "traceId": TRACE,
        "spanId": SPAN,
        "name": "chat gpt-4o",
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": START + 1_500_000,
        "attributes": json_pairs(attributes),
        **members,
    }
    resource = {"attributes": json_pairs({"service.name": "chat", "host.name": "h1"})}
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}
    return json.dumps(body).encode()


def only_row(decoded: Decoded) -> dict[str, Any]:
    assert decoded.refused == []
    (row,) = decoded.rows
    return dict(row)


def refusals(decoded: Decoded) -> list[tuple[int, str]]:
    return [(one.rejection.index, one.rejection.code) for one in decoded.refused]


def test_a_span_keeps_its_place_time_and_sender() -> None:
    row = only_row(
        decode_otlp_traces(in_protobuf({}, parent_span_id=bytes.fromhex(PARENT)), PROTOBUF)
    )
    assert row["event_id"] == f"{TRACE}:{SPAN}"
    assert (row["trace_id"], row["span_id"], row["parent_span_id"]) == (TRACE, SPAN, PARENT)
    assert row["event_type"] == "span.completed"
    assert row["original_type"] == "chat gpt-4o"
    assert row["occurred_at"] == START
    assert row["latency_ms"] == 1.5
    assert (row["service"], row["status"]) == ("chat", "unset")
    assert row["attributes"] == {"dialect": "plain/1", "resource": {"host.name": "h1"}}
    assert (row["source"], row["stream"]) == ("observatory", "observatory")


def test_the_parent_of_a_root_is_unknown() -> None:
    assert only_row(decode_otlp_traces(in_protobuf({}), PROTOBUF)).get("parent_span_id") is None


def test_the_latency_of_an_unfinished_span_is_unknown() -> None:
    row = only_row(decode_otlp_traces(in_json({}, endTimeUnixNano=None), JSON))
    assert "latency_ms" not in row


@settings(deadline=None)
@given(ATTRIBUTES)
def test_protobuf_and_json_give_the_same_row(attributes: dict[str, Any]) -> None:
    from_protobuf = decode_otlp_traces(in_protobuf(attributes), PROTOBUF)
    from_json = decode_otlp_traces(in_json(attributes), JSON)
    assert only_row(from_protobuf) == only_row(from_json)
    kept = only_row(from_protobuf)["attributes"]
    assert {key: kept[key] for key in attributes} == attributes


@settings(deadline=None)
@given(st.text(min_size=1, max_size=9), SCALAR, st.integers(0, 40), st.integers(0, 255))
def test_a_damaged_pair_reads_as_the_generated_class_reads_it(
    key: str, value: object, at: int, byte: int
) -> None:
    raw = bytearray(KeyValue(key=f"app.{key}", value=any_value(value)).SerializeToString())
    raw[at % len(raw)] = byte
    try:
        pair = KeyValue.FromString(bytes(raw))
    except DecodeError:
        return  # text that is no UTF-8 is repaired here, and other damage refused
    kind = pair.value.WhichOneof("value")
    if pair.key.startswith("app.") and kind in {"string_value", "int_value", "bool_value"}:
        row = only_row(decode_otlp_traces(request_with_pair(bytes(raw)), PROTOBUF))
        assert row["attributes"]["resource"][pair.key] == getattr(pair.value, kind)


def request_with_pair(raw: bytes) -> bytes:
    """A span whose resource has one attribute of exactly these bytes."""

    def message(number: int, body: bytes) -> bytes:
        return bytes([number << 3 | 2, len(body)]) + body

    ids = message(1, bytes.fromhex(TRACE)) + message(2, bytes.fromhex(SPAN))
    span = ids + b"\x39" + START.to_bytes(8, "little")
    return message(1, message(1, message(1, raw)) + message(2, message(2, span)))


def test_text_that_is_not_utf8_is_repaired() -> None:
    raw = b"\x0a\x05app.k\x12\x05\x0a\x03a\xffb"
    row = only_row(decode_otlp_traces(request_with_pair(raw), PROTOBUF))
    assert row["attributes"]["resource"] == {"app.k": "a\ufffdb"}


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from([PROTOBUF, JSON]))
def test_any_bytes_give_rows_or_an_undecodable_error(body: bytes, content_type: str) -> None:
    try:
        decoded = decode_otlp_traces(body, content_type)
    except UndecodableError:
        return
    assert isinstance(decoded, Decoded)


def test_an_empty_request_holds_nothing() -> None:
    for body, content_type in ((b"", PROTOBUF), (b"{}", JSON)):
        decoded = decode_otlp_traces(body, content_type)
        assert not decoded.rows
        assert not decoded.refused


def test_other_content_types_are_unsupported() -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        decode_otlp_traces(b"", "text/plain")


def test_the_content_type_may_carry_parameters() -> None:
    assert not decode_otlp_traces(b"{}", "Application/JSON; charset=utf-8").rows


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"trace_id": "ab" * 8}, "invalid_trace_id"),
        ({"trace_id": "00" * 16}, "invalid_trace_id"),
        ({"span_id": ""}, "invalid_span_id"),
        ({"span_id": "00" * 8}, "invalid_span_id"),
        ({"start": 0}, "missing_start_time"),
    ],
)
def test_a_bad_span_is_refused_alone(members: dict[str, Any], code: str) -> None:
    # Serialised requests joined are one request: the spans of both.
    body = in_protobuf({}) + in_protobuf({}, **members) + in_protobuf({})
    decoded = decode_otlp_traces(body, PROTOBUF)
    assert len(decoded.rows) == 2
    assert refusals(decoded) == [(1, code)]
    assert [decoded.place(row) for row in range(2)] == [0, 2]


def test_json_ids_that_are_no_hex_are_refused() -> None:
    decoded = decode_otlp_traces(in_json({}, traceId="not hex at all, but 32 letters..."), JSON)
    assert refusals(decoded) == [(0, "invalid_trace_id")]


def test_json_ids_in_upper_case_are_the_same_ids() -> None:
    assert (
        only_row(decode_otlp_traces(in_json({}, traceId=TRACE.upper()), JSON))["trace_id"] == TRACE
    )


def test_json_enums_may_be_names() -> None:
    members = {"kind": "SPAN_KIND_CLIENT", "status": {"code": "STATUS_CODE_ERROR"}}
    named = only_row(decode_otlp_traces(in_json({}, **members), JSON))
    numbered = only_row(decode_otlp_traces(in_json({}, kind=3, status={"code": 2}), JSON))
    assert named == numbered
    assert (named["status"], named["attributes"]["span_kind"]) == ("error", "client")


@pytest.mark.parametrize("number", ['{"doubleValue": null}', '{"doubleValue": "NaN"}'])
def test_a_token_count_that_is_no_number_is_unknown(number: str) -> None:
    usage = {"key": "gen_ai.usage.input_tokens", "value": json.loads(number)}
    chat = {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}}
    body = json.loads(in_json({}))
    body["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"] = [chat, usage]
    row = only_row(decode_otlp_traces(json.dumps(body).encode(), JSON))
    assert row["event_type"] == "inference.completed"
    assert "input_tokens" not in row


def test_a_service_that_nobody_named_is_unknown() -> None:
    resource = {"attributes": json_pairs({"service.name": "unknown_service:python"})}
    body = json.loads(in_json({}))
    body["resourceSpans"][0]["resource"] = resource
    assert "service" not in only_row(decode_otlp_traces(json.dumps(body).encode(), JSON))


def test_links_are_kept() -> None:
    link = {"traceId": TRACE, "spanId": PARENT}
    row = only_row(decode_otlp_traces(in_json({}, links=[link]), JSON))
    assert row["attributes"]["links"] == [{"trace_id": TRACE, "span_id": PARENT}]
