"""What wraps an alert: the envelope of the webhook, and a reply with one alert for data."""

from collections.abc import Iterable, Sequence

from llm_analytics_hub.integrations.integration import Shape, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, read

ENVELOPE: Columns = {"original_type": "event_type"}
NAMES: Columns = {"delivered_at": "timestamp", "request_id": "request_id"}
"""The time of the envelope is that of the way, not of the anomaly; its signature was for the way too."""


def wrapped(shapes: Sequence[Shape]) -> Shape:
    """The shape of a message whose `data` is of one of these shapes."""

    def inside(message: Message) -> tuple[Message, Shape] | None:
        data = message.document.get("data")
        if not isinstance(data, dict):
            return None
        inner = Message(data, message.received_at, message.subject)
        shape = next((one for one in shapes if one.matches(inner)), None)
        return None if shape is None else (inner, shape)

    def events(message: Message) -> Iterable[Row]:
        found = inside(message)
        return [_unwrapped(row, message) for row in found[1].events(found[0])] if found else []

    return Shape("wrapped alert", lambda message: inside(message) is not None, events)


def _unwrapped(row: Row, message: Message) -> Row:
    """The event, with what its envelope says."""
    reading = Reading(message.document)
    told = row.get("attributes")
    said = {**read(reading, ENVELOPE), **row}
    return with_rest(said, {**read(reading, NAMES), **(told if isinstance(told, dict) else {})})
