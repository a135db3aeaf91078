"""The metrics of an OTLP request, each with what its points share."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.ingest.codecs.limits import check_items
from llm_analytics_hub.ingest.codecs.metric_texts import Labels, MetricTexts
from llm_analytics_hub.ingest.codecs.otlp_resource import to_resource
from llm_analytics_hub.ingest.metric_point import Instrument
from llm_analytics_hub.model.metric import CUMULATIVE, DELTA

_TEMPORALITIES: Final = {
    AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA: DELTA,
    AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE: CUMULATIVE,
}


@dataclass(frozen=True)
class SentMetric:
    """One metric: its points as messages, and their instrument, or why it is none.

    `repaired`: a text of the instrument or its resource was no UTF-8.
    """

    name: bytes
    kind: str
    points: Sequence[Any]
    instrument: Instrument | InvalidInputError
    repaired: bool


def sent_metrics(request: Any, texts: MetricTexts) -> Iterator[SentMetric]:
    """All metrics of a request that hold points, in their order.

    Raises: TooLargeError for more metrics, or messages around them, than a request may have items.
    """
    seen = len(request.resource_metrics)
    check_items(seen)
    for of_resource in request.resource_metrics:
        texts.repaired = False
        resource = _resource(of_resource.resource, texts)
        is_repaired = texts.repaired
        seen += len(of_resource.scope_metrics)
        for of_scope in of_resource.scope_metrics:
            seen += len(of_scope.metrics)
            check_items(seen)
            for metric in of_scope.metrics:
                kind = metric.WhichOneof("data")
                if kind:
                    texts.repaired = is_repaired
                    made = _instrument(metric, kind, resource, of_scope.scope, texts)
                    points = getattr(metric, kind).data_points
                    yield SentMetric(metric.name, kind, points, made, texts.repaired)


def _resource(resource: Any, texts: MetricTexts) -> Labels | InvalidInputError:
    try:
        return texts.labels(resource.attributes)
    except InvalidInputError as error:
        return error


def _instrument(
    metric: Any, kind: str, resource: Labels | InvalidInputError, scope: Any, texts: MetricTexts
) -> Instrument | InvalidInputError:
    if isinstance(resource, InvalidInputError):
        return resource
    try:
        named = [texts.name(raw) for raw in (metric.name, metric.unit, scope.name, scope.version)]
        made = _named(getattr(metric, kind), kind, named, resource)
    except InvalidInputError as error:
        return error
    return _fault(made) or made


def _named(data: Any, kind: str, named: Sequence[str], resource: Labels) -> Instrument:
    name, unit, scope, version = named
    columns = to_resource(dict[str, object](resource)).columns
    # A summary counts from its start, as Prometheus' do; it has no field that says so.
    temporality = CUMULATIVE if kind == "summary" else ""
    if hasattr(data, "aggregation_temporality"):
        temporality = _TEMPORALITIES.get(data.aggregation_temporality, "unspecified")
    rises = kind == "sum" and data.is_monotonic
    identity = [name, unit, kind, temporality, rises, scope, version, sorted(resource.items())]
    return Instrument(
        name=name,
        unit=unit,
        kind=kind,
        temporality=temporality,
        is_monotonic=rises,
        service=_column(columns, "service"),
        environment=_column(columns, "environment"),
        scope=scope,
        identity=json.dumps(identity),
    )


def _column(columns: Mapping[str, object], name: str) -> str | None:
    value = columns.get(name)
    return str(value) if value else None


def _fault(instrument: Instrument) -> InvalidInputError | None:
    if not instrument.name:
        return InvalidInputError("the metric has no name", code="missing_name")
    if instrument.temporality == "unspecified":
        message = f"{instrument.name} is neither delta nor cumulative"
        return InvalidInputError(message, code="missing_temporality")
    return None
