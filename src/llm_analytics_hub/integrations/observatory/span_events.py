"""Events within a span: when the first token came, and what else they carry."""

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.integrations.reading import Reading, Row
from llm_analytics_hub.normalize.timestamps import parse_timestamp

FIRST = "llm.first_token"


def first_token_ms(reading: Reading, start: object) -> float | None:
    """Milliseconds from `start` to the first token, where an event tells of it; none is taken."""
    moments = [event.get("timestamp") for event in _events(reading) if _is_first(event)]
    try:
        waited = [parse_timestamp(moment) - parse_timestamp(start) for moment in moments]
    except InvalidInputError:
        return None
    return min((one / 1000 for one in waited if one >= 0), default=None)


def span_events(reading: Reading) -> Row:
    """The events that carry something, which may be a prompt or an answer; the others stay."""
    carried = [event for event in _events(reading) if event.get("attributes")]
    bare = [event for event in _events(reading) if not event.get("attributes")]
    if carried:
        reading.rest["events"] = bare or None
    return {"span_events": carried} if carried else {}


def _events(reading: Reading) -> list[Row]:
    events = reading.see("events")
    return (
        [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []
    )


def _is_first(event: Row) -> bool:
    return event.get("name") == FIRST
