"""OTLP metrics to points: every kind, both forms, and points that are refused alone."""

import json
import math
from contextlib import suppress
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

from llm_analytics_hub.errors import UndecodableError, UnsupportedMediaTypeError
from llm_analytics_hub.ingest.codecs.otlp_metrics import decode_otlp_metrics
from llm_analytics_hub.ingest.metric_point import DecodedMetrics, Numbers

PROTOBUF, JSON = "application/x-protobuf", "application/json"
NANO = 1_000_000_000
TIMES = {"start_time_unix_nano": 5 * NANO, "time_unix_nano": 7 * NANO}
CUMULATIVE = 2
POINT = {**TIMES, "as_int": 3}
HISTOGRAM = {**TIMES, "count": 3, "sum": 1.5, "explicit_bounds": [1.0], "bucket_counts": [1, 2]}


def metric(kind: str, *points: dict[str, Any], **data: Any) -> dict[str, Any]:
    if kind not in {"gauge", "summary"}:
        data = {"aggregation_temporality": CUMULATIVE, **data}
    return {"name": "m", "unit": "s", kind: {"data_points": list(points), **data}}


def request(*metrics: dict[str, Any], **resource: str) -> ExportMetricsServiceRequest:
    attributes = [{"key": key, "value": {"string_value": text}} for key, text in resource.items()]
    scope = {"scope": {"name": "sdk"}, "metrics": list(metrics)}
    return ExportMetricsServiceRequest(
        resource_metrics=[{"resource": {"attributes": attributes}, "scope_metrics": [scope]}]
    )


def decoded(*metrics: dict[str, Any], **resource: str) -> DecodedMetrics:
    return decode_otlp_metrics(request(*metrics, **resource).SerializeToString(), PROTOBUF)


def numbers(*metrics: dict[str, Any]) -> Numbers:
    (point,) = decoded(*metrics).points
    return point.numbers


def refusals(*metrics: dict[str, Any]) -> list[tuple[int, str]]:
    return [(one.rejection.index, one.rejection.code) for one in decoded(*metrics).refused]


def test_a_point_names_its_instrument_resource_scope_and_labels() -> None:
    values = {
        "text": {"string_value": "a"}, "flag": {"bool_value": True}, "whole": {"int_value": 7},
        "part": {"double_value": 0.5}, "raw": {"bytes_value": b"ab"}, "none": {},
        "list": {"array_value": {"values": [{"int_value": 1}]}},
    }  # fmt: skip
    attributes = [{"key": key, "value": value} for key, value in values.items()]
    sent = metric("sum", {**POINT, "attributes": attributes}, is_monotonic=True)
    resource = {"service.name": "shop", "deployment.environment.name": "prod", "host": "h"}
    (point,) = decoded(sent, **resource).points
    instrument = point.instrument
    assert (instrument.name, instrument.unit, instrument.kind) == ("m", "s", "sum")
    assert (instrument.temporality, instrument.is_monotonic) == ("cumulative", True)
    assert (instrument.service, instrument.environment, instrument.scope) == ("shop", "prod", "sdk")
    assert (point.started_at, point.occurred_at) == (5_000_000, 7_000_000)
    assert dict(point.labels) == {
        "text": "a", "flag": "true", "whole": "7", "part": "0.5", "raw": "YWI=", "none": "",
        "list": "[1]",
    }  # fmt: skip


def test_another_process_of_the_same_service_is_another_series() -> None:
    one, other = (
        decoded(metric("sum", POINT), **{"service.name": "shop", "process.pid": pid}).points[0]
        for pid in "12"
    )
    assert one.instrument.identity != other.instrument.identity


def test_every_kind_is_read() -> None:
    assert numbers(metric("gauge", {**TIMES, "as_double": 0.5})) == Numbers(0.5)
    assert numbers(metric("sum", POINT)) == Numbers(3.0)
    assert numbers(metric("histogram", {**HISTOGRAM, "min": 0.1, "max": 2.0})) == Numbers(
        1.5, 3, 0.1, 2.0, (1.0,), (1, 2)
    )
    assert numbers(metric("histogram", {**TIMES, "count": 3})) == Numbers(None, 3)
    quantiles = [{"quantile": 0.5, "value": 4.0}, {"quantile": 0.9, "value": math.nan}]
    summary = {**TIMES, "count": 2, "sum": 9.0, "quantile_values": quantiles}
    assert numbers(metric("summary", summary)) == Numbers(9.0, 2, levels=(0.5,), quantiles=(4.0,))


def exponential(count: int, **columns: Any) -> dict[str, Any]:
    return metric("exponential_histogram", {**TIMES, "count": count, "sum": 1.0, **columns})


@pytest.mark.parametrize(
    ("sent", "bounds", "buckets"),
    [
        # Base 2: bucket 0 is (1, 2], bucket 1 is (2, 4].
        ({"scale": 0, "positive": {"offset": 0, "bucket_counts": [2, 1]}}, (0, 1, 2, 4), (0, 0, 2, 1, 0)),
        ({"scale": 1, "positive": {"offset": 2, "bucket_counts": [3]}}, (0, 2, 2**1.5), (0, 0, 3, 0)),
        ({"scale": -1, "positive": {"offset": -1, "bucket_counts": [3]}}, (0, 0.25, 1), (0, 0, 3, 0)),
        (
            {"scale": 0, "zero_count": 1, "positive": {"offset": 0, "bucket_counts": [1]},
             "negative": {"offset": 1, "bucket_counts": [1, 0]}},
            (-8, -4, -2, 0, 1, 2), (0, 0, 1, 1, 0, 1, 0),
        ),
        ({"scale": 0, "zero_count": 3}, (0,), (3, 0)),
        (
            {"scale": 0, "zero_threshold": 1, "positive": {"offset": 0, "bucket_counts": [3]}},
            (1, 2), (0, 3, 0),
        ),
    ],
)  # fmt: skip
def test_exponential_buckets_get_bounds(
    sent: dict[str, Any], bounds: tuple[float, ...], buckets: tuple[int, ...]
) -> None:
    found = numbers(exponential(3, **sent))
    assert found.bounds == pytest.approx(bounds)
    assert found.buckets == buckets


def test_a_bucket_joined_of_two_begins_and_ends_where_they_did() -> None:
    counts = [1] * 16
    fine = numbers(exponential(16, scale=3, positive={"offset": -8, "bucket_counts": counts}))
    coarse = numbers(exponential(16, scale=2, positive={"offset": -4, "bucket_counts": [2] * 8}))
    assert set(coarse.bounds) <= set(fine.bounds)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (metric("sum", {"as_int": 1}), "missing_time"),
        (metric("sum", {"as_int": 1, "time_unix_nano": 2**64 - 1}), "timestamp_out_of_range"),
        (metric("sum", {**POINT, "start_time_unix_nano": 8 * NANO}), "timestamp_out_of_range"),
        (metric("sum", TIMES), "missing_value"),
        (metric("gauge", {**TIMES, "as_double": math.nan}), "not_finite"),
        (metric("gauge", {**TIMES, "as_double": math.inf}), "not_finite"),
        (metric("histogram", {**HISTOGRAM, "sum": math.nan}), "not_finite"),
        (metric("histogram", {**HISTOGRAM, "bucket_counts": [3]}), "invalid_buckets"),
        (metric("histogram", {**HISTOGRAM, "bucket_counts": []}), "invalid_buckets"),
        (metric("histogram", {**HISTOGRAM, "count": 4}), "invalid_buckets"),
        (metric("histogram", {**HISTOGRAM, "explicit_bounds": [math.nan]}), "invalid_buckets"),
        (
            metric("histogram", {**HISTOGRAM, "explicit_bounds": [2, 1], "bucket_counts": [1, 1, 1]}),
            "invalid_buckets",
        ),
        (exponential(3, positive={"offset": 2**30, "bucket_counts": [3]}), "invalid_buckets"),
        (exponential(3, scale=-(2**31), zero_count=3, positive={"bucket_counts": [0]}), "invalid_buckets"),
        (exponential(3, scale=2**31 - 1, positive={"bucket_counts": [3]}), "invalid_buckets"),
        (metric("sum", POINT, aggregation_temporality=0), "missing_temporality"),
        ({**metric("sum", POINT), "name": ""}, "missing_name"),
    ],
)  # fmt: skip
def test_a_bad_point_is_refused_alone(sent: dict[str, Any], code: str) -> None:
    good = {**metric("gauge", POINT), "name": "good"}
    made = decoded(sent, good)
    assert [(one.rejection.index, one.rejection.code) for one in made.refused] == [(0, code)]
    assert [point.instrument.name for point in made.points] == ["good"]


def test_points_without_a_recorded_value_are_counted_and_left_out() -> None:
    made = decoded(metric("gauge", {**TIMES, "flags": 1}, POINT))
    assert (len(made.points), made.skipped, list(made.refused)) == (1, 1, [])


def test_json_gives_the_same_points() -> None:
    whole = request(
        metric("sum", POINT, is_monotonic=True), {**metric("histogram", HISTOGRAM), "name": "h"}
    )
    sent = MessageToDict(whole)
    first = sent["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["sum"]
    first["aggregationTemporality"] = 2  # as SDKs write it
    first["dataPoints"][0]["exemplars"] = [{"traceId": "a", "asDouble": None}]
    first["dataPoints"][0]["unknown"] = 1
    from_json = decode_otlp_metrics(json.dumps(sent).encode(), f"{JSON}; charset=utf-8")
    assert from_json == decode_otlp_metrics(whole.SerializeToString(), PROTOBUF)
    assert len(from_json.points) == 2


def test_other_content_types_are_refused() -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        decode_otlp_metrics(b"", "text/plain")


BAD_JSON = [b"", b"[]", b"1", b"{", b'{"resourceMetrics": 1}', b"[" * 100_000, b"\xff",
    b'{"resourceMetrics": [{"schemaUrl": 1e999}]}',
            b'{"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": 5}]}]}]}']  # fmt: skip


@pytest.mark.parametrize("body", BAD_JSON, ids=range(len(BAD_JSON)))
def test_json_that_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(UndecodableError):
        decode_otlp_metrics(body, JSON)


@given(body=st.binary(max_size=200), content_type=st.sampled_from([PROTOBUF, JSON]))
def test_any_bytes_are_points_or_refused(body: bytes, content_type: str) -> None:
    with suppress(UndecodableError):
        decode_otlp_metrics(body, content_type)
