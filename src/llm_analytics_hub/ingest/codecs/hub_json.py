"""The body of `POST /api/v1/events`: canonical events, the historic envelopes, CloudEvents."""

from datetime import datetime

from llm_analytics_hub.errors import UndecodableError, UnsupportedMediaTypeError
from llm_analytics_hub.ingest.codecs.cloudevents import from_cloud_event, is_cloud_event
from llm_analytics_hub.ingest.codecs.envelopes import ENVELOPE_MEMBERS, from_envelope
from llm_analytics_hub.ingest.codecs.json_body import decode_json, decode_lines, objects
from llm_analytics_hub.ingest.codecs.plain_events import plain_columns
from llm_analytics_hub.ingest.submission import Decoded, DecodedAgain

JSON_TYPES = frozenset({
    "application/json", "text/json", "application/cloudevents+json",
    "application/cloudevents-batch+json",
})  # fmt: skip
LINE_TYPES = frozenset({
    "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
})  # fmt: skip
_FOREIGN_MEMBERS = ENVELOPE_MEMBERS | {"specversion"}


def packed_events(body: bytes, content_type: str, received_at: datetime) -> Decoded:
    """What `decode_events` gives, as columns; rows are decoded again where they are wanted."""

    def again() -> Decoded:
        return decode_events(body, content_type, received_at)

    media_type = _media_type(content_type)
    if media_type in JSON_TYPES | LINE_TYPES:
        columns = plain_columns(body, lines=media_type in LINE_TYPES)
        if columns is not None:
            return Decoded(DecodedAgain(columns.size, lambda: again().rows), made=columns)
    return again().packed(again)


def decode_events(body: bytes, content_type: str, received_at: datetime) -> Decoded:
    """Raw events of a body: one, an array, `{"events": […]}`, or one a line.

    Raises: UnsupportedMediaTypeError; UndecodableError where nothing can be read at all.
    """
    media_type = _media_type(content_type)
    if media_type in LINE_TYPES:
        values, places, refused = decode_lines(body)
        decoded = objects(values, places)
        decoded = Decoded(decoded.rows, decoded.places, [*refused, *decoded.refused])
    elif media_type in JSON_TYPES:
        decoded = objects(_events(decode_json(body)))
    else:
        known = ", ".join(sorted(JSON_TYPES | LINE_TYPES))
        message = f"content type {media_type[:80]!r} is none of {known}"
        raise UnsupportedMediaTypeError(message)
    return _unwrapped(decoded, received_at)


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower() or "application/json"


def _events(value: object) -> list[object]:
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        raise UndecodableError("the body is no event, no array of events and no lines of events")
    events = value.get("events")
    return events if isinstance(events, list) and "event_type" not in value else [value]


def _unwrapped(decoded: Decoded, received_at: datetime) -> Decoded:
    """Envelopes opened; a request of canonical events, the common one, is passed on as it is."""
    names = frozenset().union(*decoded.rows)
    if not names & _FOREIGN_MEMBERS:
        return decoded
    rows = [
        from_cloud_event(row, received_at) if is_cloud_event(row) else from_envelope(row)
        for row in decoded.rows
    ]
    return Decoded(rows, decoded.places, decoded.refused)
