"""A metrics request in JSON that cannot be read whole, read point by point."""

from collections.abc import Iterator
from typing import Any, Final

from google.protobuf.json_format import ParseDict, ParseError
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from llm_analytics_hub.ingest.codecs.notes import Fault, Notes

Object = dict[str, Any]

JSON_FAULTS: Final = (
    ParseError, ValueError, TypeError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip
"""What protobuf's JSON reader raises, and what it lets through of values it does not expect."""

_KINDS: Final = ("gauge", "sum", "histogram", "exponentialHistogram", "summary")


def read_pieces(read: Object, notes: Notes) -> ExportMetricsServiceRequest:
    """The request; the points that cannot be read are empty, and refused by the notes.

    Raises: TypeError where it is not made of objects and lists as it should be.
    """
    pieces = _Pieces(notes)
    request = ExportMetricsServiceRequest()
    for of_resource in _objects(read, "resourceMetrics"):
        made = request.resource_metrics.add()
        fault = _parse(of_resource.get("resource"), made.resource)
        for of_scope in _objects(of_resource, "scopeMetrics"):
            scope = made.scope_metrics.add()
            of_both = fault or _parse(of_scope.get("scope"), scope.scope)
            for metric in _objects(of_scope, "metrics"):
                pieces.take(metric, scope.metrics.add(), of_both)
    return request


class _Pieces:
    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._place = 0

    def take(self, metric: Object, made: Metric, fault: Fault | None) -> None:
        for kind in _KINDS:
            if isinstance(metric.get(kind), dict):
                without = {**metric, kind: {**metric[kind], "dataPoints": []}}
                fault = fault or _parse(without, made)
                field = "exponential_histogram" if kind == "exponentialHistogram" else kind
                points = getattr(made, field).data_points
                for point in _objects(metric[kind], "dataPoints"):
                    self._point(point, points.add(), fault)

    def _point(self, point: Object, made: Any, fault: Fault | None) -> None:
        fault = fault or _parse(point, made)
        if fault is not None:
            made.Clear()
            self._notes.faults[self._place] = fault
        self._place += 1


def _parse(read: Object | None, message: Any) -> Fault | None:
    """Fill `message`; why that cannot be done, if so."""
    try:
        ParseDict(read or {}, message, ignore_unknown_fields=True)
    except JSON_FAULTS as error:
        return Fault("undecodable", f"a value cannot be read: {error}")
    return None


def _objects(of: Object, name: str) -> Iterator[Object]:
    for one in of.get(name) or ():
        if not isinstance(one, dict):
            raise TypeError(f"{name} holds something else than objects")
        yield one
