"""OTLP metrics to points: the codec of `POST /v1/metrics`, protobuf and JSON.

A point that cannot be stored is refused alone. By protobuf's own classes: a request has as many
points as an application has series, not as many as it has calls.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from opentelemetry.proto.metrics.v1.metrics_pb2 import DataPointFlags

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.ingest.codecs.limits import check_items
from llm_analytics_hub.ingest.codecs.metric_numbers import to_numbers
from llm_analytics_hub.ingest.codecs.metric_payload import sent_payload
from llm_analytics_hub.ingest.codecs.metric_sent import SentMetric, sent_metrics
from llm_analytics_hub.ingest.codecs.metric_texts import MetricTexts
from llm_analytics_hub.ingest.codecs.notes import INVALID_UTF8, Fault, Notes
from llm_analytics_hub.ingest.codecs.otlp_metrics_body import read_metrics_request
from llm_analytics_hub.ingest.metric_point import DecodedMetrics, Instrument, MetricPoint
from llm_analytics_hub.ingest.receipt import Rejection
from llm_analytics_hub.ingest.submission import Refused

_NOT_RECORDED: Final = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK
_LATEST: Final = 7_258_118_400_000_000
"""2200-01-01 in microseconds: later moments have no place in the store."""


def decode_otlp_metrics(body: bytes, content_type: str) -> DecodedMetrics:
    """The points of an `ExportMetricsServiceRequest`; those that cannot be stored beside them.

    Text that is no UTF-8 is repaired, and the answer says so.
    Raises: UndecodableError for bytes that are not such a request, UnsupportedMediaTypeError for
    a content type other than `application/x-protobuf` and `application/json`, TooLargeError for
    more than a request may hold (`limits`).
    Source: OpenTelemetry protocol, OTLP/HTTP; OTLP metrics data model.
    """
    notes = Notes()
    texts = MetricTexts(notes)
    sieve = _Sieve(texts, notes)
    for metric in sent_metrics(read_metrics_request(body, content_type, notes), texts):
        check_items(sieve.place + len(metric.points))
        for point in metric.points:
            sieve.take(metric, point)
    return DecodedMetrics(sieve.points, sieve.refused, sieve.skipped, sieve.places, sieve.repaired)


@dataclass
class _Sieve:
    """The points of one request so far, and what became of them."""

    texts: MetricTexts
    notes: Notes
    place: int = 0
    skipped: int = 0
    points: list[MetricPoint] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    repaired: list[Rejection] = field(default_factory=list)

    def take(self, metric: SentMetric, point: Any) -> None:
        unread = self.notes.faults.get(self.place)
        if unread is not None:
            self._refuse(unread, metric, point)
        elif point.flags & _NOT_RECORDED:
            self.skipped += 1
        else:
            self._sort(metric, point)
        self.place += 1

    def _sort(self, metric: SentMetric, point: Any) -> None:
        self.texts.repaired = metric.repaired
        try:
            made = _point(metric.instrument, point, self.texts)
        except InvalidInputError as error:
            self._refuse(Fault(error.code, error.message), metric, point)
            return
        self.points.append(made)
        self.places.append(self.place)
        if self.texts.repaired:
            self.repaired.append(Rejection(self.place, *INVALID_UTF8))

    def _refuse(self, fault: Fault, metric: SentMetric, point: Any) -> None:
        rejection = Rejection(self.place, *fault)
        self.refused.append(Refused(rejection, sent_payload(metric, point)))


def _point(
    instrument: Instrument | InvalidInputError, point: Any, texts: MetricTexts
) -> MetricPoint:
    if isinstance(instrument, InvalidInputError):
        raise instrument
    moment, start = point.time_unix_nano // 1000, point.start_time_unix_nano // 1000
    if moment <= 0:
        raise InvalidInputError("the point has no time", code="missing_time")
    if moment >= _LATEST or start > moment:
        message = "the time is after 2199" if moment >= _LATEST else "the start is after the time"
        raise InvalidInputError(message, code="timestamp_out_of_range")
    labels = tuple(sorted(texts.labels(point.attributes).items()))
    return MetricPoint(instrument, labels, start, moment, to_numbers(instrument, point))
