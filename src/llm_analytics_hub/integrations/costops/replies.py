"""What CostOps answers: what became of a batch, statistics, and replies that wrap one thing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from llm_analytics_hub.integrations.integration import Shape, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.metric_names import unit_of
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, constant, read

INGESTED: Columns = {
    "event_type": constant("usage.ingested"),
    "occurred_at": "processed_at",
    "status": "status",
    "correlation_id": "request_id",
    "value": lambda reading: reading.see("rejected"),
    "unit": constant("records"),
}


def ingested(message: Message) -> Iterable[Row]:
    """What became of a batch; its value is how many records were rejected.

    A single record and its reply share the request's id: the event has another.
    """
    reading = Reading(message.document)
    row = read(reading, INGESTED)
    if "correlation_id" in row:
        row["event_id"] = f"{row['correlation_id']}:ingested"
    return [with_rest(row, reading.rest)]


ANALYTICS: Columns = {
    "event_type": constant("usage.summarized"),
    "value": "summary.total_requests",
    "unit": constant("requests"),
}


def analytics(message: Message) -> Iterator[Row]:
    """The summary, and one event for each number of the series. Their costs have no currency."""
    reading = Reading(message.document)
    series, row = reading.take("time_series"), read(reading, ANALYTICS)
    reading.open("summary")
    yield with_rest(row, reading.rest)
    for point in series if isinstance(series, list) else ():
        if isinstance(point, dict):
            yield from _numbers(Reading(point))


def _numbers(reading: Reading) -> Iterator[Row]:
    metrics, row = reading.take("metrics"), read(reading, {"occurred_at": "timestamp"})
    for metric, value in metrics.items() if isinstance(metrics, dict) else ():
        told = {"value": value, "unit": unit_of(metric), "original_type": metric}
        recorded = {"event_type": "metrics.collected", **row, **told}
        yield with_rest(recorded, {**reading.rest, "metric": metric})


BATCH_REPLY = Shape("reply to a batch", has("accepted", "rejected", "processed_at"), ingested)
ANALYTICS_REPLY = Shape("analytics", has("time_series", "summary"), analytics)


def wrapped(shapes: Sequence[Shape]) -> Shape:
    """The shape of `{data: …}` around one of `shapes`."""

    def found(message: Message) -> tuple[Shape, Message] | None:
        data = message.document.get("data")
        if not isinstance(data, dict):
            return None
        inner = replace(message, document=data)
        return next(((one, inner) for one in shapes if one.matches(inner)), None)

    def events(message: Message) -> Iterable[Row]:
        shape, inner = found(message) or (None, message)
        return [] if shape is None else shape.events(inner)

    return Shape("reply", lambda message: found(message) is not None, events)
