"""Metric points from a broken clock: refused, or all that follow in their series would be repeats."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime

from llm_analytics_hub.ingest.dead_letters import payload_of
from llm_analytics_hub.ingest.metric_point import DecodedMetrics, MetricPoint
from llm_analytics_hub.ingest.receipt import Rejection
from llm_analytics_hub.ingest.submission import Refused
from llm_analytics_hub.normalize.normalizer import MAX_AHEAD

_MICROSECONDS = 1_000_000


def without_future(decoded: DecodedMetrics, received_at: datetime) -> DecodedMetrics:
    """The same with points over MAX_AHEAD ahead of the hub's clock among the refused."""
    latest = int((received_at + MAX_AHEAD).timestamp()) * _MICROSECONDS
    ahead = {number for number, point in enumerate(decoded.points) if point.occurred_at > latest}
    if not ahead:
        return decoded
    kept = [number for number in range(len(decoded.points)) if number not in ahead]
    refused = [*decoded.refused, *_refused(decoded, sorted(ahead))]
    return replace(
        decoded,
        points=[decoded.points[number] for number in kept],
        places=[decoded.place(number) for number in kept],
        refused=sorted(refused, key=lambda one: one.rejection.index),
    )


def _refused(decoded: DecodedMetrics, numbers: list[int]) -> Iterator[Refused]:
    for number in numbers:
        message = "the time is over a day ahead of the hub"
        rejection = Rejection(decoded.place(number), "timestamp_in_future", message)
        yield Refused(rejection, _payload(decoded.points[number]))


def _payload(point: MetricPoint) -> str:
    instrument = point.instrument
    named = {"metric": instrument.name, "kind": instrument.kind, "service": instrument.service}
    times = {"started_at": point.started_at, "occurred_at": point.occurred_at}
    said = {"attributes": dict(point.labels), **times, **asdict(point.numbers)}
    return payload_of({**named, **said})
