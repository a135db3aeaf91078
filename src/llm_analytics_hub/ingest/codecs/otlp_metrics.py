"""OTLP metrics to points: the codec of `POST /v1/metrics`, protobuf and JSON.

A point that cannot be stored is refused alone. By the generated classes: a request has as many
points as an application has series, not as many as it has calls.
"""

import json
import math
from collections.abc import Iterator
from typing import Any, Final

from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, DataPointFlags

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.ingest.codecs.any_value import array_value, bytes_value, kvlist_value
from llm_analytics_hub.ingest.codecs.metric_buckets import explicit_buckets, exponential_buckets
from llm_analytics_hub.ingest.codecs.otlp_metrics_body import read_metrics_request
from llm_analytics_hub.ingest.codecs.otlp_resource import to_resource
from llm_analytics_hub.ingest.metric_point import DecodedMetrics, Instrument, MetricPoint, Numbers
from llm_analytics_hub.ingest.receipt import Rejection
from llm_analytics_hub.model.metric import CUMULATIVE, DELTA

_TEMPORALITIES: Final = {
    AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA: DELTA,
    AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE: CUMULATIVE,
}
_NOT_RECORDED: Final = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK
_LATEST: Final = 7_258_118_400_000_000
"""2200-01-01 in microseconds: later moments have no place in the store."""


def decode_otlp_metrics(body: bytes, content_type: str) -> DecodedMetrics:
    """The points of an `ExportMetricsServiceRequest`; those that cannot be stored beside them.

    Raises: UndecodableError for bytes that are not such a request, UnsupportedMediaTypeError for
    a content type other than `application/x-protobuf` and `application/json`.
    Source: OpenTelemetry protocol, OTLP/HTTP; OTLP metrics data model.
    """
    points: list[MetricPoint] = []
    refused: list[Rejection] = []
    index = skipped = 0
    for instrument, sent, fault in _metrics(read_metrics_request(body, content_type)):
        for point in sent:
            if point.flags & _NOT_RECORDED:
                skipped += 1
            else:
                try:
                    points.append(_point(instrument, point, fault))
                except InvalidInputError as error:
                    refused.append(Rejection(index, error.code, error.message))
            index += 1
    return DecodedMetrics(points, refused, skipped)


def _metrics(request: Any) -> Iterator[tuple[Instrument, Any, InvalidInputError | None]]:
    """Each metric with its points, and why none of them can be stored, if so."""
    for of_resource in request.resource_metrics:
        attributes = dict(_labels(of_resource.resource.attributes))
        kinds: dict[tuple[str, str], str] = {}
        for of_scope in of_resource.scope_metrics:
            for metric in of_scope.metrics:
                kind = metric.WhichOneof("data")
                if kind:
                    instrument = _instrument(metric, kind, attributes, of_scope.scope)
                    first = kinds.setdefault((instrument.scope, instrument.name), instrument.kind)
                    yield instrument, getattr(metric, kind).data_points, _fault(instrument, first)


def _instrument(metric: Any, kind: str, attributes: dict[str, str], scope: Any) -> Instrument:
    data = getattr(metric, kind)
    columns = to_resource(dict(attributes)).columns
    # A summary counts from its start, as Prometheus' do; it has no field that says so.
    temporality = CUMULATIVE if kind == "summary" else ""
    if hasattr(data, "aggregation_temporality"):
        temporality = _TEMPORALITIES.get(data.aggregation_temporality, "unspecified")
    rises = kind == "sum" and data.is_monotonic
    named = [metric.name, metric.unit, kind, temporality, rises, scope.name, scope.version]
    return Instrument(
        name=metric.name,
        unit=metric.unit,
        kind=kind,
        temporality=temporality,
        is_monotonic=rises,
        service=_text_or_none(columns.get("service")),
        environment=_text_or_none(columns.get("environment")),
        scope=scope.name,
        identity=json.dumps([*named, sorted(attributes.items())]),
    )


def _fault(instrument: Instrument, first_kind: str) -> InvalidInputError | None:
    if not instrument.name:
        return InvalidInputError("the metric has no name", code="missing_name")
    if instrument.kind != first_kind:
        message = f"{instrument.name} was a {first_kind} before, and is a {instrument.kind} now"
        return InvalidInputError(message, code="metric_type_changed")
    if instrument.temporality == "unspecified":
        message = f"{instrument.name} is neither delta nor cumulative"
        return InvalidInputError(message, code="missing_temporality")
    return None


def _point(instrument: Instrument, point: Any, fault: InvalidInputError | None) -> MetricPoint:
    if fault is not None:
        raise fault
    moment, start = point.time_unix_nano // 1000, point.start_time_unix_nano // 1000
    if moment <= 0:
        raise InvalidInputError("the point has no time", code="missing_time")
    if moment >= _LATEST or start > moment:
        message = "the time is after 2199" if moment >= _LATEST else "the start is after the time"
        raise InvalidInputError(message, code="timestamp_out_of_range")
    labels = tuple(sorted(dict(_labels(point.attributes)).items()))
    numbers = _NUMBERS[instrument.kind](point)
    said = (numbers.value, numbers.min, numbers.max, *numbers.levels)
    if not all(number is None or math.isfinite(number) for number in said):
        raise InvalidInputError("a number of the point is NaN or infinite", code="not_finite")
    return MetricPoint(instrument, labels, start, moment, numbers)


def _number(point: Any) -> Numbers:
    kind = point.WhichOneof("value")
    if kind is None:
        raise InvalidInputError("the point has no value", code="missing_value")
    return Numbers(float(getattr(point, kind)))


def _distribution(point: Any) -> Numbers:
    total, low, high = (
        getattr(point, name) if point.HasField(name) else None for name in ("sum", "min", "max")
    )
    exponential = hasattr(point, "scale")
    bounds, buckets = exponential_buckets(point) if exponential else explicit_buckets(point)
    return Numbers(total, point.count, low, high, bounds, buckets)


def _summary(point: Any) -> Numbers:
    # A quantile of nothing is NaN: left out, it is not the point's fault.
    known = [at for at in point.quantile_values if math.isfinite(at.value)]
    levels = tuple(at.quantile for at in known)
    return Numbers(point.sum, point.count, levels=levels, quantiles=tuple(at.value for at in known))


_NUMBERS: Final = {
    "sum": _number,
    "gauge": _number,
    "histogram": _distribution,
    "exponential_histogram": _distribution,
    "summary": _summary,
}


def _labels(attributes: Any) -> Iterator[tuple[str, str]]:
    return ((pair.key, _text(pair.value)) for pair in attributes)


def _text(value: Any) -> str:
    """An attribute's value as text; lists and maps as JSON."""
    match value.WhichOneof("value"):
        case None:
            return ""
        case "string_value":
            return str(value.string_value)
        case "bool_value":
            return "true" if value.bool_value else "false"
        case "bytes_value":
            return bytes_value(value.bytes_value)
        case "array_value":
            return json.dumps(array_value(value.array_value.SerializeToString()))
        case "kvlist_value":
            return json.dumps(kvlist_value(value.kvlist_value.SerializeToString()))
        case kind:
            return str(getattr(value, kind))


def _text_or_none(value: object) -> str | None:
    return str(value) if value else None
