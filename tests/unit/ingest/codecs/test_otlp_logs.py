import json
from typing import Any

import pytest
from hypothesis import given
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from llm_analytics_hub.errors import UndecodableError, UnsupportedMediaTypeError
from llm_analytics_hub.ingest.codecs.otlp import decode_otlp_logs
from llm_analytics_hub.ingest.submission import Decoded

from .test_otlp import (
    ATTRIBUTES,
    JSON,
    PROTOBUF,
    SPAN,
    START,
    TRACE,
    VALUE,
    any_value,
    json_pairs,
    json_value,
    pairs,
)

Record = dict[str, Any]
RECORD: Record = {"trace": TRACE, "span": SPAN, "time": START, "name": "shop.closed"}
SENDER = {"service.name": "shop", "deployment.environment.name": "prod", "host.name": "h1"}


def in_protobuf(*records: Record) -> Decoded:
    request = ExportLogsServiceRequest()
    of_resource = request.resource_logs.add()
    of_resource.resource.attributes.extend(pairs(SENDER))
    of_scope = of_resource.scope_logs.add()
    of_scope.scope.name = "shop.till"
    for one in records:
        made = of_scope.log_records.add(
            trace_id=bytes.fromhex(one.get("trace", "")),
            span_id=bytes.fromhex(one.get("span", "")),
            event_name=one.get("name", ""),
            time_unix_nano=one.get("time", 0),
            observed_time_unix_nano=one.get("observed", 0),
            severity_number=one.get("severity", 0),
            attributes=pairs(one.get("attributes", {})),
        )
        if "body" in one:
            made.body.CopyFrom(any_value(one["body"]))
    return decode_otlp_logs(request.SerializeToString(), PROTOBUF)


def in_json(*records: Record) -> Decoded:
    made = [
        {
            "traceId": one.get("trace"),
            "spanId": one.get("span"),
            "eventName": one.get("name"),
            "timeUnixNano": str(one.get("time", 0)),
            "observedTimeUnixNano": one.get("observed"),
            "severityNumber": one.get("severity"),
            "attributes": json_pairs(one.get("attributes", {})),
            **({"body": json_value(one["body"])} if "body" in one else {}),
        }
        for one in records
    ]
    scope = {"scope": {"name": "shop.till"}, "logRecords": made}
    of_resource = {"resource": {"attributes": json_pairs(SENDER)}, "scopeLogs": [scope]}
    return decode_otlp_logs(json.dumps({"resourceLogs": [of_resource]}).encode(), JSON)


both = pytest.mark.parametrize("send", [in_protobuf, in_json])


def only(decoded: Decoded) -> Record:
    assert not decoded.refused
    (row,) = decoded.rows
    return dict(row)


@both
def test_a_record_is_an_event_of_its_span_and_its_sender(send: Any) -> None:
    row = only(send(RECORD | {"severity": 13, "body": "bye", "attributes": {"till": 7}}))
    event_id = row.pop("event_id")
    assert event_id.startswith("log:")
    assert row == {
        "source": "observatory",
        "stream": "observatory",
        "event_type": "log.recorded",
        "original_type": "shop.closed",
        "severity": "medium",
        "occurred_at": START,
        "status": "unset",
        "trace_id": TRACE,
        "parent_span_id": SPAN,
        "service": "shop",
        "environment": "prod",
        "content": {"body": "bye"},
        "attributes": {
            "till": 7,
            "scope": "shop.till",
            "resource": {"host.name": "h1"},
            "dialect": "log/1",
        },
    }


@given(attributes=ATTRIBUTES, body=VALUE)
def test_both_encodings_give_the_same_event(attributes: Record, body: object) -> None:
    record = RECORD | {"attributes": attributes, "body": body}
    row = only(in_protobuf(record))
    assert row == only(in_json(record))
    assert row.get("content") == (None if body in (None, "") else {"body": body})
    assert {key: row["attributes"][key] for key in attributes} == attributes


@both
def test_a_record_without_a_time_has_that_of_its_observation(send: Any) -> None:
    assert only(send(RECORD | {"time": 0, "observed": START + 5}))["occurred_at"] == START + 5
    assert only(send(RECORD | {"observed": START + 5}))["occurred_at"] == START


@both
def test_a_record_without_any_time_is_refused_alone(send: Any) -> None:
    decoded = send(RECORD, RECORD | {"time": 0}, RECORD | {"span": ""})
    assert [(one.rejection.index, one.rejection.code) for one in decoded.refused] == [
        (1, "missing_time")
    ]
    assert len(decoded.rows) == 2
    assert sorted(map(decoded.place, range(2))) == [0, 2]


@both
@pytest.mark.parametrize(
    ("trace", "span", "kept"),
    [
        (TRACE, SPAN, (TRACE, SPAN)),
        (TRACE, SPAN[:-2], (TRACE, None)),
        (TRACE, "0" * 16, (TRACE, None)),
        (TRACE + "00", SPAN, (None, None)),
        ("0" * 32, SPAN, (None, None)),
        ("", "", (None, None)),
    ],
)
def test_an_id_that_is_none_is_dropped_and_the_event_kept(
    send: Any, trace: str, span: str, kept: tuple[str | None, str | None]
) -> None:
    row = only(send(RECORD | {"trace": trace, "span": span}))
    assert (row.get("trace_id"), row.get("parent_span_id")) == kept


def test_an_id_that_is_no_hex_is_dropped() -> None:
    assert "trace_id" not in only(in_json(RECORD | {"trace": "xyz"}))


@both
def test_a_record_sent_again_is_a_repeat_and_another_is_not(send: Any) -> None:
    others: list[Record] = [
        {"time": START + 1},
        {"span": "00f067aa0ba902b7"},
        {"name": "shop.opened"},
        {"severity": 9},
        {"body": "bye"},
        {"attributes": {"till": 7}},
        {"attributes": {"till": 8}},
    ]
    records = [RECORD, *(RECORD | other for other in others)]
    first, again = send(*records), send(*records[::-1])
    ids = {row["event_id"] for row in first.rows}
    assert len(ids) == len(records)
    assert {row["event_id"] for row in again.rows} == ids


@both
@pytest.mark.parametrize(
    ("number", "severity"),
    [(0, None), (1, "debug"), (8, "debug"), (9, "info"), (12, "info"), (13, "medium"),
     (17, "high"), (20, "high"), (21, "critical"), (24, "critical"), (25, None)],
)  # fmt: skip
def test_severity_is_read_from_the_number(send: Any, number: int, severity: str | None) -> None:
    assert only(send(RECORD | {"severity": number})).get("severity") == severity


@pytest.mark.parametrize(
    ("name", "severity"),
    [("SEVERITY_NUMBER_TRACE", "debug"), ("SEVERITY_NUMBER_INFO4", "info"),
     ("SEVERITY_NUMBER_WARN2", "medium"), ("SEVERITY_NUMBER_FATAL4", "critical"), ("WORSE", None)],
)  # fmt: skip
def test_severity_may_be_a_name_in_json(name: str, severity: str | None) -> None:
    assert only(in_json(RECORD | {"severity": name})).get("severity") == severity


@both
def test_an_empty_request_holds_nothing(send: Any) -> None:
    assert len(send().rows) == 0
    assert len(decode_otlp_logs(b"", PROTOBUF).rows) == 0


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"\xff\xff", PROTOBUF), (b"{", JSON), (b"[]", JSON),
     (b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[5]}]}]}', JSON)],
)  # fmt: skip
def test_what_is_no_request_is_refused(body: bytes, content_type: str) -> None:
    with pytest.raises(UndecodableError):
        decode_otlp_logs(body, content_type)


def test_other_content_types_are_refused() -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        decode_otlp_logs(b"", "text/plain")
